"""Asks the open platform for one shop: signed form posts, a token that renews itself, its codes as our errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.kit.http import Api
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second
from connectors.kit.signing import sign_top
from connectors.pinduoduo.spec import GATEWAY, SPEC
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Misconfigured,
    Rejected,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

ROUTER, RENEW = "/api/router", "pdd.pop.auth.token.refresh"
STALE = 10019
CREDENTIALS = frozenset({10016, 20004, 21001, 21002})
DENIED = frozenset({20005, 20031, 20032, 30000})
LIMITED = frozenset({52101, 70031, 70032, 70036})
DOWN = frozenset({40000, 50000, 50001, 52001, 52002, 52102, 52103})
"""Codes of the whole platform; every other one says what is wrong with the call itself."""
WAIT_S = 10.0
"""The platform names no time to wait; its limits are counted over at most a minute."""
Row = Mapping[str, Any]


class StaleToken(AuthFailed):
    """The token is over: a renewed one may do."""


class NotGranted(AuthFailed):
    """The app or this address may not use the call."""


class Gateway:
    """The open platform, as one app for one shop. Raises Misconfigured where a setting cannot be."""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        settings, secrets = connection.settings, connection.secrets
        self._client_id = _required(settings, "client_id")
        self._secret, self._token = (_required(secrets, name) for name in ("client_secret", "access_token"))
        self._refresh = secrets.get("refresh_token", "").strip()
        pace = calls_per_second(settings, SPEC)
        self._bucket, self.now = Bucket(pace, size=2 * pace), now
        url = settings.get("gateway_url", "").strip() or GATEWAY
        self._api = Api(url, limiter=self._bucket, secrets=[each for each in secrets.values() if each], now=now)

    def read(self, method: str, params: Mapping[str, str]) -> Row:
        """Ask something; gives what stands in the answer's envelope. Silence on a read means out of reach.

        Raises: AuthFailed, Throttled, ChannelDown, Rejected: what the platform says.
        """
        try:
            return self.write(method, params, retry=True)
        except TimedOut as error:
            raise ChannelDown(str(error), error.retry_after) from None

    def write(self, method: str, params: Mapping[str, str], *, retry: bool = False) -> Row:
        """One call; where the token is over, once more with a renewed one. Raises TimedOut too.

        Args: retry: repeating it does not matter.
        """
        try:
            return self._ask(method, params, self._token, retry)
        except StaleToken:
            self._renew()
            return self._ask(method, params, self._token, retry)

    def _renew(self) -> None:
        """New tokens for the refresh token; they live as long as this connection is open. Raises AuthFailed."""
        if not self._refresh:
            raise AuthFailed("the access token is over: authorize the app again, and enter the token it gives")
        made = self._ask(RENEW, {"refresh_token": self._refresh}, "", True)
        if not made.get("access_token"):
            raise AuthFailed("the platform renewed no token: authorize the app again, and enter the token it gives")
        self._token = str(made["access_token"])
        self._refresh = str(made.get("refresh_token") or self._refresh)

    def _ask(self, method: str, params: Mapping[str, str], token: str, retry: bool) -> Row:
        asked = {
            **params, "type": method, "client_id": self._client_id, "data_type": "JSON",
            "timestamp": str(int(self.now().timestamp())), **({"access_token": token} if token else {}),
        }  # fmt: skip
        form = asked | {"sign": sign_top(self._secret, asked)}
        data = self._api.call("POST", ROUTER, data=form, retry=retry).data
        answer = data if isinstance(data, Mapping) else {}
        if isinstance(answer.get("error_response"), Mapping):
            raise self._error(method, answer["error_response"])
        found = next((value for name, value in answer.items() if name.endswith("_response")), None)
        if not isinstance(found, Mapping):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        return found

    def _error(self, method: str, error: Row) -> StocklineError:
        """The table: the platform's code -> error."""
        code = error.get("error_code")
        said = f"{code} {error.get('error_msg')} {error.get('sub_msg') or ''}"
        for renewed in filter(None, (self._token, self._refresh)):
            said = said.replace(renewed, "***")
        message = f"{method}: {self._api.scrubbed(said)}"
        if code in LIMITED:
            self._bucket.throttled(WAIT_S)
            return Throttled(message, retry_after=WAIT_S)
        if code in DOWN:
            return TimedOut(message)
        if code == STALE:
            return StaleToken(message)
        if code in DENIED:
            return NotGranted(message)
        return AuthFailed(message) if code in CREDENTIALS else Rejected(message)


def rows(answer: Row, name: str) -> list[Row]:
    """The objects of a list that may be missing."""
    found = answer.get(name)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def count(answer: Row) -> int:
    """`total_count` of an answer."""
    total = answer.get("total_count")
    return total if isinstance(total, int) else 0


def _required(values: Mapping[str, str], name: str) -> str:
    found = values.get(name, "").strip()
    if not found:
        raise Misconfigured(f"{name} must be set: the open platform shows it")
    return found
