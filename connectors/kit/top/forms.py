"""Platforms that speak as Taobao's does (TOP): signed forms to one path, answers in an envelope, refresh tokens."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from connectors.kit.auth.oauth2 import Grant
from connectors.kit.auth.signing import sign_top
from connectors.kit.settings import given
from connectors.kit.values import Row
from connectors.kit.wire.gateway import SignedGateway
from hub.canonical.errors import AuthFailed, Rejected, TimedOut
from hub.ports.channel import Connection, Field
from hub.ports.clock import utc_now

ERROR = "error_response"
REFRESH_TOKEN = Field(
    "refresh_token",
    "Refresh token",
    "Given with the token; the hub then renews one that is over by itself",
    required=False,
)


class TopGateway(SignedGateway[Row]):
    """One app at such a platform, for one shop; gives what stands in an answer's envelope.

    path:         of every call.
    app_name:     what settings and forms call the app; `app` is its name there.
    secret_names: what the connection's secrets call the app's secret and the token.
    method_name, token_name: what a form calls the method and the token.
    code_name, said_names: what an error calls its code, and its words, in the order in which they are told.
    renewal:      the method that gives new tokens for the refresh token (`REFRESH_TOKEN`), without a token of its own.
    """

    path: ClassVar[str]
    app_name: ClassVar[str]
    secret_names: ClassVar[tuple[str, str]]
    method_name: ClassVar[str] = "method"
    token_name: ClassVar[str]
    code_name: ClassVar[str]
    said_names: ClassVar[tuple[str, ...]]
    renewal: ClassVar[str]

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(connection, now)
        names = (self.app_name, *self.secret_names, "refresh_token")
        self.app, self._secret, self._access, self._refresh = given(connection, self.spec, *names)

    @abstractmethod
    def _form(self) -> Row:
        """What every call says beside the app, such as the time."""

    @abstractmethod
    def _envelope(self, method: str, answer: Row) -> object:
        """What stands in the envelope of a method's answer."""

    def _tokens(self, answer: Row) -> Row:
        """`access_token` and `refresh_token` in the answer to a renewal."""
        return answer

    def _new_token(self) -> Grant:
        if not self._refresh:
            raise AuthFailed("the access token is over: authorize the app again, and enter the token it gives")
        try:
            made = self._tokens(self._ask(self.renewal, {"refresh_token": self._refresh}, "", True))
        except Rejected:
            made = {}
        if not made.get("access_token"):
            raise AuthFailed("the platform renewed no token: authorize the app again, and enter the token it gives")
        self._refresh = str(made.get("refresh_token") or self._refresh)
        self._api.hide(self._refresh)
        return str(made["access_token"]), math.inf

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Row:
        asked = {**params, self.method_name: method, self.app_name: self.app, **self._form()}
        asked |= {self.token_name: token} if token else {}
        form = asked | {"sign": sign_top(self._secret, asked)}
        data = self._api.call("POST", self.path, data=form, retry=retry).data
        answer = data if isinstance(data, Mapping) else {}
        error = answer.get(ERROR)
        if isinstance(error, Mapping):
            said = " ".join(str(error.get(name) or "") for name in self.said_names)
            raise self._refusal(method, error.get(self.code_name), str(error.get("sub_code") or ""), said)
        found = self._envelope(method, answer)
        if not isinstance(found, Mapping):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        return found
