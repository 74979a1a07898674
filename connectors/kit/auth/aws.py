"""Signs requests to AWS services: Signature Version 4, with the keys of an IAM user.

Source: "Create a signed AWS API request" (IAM User Guide); its published vectors are met in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

import requests
from requests.auth import AuthBase

from hub.ports.clock import utc_now

METHOD = "AWS4-HMAC-SHA256"
SIGNED = frozenset({"content-type", "host", "x-amz-date", "x-amz-target"})


class Keys(NamedTuple):
    """Access key and secret of an IAM user, and where they sign: a region and a service, such as us-east-1, sqs."""

    access_key: str
    secret_key: str
    region: str
    service: str


def authorization(keys: Keys, method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """The `Authorization` header of a request. `headers`: names in lower case, `host` and `x-amz-date` among them."""
    signed = {name: " ".join(text.split()) for name, text in sorted(headers.items()) if name in SIGNED}
    names, parts = ";".join(signed), urlsplit(url)
    query = "&".join(f"{_coded(name)}={_coded(text)}" for name, text in sorted(parse_qsl(parts.query, True)))
    lines = "".join(f"{name}:{text}\n" for name, text in signed.items())
    asked = "\n".join((method, parts.path or "/", query, lines, names, hashlib.sha256(body).hexdigest()))
    at = headers["x-amz-date"]
    scope = f"{at[:8]}/{keys.region}/{keys.service}/aws4_request"
    told = "\n".join((METHOD, at, scope, hashlib.sha256(asked.encode()).hexdigest()))
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, told.encode(), "sha256").hexdigest()
    return f"{METHOD} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"


class AwsAuth(AuthBase):
    """Signs each request. `now`: aware UTC now."""

    def __init__(self, keys: Keys, now: Callable[[], datetime] = utc_now) -> None:
        self._keys, self._now = keys, now

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url, body = str(request.url), request.body or b""
        request.headers["Host"] = urlsplit(url).netloc
        request.headers["X-Amz-Date"] = f"{self._now():%Y%m%dT%H%M%SZ}"
        headers = {name.lower(): str(text) for name, text in request.headers.items()}
        sent = body.encode() if isinstance(body, str) else bytes(body)
        request.headers["Authorization"] = authorization(self._keys, str(request.method), url, headers, sent)
        return request


def _coded(text: str) -> str:
    return quote(text, safe="-_.~")
