"""An application's keys at a platform, and a seller who let it in (OAuth 2.0): one API for each of the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from requests.auth import AuthBase, HTTPBasicAuth

from connectors.kit.auth.oauth2 import Grant, Refreshed, refresh_grant
from connectors.kit.settings import given
from connectors.kit.wire.http import Api
from connectors.kit.wire.limiter import Limiter
from connectors.kit.wire.opening import own_pace
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Connection, ConnectorSpec, Finding
from hub.ports.clock import utc_now


class Keyset:
    """One seller of a platform, by `client_id`, `client_secret` and `refresh_token`, at the setting `api_url`.

    api speaks for the seller (`call` is its call), app for the application alone; both keep the connection's pace.

    spec:      the passport.
    token:     path of the token endpoint.
    scope:     what the names of scopes begin with.
    app_scope: the scope of tokens that speak for the application alone.
    Raises: Misconfigured.
    """

    spec: ClassVar[ConnectorSpec]
    token: ClassVar[str]
    scope: ClassVar[str] = ""
    app_scope: ClassVar[str] = ""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        self.connection, self.now = connection, now
        names = ("client_id", "client_secret", "refresh_token")
        client_id, client_secret, self._refresh_token = given(connection, self.spec, *names)
        pace = own_pace(connection.settings, self.spec)
        self._login = self._open(HTTPBasicAuth(client_id, client_secret))
        self.api = self._open(self.marked(Refreshed(self.grant)), pace)
        self.app = self._open(Refreshed(self.app_grant), pace)
        self.call = self.api.call

    def marked(self, auth: AuthBase) -> AuthBase:
        """What marks each request of the seller's; a platform may want it signed too. Raises Misconfigured."""
        return auth

    def grant(self, scope: str = "") -> Grant:
        """A new access token, for all scopes that the seller consented to or for one. Raises AuthFailed."""
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        return refresh_grant(self._login, self.token, form | ({"scope": self.scope + scope} if scope else {}))

    def app_grant(self) -> Grant:
        """A new access token of the application's own. Raises AuthFailed."""
        return refresh_grant(self._login, self.token, {"grant_type": "client_credentials", "scope": self.app_scope})

    def consented(self, needed: Sequence[str]) -> Iterator[Finding]:
        """A finding for each scope: a token for it alone is given only where the seller consented to it."""
        for scope in needed:
            try:
                self.grant(scope)
            except AuthFailed:
                mend = f"the seller has not consented to it: make a new refresh token for {', '.join(needed)}"
                yield Finding(told(f"scope {scope}"), False, mend)
            else:
                yield Finding(f"scope {scope}", True)

    def _open(self, auth: AuthBase, pace: Limiter | None = None) -> Api:
        (url,) = given(self.connection, self.spec, "api_url")
        hidden = list(filter(None, map(str.strip, self.connection.secrets.values())))
        return Api(url, auth=auth, limiter=pace, secrets=hidden, setting="api_url")
