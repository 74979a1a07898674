"""Asks the open platform (TOP) for one shop: signed forms, a session that renews itself, its codes as our errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.exact_json import loads_exact
from connectors.kit.gateway import NotGranted, Row, SignedGateway, StaleToken, required
from connectors.kit.signing import sign_top
from connectors.kit.values import rows_of
from connectors.taobao.spec import GATEWAY, SPEC
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, Throttled, TimedOut
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

CHINA = ZoneInfo("Asia/Shanghai")
ROUTER, RENEW = "/router/rest", "taobao.top.auth.token.refresh"
_BAN = re.compile(r"for (\d+) more second")


def stamp(moment: datetime) -> str:
    """A time as TOP writes it: Beijing's, without saying so."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Gateway(SignedGateway[Row]):
    """The open platform, as one app for one shop."""

    codes = (
        (Throttled, {4, 5, 6, 7, 8}),
        (TimedOut, {3, 10, "isp."}),
        (Misconfigured, {30, 31}),
        (StaleToken, {27}),
        (NotGranted, {11, 12, 13, 42, 53}),
        (AuthFailed, {24, 25, 26, 28, 29, 44}),
    )
    """Codes of the whole platform, as its ErrorCode (com.taobao.top.core) and its table of errors list them; those
    above 40, and 15, say what is wrong with this call."""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(connection, SPEC, GATEWAY, now)
        settings, secrets = connection.settings, connection.secrets
        self.app_key, self.nick = required(settings, "app_key"), required(settings, "nick")
        self._secret, self._session = (required(secrets, name) for name in ("app_secret", "session_key"))
        self._refresh = secrets.get("refresh_token", "").strip()

    def pages(self, method: str, params: Row, name: str, size: int) -> Iterator[list[Row]]:
        """Every page of a list that says how many there are in all (`total_results`)."""
        page, total = 1, 1
        while (page - 1) * size < total:
            data = self.read(method, {**params, "page_no": str(page), "page_size": str(size)})
            yield rows(data.get(name))
            total, page = count(data, name), page + 1

    def _wait_s(self, said: str) -> float:
        ban = _BAN.search(said)
        return float(ban[1]) if ban else super()._wait_s(said)

    def _token(self) -> str:
        return self._session

    def _renewed(self) -> str:
        """A new session for the refresh token; it lives as long as this connection is open."""
        if not self._refresh:
            raise AuthFailed(
                "the session is over: authorize the app again, and enter the session key and the refresh token"
            )
        try:
            data = self._ask(RENEW, {"refresh_token": self._refresh}, "", True)
        except Rejected:
            data = {}
        made = loads_exact(str(data.get("token_result") or "{}"))
        if not (isinstance(made, Mapping) and made.get("access_token")):
            raise AuthFailed("the platform renewed no session: authorize the app again, and enter the session key")
        self._session = str(made["access_token"])
        self._api.hide(self._session)
        return self._session

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Row:
        asked = {
            **params, "method": method, "app_key": self.app_key, "v": "2.0", "format": "json", "sign_method": "hmac",
            "timestamp": stamp(self.now()), **({"session": token} if token else {}),
        }  # fmt: skip
        form = asked | {"sign": sign_top(self._secret, asked)}
        data = self._api.call("POST", ROUTER, data=form, retry=retry).data
        named = data if isinstance(data, Mapping) else {}
        error = named.get("error_response")
        if isinstance(error, Mapping):
            code, sub = error.get("code"), str(error.get("sub_code") or "")
            said = f"{code} {error.get('msg')} {sub} {error.get('sub_msg') or ''}"
            raise self._refusal(method, code, sub, said)
        found = named.get(envelope(method))
        if not isinstance(found, Mapping):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        return found


def envelope(method: str) -> str:
    """The key around the answer of a method."""
    return f"{method.removeprefix('taobao.').replace('.', '_')}_response"


def rows(value: Any) -> list[Row]:
    """The objects of a list that TOP wraps as {"trade": [...]}; none where it is missing."""
    return rows_of(next(iter(value.values()), None) if isinstance(value, Mapping) else value)


def count(data: Row, name: str) -> int:
    """How many rows there are in all; 0 where the answer holds neither a number nor a row. Raises ChannelDown."""
    total = data.get("total_results")
    if isinstance(total, int):
        return total
    if rows(data.get(name)):
        raise ChannelDown(f"the platform sent {name} without their number (total_results)")
    return 0
