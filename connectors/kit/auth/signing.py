"""Signs requests as the platforms ask for it: parameters sorted and joined without separators, then a digest.

Rules and vectors: the sources named with each function; all are met byte for byte in tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

Digest = Literal["md5", "sha256"]


def joined(params: Mapping[str, str]) -> str:
    """Names and values one after the other, sorted by name, `sign` left out: {"b": "2", "a": "1"} -> "a1b2"."""
    return "".join([f"{name}{value}" for name, value in sorted(params.items()) if name != "sign"])


def sign_top(secret: str, params: Mapping[str, str]) -> str:
    """Taobao (TOP) and Pinduoduo: upper-case hex MD5 of secret, parameters, secret; HMAC-MD5 where `sign_method` says
    "hmac". Source: the open platforms' clients (`core/client.go` of opentaobao and openpdd)."""
    if params.get("sign_method") == "hmac":
        return _mac(secret, joined(params), "md5").upper()
    return hashlib.md5(f"{secret}{joined(params)}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def sign_lazada(secret: str, path: str, params: Mapping[str, str]) -> str:
    """Lazada: upper-case hex HMAC-SHA256 of path and parameters. Source: lazada-php `Client.php`."""
    return _mac(secret, path + joined(params)).upper()


def sign_tiktok(secret: str, path: str, query: Mapping[str, str], body: str = "") -> str:
    """TikTok Shop: hex HMAC-SHA256 of secret, path, query without `access_token`, body, secret.
    Source: tiktokshop-php `Client.php`."""
    asked = {name: value for name, value in query.items() if name != "access_token"}
    return _mac(secret, f"{secret}{path}{joined(asked)}{body}{secret}")


def sign_shopee(secret: str, partner_id: str, path: str, timestamp: str, token: str = "", shop_id: str = "") -> str:
    """Shopee: hex HMAC-SHA256 of partner, path, time, access token and shop. Source: shopee-php `Client.php`."""
    return _mac(secret, f"{partner_id}{path}{timestamp}{token}{shop_id}")


def sign_douyin(secret: str, params: Mapping[str, str], digest: Digest = "sha256") -> str:
    """Douyin Shop: hex HMAC-SHA256, or MD5, of secret, `app_key method param_json timestamp v`, secret.
    Source: `DouyinShopRequestSignInterceptor.cs` of SKIT's client."""
    signed = ("app_key", "method", "param_json", "timestamp", "v")
    text = f"{secret}{joined({name: params[name] for name in signed})}{secret}"
    if digest == "md5":
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return _mac(secret, text)


def sign_douyin_message(app_key: str, secret: str, raw: bytes) -> str:
    """A message that Douyin Shop pushes (header `event-sign`): hex MD5 of app key, the raw body, secret.
    Source: `DouyinShopClientEventExtensions.cs` of SKIT's client."""
    return hashlib.md5(app_key.encode() + raw + secret.encode(), usedforsecurity=False).hexdigest()


def sign_shopify_query(secret: str, query: Mapping[str, str]) -> str:
    """Shopify's install and callback addresses: hex HMAC-SHA256 of the sorted query without `hmac`.
    Source: shopify_python_api `session_test.py`."""
    asked = sorted((name, value) for name, value in query.items() if name != "hmac")
    return _mac(secret, urlencode(asked, safe=":/@"))


def _mac(secret: str, text: str, digest: Digest = "sha256") -> str:
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest()
