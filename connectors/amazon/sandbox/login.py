"""The sandbox's LWA: refresh tokens and applications become access tokens; roles decide what those may do."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from connectors.amazon.client import NOTICES
from connectors.amazon.sandbox.errors import denied
from connectors.kit.practice.server import Reply, Request

LIFE_S = 3600
ROLES = ("orders", "buyers", "listings", "notifications", "finance")


class Login:
    """Keys of one application and one seller. `roles`: what the application may."""

    def __init__(self, seed: int) -> None:
        made = {name: hashlib.sha256(f"{seed}{name}".encode()).hexdigest()[:32] for name in ("id", "secret", "refresh")}
        self.client_id = f"amzn1.application-oa2-client.{made['id']}"
        self.secrets: Mapping[str, str] = {
            "client_secret": f"amzn1.oa2-cs.v1.{made['secret']}",
            "refresh_token": f"Atzr|{made['refresh']}",
        }
        self.roles = set(ROLES)
        self._tokens = dict[str, bool]()
        self.given = 0

    def forget(self) -> None:
        """Every access token has ended."""
        self._tokens.clear()

    def token(self, request: Request) -> Reply:
        """The answer of `POST /auth/o2/token`."""
        form = dict(parse_qsl(request.body.decode("latin-1")))
        if form.get("client_id") != self.client_id or not _same(form, "client_secret", self.secrets):
            return _refused(401, "invalid_client", "Client authentication failed")
        if form.get("grant_type") == "client_credentials":
            known = form.get("scope") == NOTICES
            return self._given(grantless=True) if known else _refused(400, "invalid_scope", "The scope is invalid")
        if form.get("grant_type") != "refresh_token":
            return _refused(400, "unsupported_grant_type", "The grant type is not supported")
        if not _same(form, "refresh_token", self.secrets):
            return _refused(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
        return self._given(grantless=False)

    def _given(self, *, grantless: bool) -> Reply:
        self.given += 1
        token = f"Atza|{hashlib.sha256(f'{self.client_id}{self.given}'.encode()).hexdigest()}"
        self._tokens[token] = grantless
        more = {} if grantless else {"refresh_token": self.secrets["refresh_token"]}
        return Reply.json({"access_token": token, "token_type": "bearer", "expires_in": LIFE_S, **more})

    def admit(self, request: Request, role: str, *, grantless: bool = False) -> None:
        """Raises AmazonError 403 where the request's token is not good for this role."""
        kind = self._tokens.get(request.headers.get("x-amz-access-token", ""))
        if kind is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if kind is not grantless:
            raise denied("The access token is not of the kind that this operation wants.")
        self.want(role)

    def want(self, role: str) -> None:
        """Raises AmazonError 403 where the application does not have the role."""
        if role not in self.roles:
            raise denied(f"Application does not have access to one or more requested data elements: [{role}]")


def _same(form: Mapping[str, str], name: str, secrets: Mapping[str, str]) -> bool:
    return hmac.compare_digest(form.get(name, ""), secrets[name])


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply.json({"error": error, "error_description": description}, status)
