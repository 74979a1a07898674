"""OAuth 1.0a with HMAC-SHA256 (RFC 5849): one-legged (WooCommerce over http) or with a token (Magento)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

import requests
from requests.auth import AuthBase

from connectors.kit.wire.http import Bearer
from hub.canonical.faults import unfit


def signature(method: str, url: str, params: Mapping[str, str], consumer_secret: str, token_secret: str = "") -> str:
    """The signature of a request.

    Args:    url:    without query.
             params: query and `oauth_*` values, decoded, without `oauth_signature`.
    Returns: base64 of HMAC-SHA256 over the base string; the body is not signed.
    """
    pairs = sorted((_escape(name), _escape(value)) for name, value in params.items())
    text = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method.upper(), _escape(url), _escape(text)))
    mac = hmac.new(f"{consumer_secret}&{token_secret}".encode(), base.encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="-._~")


class OAuth1(AuthBase):
    """Signs each request in its `Authorization` header, so that neither key nor signature stands in an address.

    Without a token it is one-legged.
    """

    def __init__(self, consumer_key: str, consumer_secret: str, token: str = "", token_secret: str = "") -> None:
        self._key, self._secrets, self._token = consumer_key, (consumer_secret, token_secret), token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(str(request.url))
        own = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
        } | ({"oauth_token": self._token} if self._token else {})
        params = dict(parse_qsl(parts.query, keep_blank_values=True)) | own
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        own["oauth_signature"] = signature(str(request.method), address, params, *self._secrets)
        listed = ", ".join(f'{name}="{_escape(value)}"' for name, value in own.items())
        request.headers["Authorization"] = f"OAuth {listed}"
        return request


def signed_or_bearer(token: str, **signing: str) -> AuthBase:
    """A token alone, or signed requests where the three other values of its integration are set.

    Args:   signing: consumer key, consumer secret and token secret, in this order, by the names of their settings.
    Raises: Misconfigured: some are set, and some are not.
    """
    if not any(signing.values()):
        return Bearer(token)
    key, secret, token_secret = signing.values()
    if not all(signing.values()):
        return unfit(f"set all of {', '.join(signing)} to sign requests, or none of them", Bearer(token))
    return OAuth1(key, secret, token, token_secret)
