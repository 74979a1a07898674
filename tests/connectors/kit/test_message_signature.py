"""Signed requests: eBay's published vector is met byte for byte, requests without a body are signed too."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.kit.auth.message_signature import MessageSigned, private_key, signed_text, signed_with_key
from connectors.kit.wire.http import Bearer
from hub.canonical.errors import Misconfigured

KEY = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
JWE = (
    "eyJ6aXAiOiJERUYiLCJlbmMiOiJBMjU2R0NNIiwidGFnIjoiSGdLcjNSSWFlZll0Mkd4blBUUTEwUSIsImFsZyI6IkEyNTZHQ01LVyIsIml2Ijoi"
    "QTVOQXFYUXlITkNIT01GVSJ9.z3JcS0vvxrYboqpySAq_Znww-3V6AllxmJP5JEMkuLY.K1f4MVMEc8ylbfSS.fASwJyMCk2tXZsNWk13IcuVgSW"
    "TOcynSdAoJrK4WApZANlxAP9J0qr0Jz_4aFldFDSZ5tfuxLGqzJmWU7CiZWwNjk2XoVy8q5ogMrFNFwFXP4SrX1XORhNLZPTyS5DEqLDPYn2NX94"
    "4xendEwfcxxXsTSeNCUnmSyfitiscUC04GYOfn0UWQ2buSWx7Yod0IR2GtTGUsM9o3J-riuNDKhw.rRsWM1Sl_2stTnZLJkWVmQ"
)
"""Source of keys, request and signature: README of eBay/digital-signature-verification-ebay-api (Apache-2.0)."""
KEYS = {"signing_key": KEY, "signing_jwe": JWE}


def signed(method: str, url: str, **more: Any) -> requests.PreparedRequest:
    auth = MessageSigned(Bearer("t"), private_key(KEY), ("x-ebay-signature-key", JWE), now=lambda: 1659651955.9)
    return requests.Request(method, url, auth=auth, **more).prepare()


def test_the_published_request_is_signed_byte_for_byte() -> None:
    headers = signed("POST", "http://localhost:8080/verifysignature", data=b'{"hello": "world"}').headers
    assert headers["Content-Digest"] == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
    assert headers["Signature-Input"] == (
        'sig1=("content-digest" "x-ebay-signature-key" "@method" "@path" "@authority");created=1659651955'
    )
    assert headers["Signature"] == (
        "sig1=:uunxYrXKC8KaoupD5D1DKdmQmrOhz6b4Xbhb3o9d4x4xFIpg++XzEZztOyeOI59rMMjM3NIcFgxBH0c1ckpfBw==:"
    )
    assert (headers["x-ebay-signature-key"], headers["Authorization"]) == (JWE, "Bearer t")


def test_a_request_without_a_body_has_no_digest_and_an_usual_port_is_left_out() -> None:
    request = signed("GET", "https://API.ebay.com:443/sell/order?limit=1")
    assert "Content-Digest" not in request.headers
    assert request.headers["Signature-Input"] == (
        'sig1=("x-ebay-signature-key" "@method" "@path" "@authority");created=1659651955'
    )
    parts = {"x-ebay-signature-key": JWE, "@method": "GET", "@path": "/sell/order", "@authority": "api.ebay.com"}
    _, text = signed_text(parts, 1659651955)
    assert text.splitlines()[1:4] == ['"@method": GET', '"@path": /sell/order', '"@authority": api.ebay.com']


@pytest.mark.parametrize("text", [f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n", f" {KEY}\n"])
def test_a_key_is_read_with_and_without_its_frame(text: str) -> None:
    assert private_key(text).private_bytes_raw() == private_key(KEY).private_bytes_raw()


@pytest.mark.parametrize("text", ["", "no key", "AAAA", "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="])
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        private_key(text)


def test_requests_are_signed_where_there_is_a_key_and_only_there() -> None:
    inner = Bearer("t")
    assert signed_with_key(inner, {"signing_key": " ", "other": "x"}, "x-key") is inner
    signed = requests.Request("GET", "https://a.example/x", auth=signed_with_key(inner, KEYS, "x-key")).prepare()
    assert (signed.headers["Authorization"], signed.headers["x-key"]) == ("Bearer t", JWE)
    assert '"x-key"' in signed.headers["Signature-Input"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"signing_key": ""}, "set both signing_key and signing_jwe"),
        ({"signing_jwe": " "}, "set both signing_key and signing_jwe"),
        ({"signing_key": "canary"}, "signing_key is no Ed25519 private key: copy it whole"),
    ],
)
def test_half_a_key_or_none_at_all_is_told_without_showing_it(changed: dict[str, str], said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        signed_with_key(Bearer("t"), {**KEYS, **changed}, "x-key")
    assert "canary" not in str(caught.value)
