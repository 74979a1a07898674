"""Asks the open platform for one shop: signed calls, a token that renews itself, one table from its codes to errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.douyin.spec import GATEWAY, SPEC
from connectors.kit.http import Api
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second
from connectors.kit.signing import sign_douyin
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Conflict,
    Misconfigured,
    Rejected,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

PAGE = 100
FINE, LIMITED, PLACE = 10000, 60000, 30002
DOWN = frozenset({20000, 20001, 90000})
DENIED = frozenset({30001, 40001, 80000})
STALE = ("isv.access-token-expired", "isv.access-token-no-existed")
CREDENTIALS = ("isv.access-token", "isv.signature", "isv.app-id", "isv.authorization", "dop.token-generate-failed")
CLOCK, TOLD_BEFORE = "isv.timestamp", "isv.idempotent-id-existed"
WAIT_S, SPARE = 1.0, timedelta(minutes=30)
"""Limits count by the second; a token is renewed half an hour before its end."""
Row = Mapping[str, Any]


class StaleToken(AuthFailed):
    """The token is over or was replaced: a new one may do."""


class Gateway:
    """The open platform as one shop's own app. Raises Misconfigured where a setting cannot be.

    `authorization_self` gives an app of the shop itself a token whenever it asks, so none is kept anywhere.
    """

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        settings = connection.settings
        self.app_key, self.shop_id = (_number(settings, name) for name in ("app_key", "shop_id"))
        self.secret, self._now = connection.secrets.get("app_secret", "").strip(), now
        if not self.secret:
            raise Misconfigured("app_secret must be set: the open platform shows it beside the app key")
        pace = calls_per_second(settings, SPEC)
        self._bucket = Bucket(pace, size=2 * pace)
        url = settings.get("gateway_url", "").strip() or GATEWAY
        self._api = Api(url, limiter=self._bucket, secrets=(self.secret,), now=now)
        self._token: tuple[str, datetime] | None = None

    def open(self) -> None:
        """Get a token. Raises AuthFailed, Misconfigured."""
        self._token = None
        self._access()

    def read(self, method: str, params: Row) -> Any:
        """Ask something; gives the answer's `data`. A read changes nothing: silence means out of reach.

        Raises: AuthFailed, Misconfigured, Throttled, ChannelDown, Rejected: what the platform says.
        """
        try:
            return self._call(method, params)
        except TimedOut as error:
            raise ChannelDown(str(error), error.retry_after) from None

    def write(self, method: str, params: Row) -> Any:
        """Tell something that carries a key of its own, so that repeating it here is safe. Raises TimedOut too."""
        return self._call(method, params)

    def _call(self, method: str, params: Row) -> Any:
        """One call; where the token is over, once more with a new one."""
        try:
            return self._ask(method, params, self._access())
        except StaleToken:
            self._token = None
            return self._ask(method, params, self._access())

    def _access(self) -> str:
        """The shop's token, from the platform where none is known or it ends soon."""
        if self._token is None or self._now() > self._token[1] - SPARE:
            asked = {"code": "", "grant_type": "authorization_self", "shop_id": self.shop_id}
            data = self._ask("token.create", asked, "")
            ends = self._now() + timedelta(seconds=int(data["expires_in"]))
            self._token = (str(data["access_token"]), ends)
        return self._token[0]

    def _ask(self, method: str, params: Row, token: str) -> Any:
        body = json.dumps(params, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        asked = {"app_key": self.app_key, "method": method, "timestamp": str(int(self._now().timestamp())), "v": "2"}
        sign = sign_douyin(self.secret, asked | {"param_json": body})
        query = asked | {"sign": sign, "sign_method": "hmac-sha256"} | ({"access_token": token} if token else {})
        answer = self._api.call(
            "POST", f"/{method.replace('.', '/')}", params=query, data=body.encode(), retry=True,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        told = answer.data
        if not isinstance(told, Mapping) or not ("code" in told or "err_no" in told):
            raise TimedOut(f"{method}: the platform sent something else than its answers")
        if told.get("code", FINE) != FINE or told.get("err_no", 0) != 0:
            raise self._error(method, told, token)
        return told.get("data")

    def _error(self, method: str, told: Row, token: str) -> StocklineError:
        """The table: the platform's code and sub-code -> error."""
        code, sub = told.get("code"), str(told.get("sub_code") or "")
        said = f"{code or told.get('err_no')} {sub} {told.get('sub_msg') or told.get('msg') or told.get('message')}"
        message = f"{method}: {self._api.scrubbed(said.replace(token, '***') if token else said)}"
        if code == LIMITED:
            self._bucket.throttled(WAIT_S)
            return Throttled(message, retry_after=WAIT_S)
        if code in DOWN:
            return TimedOut(message)
        if sub == TOLD_BEFORE:
            return Conflict(message)
        if code == PLACE or sub.startswith(CLOCK):
            return Misconfigured(f"{message}: check the IP white list of the app, and this machine's clock")
        if sub in STALE:
            return StaleToken(message)
        return AuthFailed(message) if code in DENIED or sub.startswith(CREDENTIALS) else Rejected(message)


def _number(settings: Mapping[str, str], name: str) -> str:
    found = settings.get(name, "").strip()
    if not (found.isascii() and found.isdigit()):
        raise Misconfigured(f"{name} = {found!r}: expected a number, as the open platform shows it")
    return found


def objects(value: Any) -> list[Row]:
    """The objects in a list that may be missing."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def inside(value: Any, name: str) -> Any:
    """What stands below `name` of an object; None where there is none."""
    return value.get(name) if isinstance(value, Mapping) else None
