"""Shops behind TOP's own router (eco.taobao.com): Taobao and Tmall, and others of Alibaba's, as Xianyu and Fliggy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.kit.top.forms import TopGateway
from connectors.kit.values import Row, inside, rows_of
from connectors.kit.wire.exact_json import loads_exact
from connectors.kit.wire.gateway import CHINA, NotGranted, StaleToken
from connectors.kit.wire.paging import Paging
from hub.canonical.errors import AuthFailed, Misconfigured, Throttled, TimedOut

_BAN = re.compile(r"for (\d+) more second")


class RouterGateway(TopGateway):
    """The router, as one app for one shop. A connector says its passport, whose address is `gateway_url`, whose app is
    the setting `app_key`, and whose secrets are `app_secret`, `session_key` and `refresh_token`.
    """

    path, renewal = "/router/rest", "taobao.top.auth.token.refresh"
    app_name, secret_names = "app_key", ("app_secret", "session_key")
    token_name, code_name, said_names = "session", "code", ("code", "msg", "sub_code", "sub_msg")
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

    def _wait_s(self, said: str) -> float:
        """A ban of an app says for how long; other limits do not."""
        ban = _BAN.search(said)
        return float(ban[1]) if ban else super()._wait_s(said)

    def _tokens(self, answer: Row) -> Row:
        made = loads_exact(str(answer.get("token_result") or "{}"))
        return made if isinstance(made, Mapping) else {}

    def _form(self) -> Row:
        return {"v": "2.0", "format": "json", "sign_method": "hmac", "timestamp": stamp(self.now())}

    def _envelope(self, method: str, answer: Row) -> object:
        return answer.get(envelope(method))


def stamp(moment: datetime) -> str:
    """A time as TOP writes it: Beijing's, without saying so."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def envelope(method: str) -> str:
    """The key around the answer of a method."""
    return f"{method.removeprefix('taobao.').replace('.', '_')}_response"


def rows(value: Any, *names: str) -> list[Row]:
    """The objects of a list that TOP wraps as {"trade": [...]}, below these names; none where it is missing."""
    found = inside(value, *names)
    return rows_of(next(iter(found.values()), None) if isinstance(found, Mapping) else found)


def paging(size: int) -> Paging:
    """How TOP pages its lists; one without rows comes without their number, too."""
    return Paging("page_size", "page_no", size, first=1, total="total_results", silent=True, rows=rows)
