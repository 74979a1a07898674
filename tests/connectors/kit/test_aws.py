"""Requests to AWS are signed as its published vectors say, and as they are sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from connectors.kit.auth.aws import AwsAuth, Keys, authorization
from connectors.kit.wire.http import Api

KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
URL, AT = "https://example.amazonaws.com/", "20150830T123600Z"


@pytest.mark.parametrize(
    ("_case", "method", "query", "signature"),
    [
        ("get-vanilla", "GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("post-vanilla", "POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "get-vanilla-query-order-key-case", "GET", "?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)  # fmt: skip
def test_the_vectors_that_aws_publishes_are_met(_case: str, method: str, query: str, signature: str) -> None:
    headers = {"host": "example.amazonaws.com", "x-amz-date": AT}
    assert authorization(KEYS, method, f"{URL}{query}", headers, b"") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


@responses.activate
def test_a_request_is_signed_with_the_headers_and_the_body_that_are_sent() -> None:
    responses.post(URL, json={})
    auth = AwsAuth(KEYS, now=lambda: datetime(2015, 8, 30, 12, 36, tzinfo=UTC))
    told = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ReceiveMessage"}
    Api(URL, auth=auth).call("POST", "/", data=b"{}", headers=told)
    (call,) = responses.calls
    sent = call.request.headers
    assert (sent["X-Amz-Date"], sent["Host"]) == (AT, "example.amazonaws.com")
    headers = {name.lower(): str(text) for name, text in sent.items()}
    signed = str(sent["Authorization"])
    assert signed == authorization(KEYS, "POST", URL, headers, b"{}")
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-target," in signed
    assert signed != authorization(KEYS, "POST", URL, headers, b"{ }")
    assert signed != authorization(KEYS, "POST", URL, headers | {"x-amz-target": "AmazonSQS.Other"}, b"{}")
