"""Asks the open platform for one shop: signed form posts, a token that renews itself, its codes as our errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.kit.gateway import NotGranted, Row, SignedGateway, StaleToken, required
from connectors.kit.signing import sign_top
from connectors.kit.values import rows_of
from connectors.pinduoduo.spec import GATEWAY, SPEC
from hub.canonical.errors import AuthFailed, Throttled, TimedOut
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

ROUTER, RENEW = "/api/router", "pdd.pop.auth.token.refresh"
WAIT_S = 10.0
"""The platform names no time to wait; its limits are counted over at most a minute."""


class Gateway(SignedGateway[Row]):
    """The open platform, as one app for one shop."""

    codes = (
        (Throttled, {52101, 70031, 70032, 70036}),
        (TimedOut, {40000, 50000, 50001, 52001, 52002, 52102, 52103}),
        (StaleToken, {10019}),
        (NotGranted, {20005, 20031, 20032, 30000}),
        (AuthFailed, {10016, 20004, 21001, 21002}),
    )
    """Seen in public code and reports: 10019, 20004, 52101, 52102, 52103, 70031 (lywzx/pdd-node-sdk
    `pdd-response.exception.ts`; justmd5/pinduoduo-sdk issue 19). The others are from memory."""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(connection, SPEC, GATEWAY, now)
        secrets = connection.secrets
        self._client_id = required(connection.settings, "client_id")
        self._secret, self._access = (required(secrets, name) for name in ("client_secret", "access_token"))
        self._refresh = secrets.get("refresh_token", "").strip()

    def _wait_s(self, said: str) -> float:
        return WAIT_S

    def _token(self) -> str:
        return self._access

    def _renewed(self) -> str:
        """New tokens for the refresh token; they live as long as this connection is open."""
        if not self._refresh:
            raise AuthFailed("the access token is over: authorize the app again, and enter the token it gives")
        made = self._ask(RENEW, {"refresh_token": self._refresh}, "", True)
        if not made.get("access_token"):
            raise AuthFailed("the platform renewed no token: authorize the app again, and enter the token it gives")
        self._access = str(made["access_token"])
        self._refresh = str(made.get("refresh_token") or self._refresh)
        for token in (self._access, self._refresh):
            self._api.hide(token)
        return self._access

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Row:
        asked = {
            **params, "type": method, "client_id": self._client_id, "data_type": "JSON",
            "timestamp": str(int(self.now().timestamp())), **({"access_token": token} if token else {}),
        }  # fmt: skip
        form = asked | {"sign": sign_top(self._secret, asked)}
        answer = self._api.call("POST", ROUTER, data=form, retry=retry).data
        named = answer if isinstance(answer, dict) else {}
        error = named.get("error_response")
        if isinstance(error, dict):
            code = error.get("error_code")
            raise self._refusal(method, code, "", f"{code} {error.get('error_msg')} {error.get('sub_msg') or ''}")
        found = next((value for name, value in named.items() if name.endswith("_response")), None)
        if not isinstance(found, dict):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        return found


def rows(answer: Row, name: str) -> list[Row]:
    """The objects of a list that may be missing."""
    return rows_of(answer.get(name))


def count(answer: Row) -> int:
    """`total_count` of an answer."""
    total = answer.get("total_count")
    return total if isinstance(total, int) else 0
