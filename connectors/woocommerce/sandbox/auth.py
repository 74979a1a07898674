"""Who may ask: OAuth 1.0a over http, in the query or the header, as a shop without TLS demands."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from urllib.parse import unquote

from connectors.kit.auth.oauth1 import signature
from connectors.kit.practice.server import Request
from connectors.woocommerce.sandbox.errors import WooError, unauthorized

WINDOW_S = 15 * 60
NEEDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


class Gate:
    """Checks the signature of every request; remembers nonces for a quarter of an hour.

    `permissions` is the key's: "read", "write" or "read_write".
    """

    def __init__(self, key: str, secret: str, permissions: str = "read_write") -> None:
        self._key, self._secret, self.permissions = key, secret, permissions
        self._nonces: dict[str, float] = {}

    def check(self, request: Request, base_url: str) -> None:
        """Raise WooError unless the request is signed with our key and the key may do it."""
        own = self._oauth(request)
        if not own:
            raise WooError(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        missing = [name for name in NEEDED if not own.get(name)]
        if missing:
            raise unauthorized(f"Missing OAuth parameter {', '.join(missing)}")
        if not hmac.compare_digest(own["oauth_consumer_key"], self._key):
            raise unauthorized("Consumer key is invalid.")
        self._check_signature(request, own, base_url)
        self._check_freshness(own)
        self._check_permission(request.method)

    def _oauth(self, request: Request) -> dict[str, str]:
        in_header = dict(re.findall(r'(oauth_[a-z_]+)="([^"]*)"', request.headers.get("authorization", "")))
        in_query = {name: value for name, value in request.query.items() if name.startswith("oauth_")}
        return in_query | {name: unquote(value) for name, value in in_header.items()}

    def _check_signature(self, request: Request, own: Mapping[str, str], base_url: str) -> None:
        if own["oauth_signature_method"] != "HMAC-SHA256":
            raise unauthorized("Invalid signature - signature method is invalid.")
        params = {**request.query, **own}
        given = params.pop("oauth_signature")
        made = signature(request.method, base_url + request.path, params, self._secret)
        if not hmac.compare_digest(made.encode(), given.encode()):
            raise unauthorized("Invalid signature - provided signature does not match.")

    def _check_freshness(self, own: Mapping[str, str]) -> None:
        now, stamp, nonce = time.time(), own["oauth_timestamp"], own["oauth_nonce"]
        if not stamp.isdigit() or abs(now - int(stamp)) > WINDOW_S:
            raise unauthorized("Invalid timestamp.")
        if nonce in self._nonces:
            raise unauthorized("Invalid nonce - nonce has already been used.")
        self._nonces[nonce] = now
        if len(self._nonces) > 5000:
            self._nonces = {known: at for known, at in self._nonces.items() if now - at < WINDOW_S}

    def _check_permission(self, method: str) -> None:
        writes = method not in {"GET", "HEAD", "OPTIONS"}
        if writes and "write" not in self.permissions:
            raise unauthorized("The API key provided does not have write permissions.")
        if not writes and "read" not in self.permissions:
            raise unauthorized("The API key provided does not have read permissions.")
