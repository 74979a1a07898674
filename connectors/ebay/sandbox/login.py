"""The sandbox's token endpoint: refresh tokens become access tokens, for the scopes that the seller consented to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from connectors.ebay.client import SCOPE
from connectors.ebay.sandbox.errors import no_token, not_allowed
from connectors.kit.practice.server import Reply, Request

LIFE_S = 7200
HEAR = "commerce.notification.subscription"
SCOPES = ("sell.fulfillment", "sell.inventory", "sell.finances", HEAR)
APPLICATION = "application"
"""The scope of a token that speaks for the application alone; it may have notifications of its own."""


class Login:
    """Keys of one application and one seller. `granted`: the scopes that the seller consented to."""

    def __init__(self, seed: int) -> None:
        made = {name: hashlib.sha256(f"{seed}{name}".encode()).hexdigest()[:32] for name in ("id", "cert", "refresh")}
        self.client_id = f"Stockline-{made['id'][:8]}"
        self.secrets: Mapping[str, str] = {
            "client_secret": f"SBX-{made['cert']}",
            "refresh_token": f"v^1.1#{made['refresh']}",
        }
        self.granted = set(SCOPES)
        self._tokens = dict[str, frozenset[str]]()
        self.given = 0

    def forget(self) -> None:
        """Every access token has ended."""
        self._tokens.clear()

    def token(self, request: Request) -> Reply:
        """The answer of `POST /identity/v1/oauth2/token`."""
        pair = f"{self.client_id}:{self.secrets['client_secret']}".encode()
        if not hmac.compare_digest(
            request.headers.get("authorization", ""), f"Basic {base64.b64encode(pair).decode()}"
        ):
            return _refused(401, "invalid_client", "client authentication failed")
        form = dict(parse_qsl(request.body.decode("latin-1")))
        if form.get("grant_type") == "client_credentials":
            return self._given({APPLICATION, HEAR}, "Application Access Token")
        if form.get("grant_type") != "refresh_token":
            return _refused(400, "unsupported_grant_type", "grant type in request is not supported")
        if not hmac.compare_digest(form.get("refresh_token", ""), self.secrets["refresh_token"]):
            return _refused(400, "invalid_grant", "the provided authorization refresh token is invalid")
        wanted = {scope.removeprefix(SCOPE) for scope in form.get("scope", "").split()} or self.granted
        if not wanted <= self.granted:
            return _refused(400, "invalid_scope", "the scope exceeds the scope granted to the client")
        return self._given(wanted, "User Access Token")

    def _given(self, scopes: Collection[str], kind: str) -> Reply:
        self.given += 1
        token = f"v^1.1#i^1#{hashlib.sha256(f'{self.client_id}{self.given}'.encode()).hexdigest()}"
        self._tokens[token] = frozenset(scopes)
        return Reply.json({"access_token": token, "expires_in": LIFE_S, "token_type": kind})

    def admit(self, request: Request, scope: str) -> None:
        """Raises EbayError 401 or 403 where the request's token is not good for this scope."""
        if scope not in self._scopes(request):
            raise not_allowed()

    def whose(self, request: Request) -> str:
        """For whom the request's token speaks: USER or APPLICATION. Raises EbayError 401."""
        return "APPLICATION" if APPLICATION in self._scopes(request) else "USER"

    def _scopes(self, request: Request) -> frozenset[str]:
        scopes = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if scopes is None:
            raise no_token()
        return scopes


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply.json({"error": error, "error_description": description}, status)
