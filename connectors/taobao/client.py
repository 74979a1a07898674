"""Asks the open platform (TOP) for one shop: signed forms, a session that renews itself, its codes as our errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.exact_json import loads_exact
from connectors.kit.http import Api
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second
from connectors.kit.signing import sign_top
from connectors.taobao.spec import GATEWAY, SPEC
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

CHINA = ZoneInfo("Asia/Shanghai")
ROUTER, RENEW = "/router/rest", "taobao.top.auth.token.refresh"
LIMITED = frozenset({4, 5, 6, 7, 8})
DENIED = frozenset({11, 12, 13, 42})
CREDENTIALS = frozenset({24, 25, 26, 28, 29})
DOWN, STALE, CLOCK = frozenset({3, 10}), 27, frozenset({30, 31})
"""Codes of the whole platform; those above 40, and 15, say what is wrong with this call."""
_BAN = re.compile(r"for (\d+) more second")
Row = Mapping[str, Any]


class StaleSession(AuthFailed):
    """The session is over: a renewed one may do."""


def stamp(moment: datetime) -> str:
    """A time as TOP writes it: Beijing's, without saying so."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Gateway:
    """The open platform, as one app for one shop. Raises Misconfigured where a setting cannot be."""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        settings, self._secrets = connection.settings, connection.secrets
        self.app_key, self.nick = _required(settings, "app_key"), _required(settings, "nick")
        self._secret, self._session = (_required(self._secrets, name) for name in ("app_secret", "session_key"))
        pace = calls_per_second(settings, SPEC)
        self._bucket, self.now = Bucket(pace, size=2 * pace), now
        url = settings.get("gateway_url", "").strip() or GATEWAY
        self._api = Api(url, limiter=self._bucket, secrets=[each for each in self._secrets.values() if each], now=now)

    def read(self, method: str, params: Mapping[str, str]) -> Row:
        """Ask something; gives what stands in the answer's envelope. Silence on a read means out of reach.

        Raises: AuthFailed, Misconfigured, Throttled, ChannelDown, Rejected: what the platform says.
        """
        try:
            return self.write(method, params, retry=True)
        except TimedOut as error:
            raise ChannelDown(str(error), error.retry_after) from None

    def write(self, method: str, params: Mapping[str, str], *, retry: bool = False) -> Row:
        """One call; where the session is over, once more with a renewed one. Raises TimedOut too.

        Args: retry: repeating it does not matter.
        """
        try:
            return self._ask(method, params, self._session, retry)
        except StaleSession:
            self._renew()
            return self._ask(method, params, self._session, retry)

    def pages(self, method: str, params: Mapping[str, str], name: str, size: int) -> Iterator[list[Row]]:
        """Every page of a list that says how many there are in all (`total_results`)."""
        page, total = 1, 1
        while (page - 1) * size < total:
            data = self.read(method, {**params, "page_no": str(page), "page_size": str(size)})
            yield rows(data.get(name))
            total, page = count(data), page + 1

    def _renew(self) -> None:
        """A new session for the refresh token; it lives as long as this connection is open. Raises AuthFailed."""
        token = self._secrets.get("refresh_token", "").strip()
        if not token:
            raise AuthFailed(
                "the session is over: authorize the app again, and enter the session key and the refresh token"
            )
        try:
            data = self._ask(RENEW, {"refresh_token": token}, "", True)
        except Rejected:
            data = {}
        made = loads_exact(str(data.get("token_result") or "{}"))
        if not (isinstance(made, Mapping) and made.get("access_token")):
            raise AuthFailed("the platform renewed no session: authorize the app again, and enter the session key")
        self._session = str(made["access_token"])

    def _ask(self, method: str, params: Mapping[str, str], session: str, retry: bool) -> Row:
        asked = {
            **params, "method": method, "app_key": self.app_key, "v": "2.0", "format": "json", "sign_method": "hmac",
            "timestamp": stamp(self.now()), **({"session": session} if session else {}),
        }  # fmt: skip
        form = asked | {"sign": sign_top(self._secret, asked)}
        data = self._api.call("POST", ROUTER, data=form, retry=retry).data
        if isinstance(data, Mapping) and isinstance(data.get("error_response"), Mapping):
            raise self._error(method, data["error_response"], session)
        found = data.get(envelope(method)) if isinstance(data, Mapping) else None
        if not isinstance(found, Mapping):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        return found

    def _error(self, method: str, error: Row, session: str) -> StocklineError:
        """The table: the platform's code and sub-code -> error."""
        code, sub = error.get("code"), str(error.get("sub_code") or "")
        said = f"{code} {error.get('msg')} {sub} {error.get('sub_msg') or ''}"
        message = f"{method}: {self._api.scrubbed(said.replace(session, '***') if session else said)}"
        if code in LIMITED:
            ban = _BAN.search(said)
            wait = float(ban[1]) if ban else 1.0
            self._bucket.throttled(wait)
            return Throttled(message, retry_after=wait)
        if code in DOWN or sub.startswith("isp."):
            return TimedOut(message)
        if code in CLOCK:
            return Misconfigured(f"{message}: set this machine's clock")
        if code == STALE:
            return StaleSession(message)
        return AuthFailed(message) if code in DENIED | CREDENTIALS else Rejected(message)


def envelope(method: str) -> str:
    """The key around the answer of a method."""
    return f"{method.removeprefix('taobao.').replace('.', '_')}_response"


def rows(value: Any) -> list[Row]:
    """The objects of a list that TOP wraps as {"trade": [...]}; none where it is missing."""
    inner = next(iter(value.values()), None) if isinstance(value, Mapping) else value
    return [row for row in inner if isinstance(row, Mapping)] if isinstance(inner, list) else []


def count(data: Row) -> int:
    """`total_results` of an answer."""
    total = data.get("total_results")
    return total if isinstance(total, int) else 0


def _required(values: Mapping[str, str], name: str) -> str:
    found = values.get(name, "").strip()
    if not found:
        raise Misconfigured(f"{name} must be set: the open platform shows it")
    return found
