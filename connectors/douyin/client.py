"""Asks the open platform for one shop: signed calls, a token that renews itself, one table from its codes to errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.douyin.spec import SPEC
from connectors.kit.auth.oauth2 import Grant
from connectors.kit.auth.signing import sign_douyin
from connectors.kit.settings import digits, given
from connectors.kit.values import Row
from connectors.kit.wire.gateway import NotGranted, SignedGateway, StaleToken
from hub.canonical.errors import AuthFailed, Conflict, Misconfigured, Throttled, TimedOut
from hub.canonical.told import told
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

PAGE = 100
FINE = 10000
NUMBER = told("expected a number, as the open platform shows it")
ORDER, MISSING = "order.orderDetail", "订单不存在"
"""The call for one order, and the platform's words for one that it does not have."""


class Gateway(SignedGateway[Any]):
    """The open platform as one shop's own app; gives an answer's `data`.

    `authorization_self` gives an app of the shop itself a token whenever it asks, so none is kept anywhere.
    """

    spec = SPEC
    codes = (
        (Throttled, {60000}),
        (TimedOut, {20000, 20001, 90000}),
        (Conflict, {"isv.idempotent-id-existed"}),
        (Misconfigured, {30002, "isv.timestamp"}),
        (StaleToken, {"isv.access-token-expired", "isv.access-token-no-existed"}),
        (NotGranted, {"isv.app-permissions-insufficient"}),
        (AuthFailed, {30001, 40001, 80000, "dop.token-generate-failed"}),
        (AuthFailed, {"isv.access-token", "isv.signature", "isv.app-id", "isv.authorization"}),
    )
    """Source: 平台基础错误码汇总 (op.jinritemai.com/docs/guide-docs/212/1427), as two public clients repeat it
    (`Imactool\\Jinritemai\\Error\\ErrorCode`, `cn.teacy` `ApiResponseConstant`)."""

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(connection, now)
        self.app_key, self.shop_id = digits(connection, SPEC, "app_key", "shop_id", why=NUMBER)
        self.secret, self.warehouse = given(connection, SPEC, "app_secret", "out_warehouse_id")

    def order(self, ref: str) -> Row | None:
        """The order's object; None where the shop knows none."""
        return self.found(ORDER, {"shop_order_id": ref}, "shop_order_detail", gone=(MISSING,))

    def _new_token(self) -> Grant:
        asked = {"code": "", "grant_type": "authorization_self", "shop_id": self.shop_id}
        data = self._ask("token.create", asked, "", True)
        return str(data["access_token"]), int(data["expires_in"])

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Any:
        body = json.dumps(params, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        asked = {"app_key": self.app_key, "method": method, "timestamp": str(int(self.now().timestamp())), "v": "2"}
        sign = sign_douyin(self.secret, asked | {"param_json": body})
        query = asked | {"sign": sign, "sign_method": "hmac-sha256"} | ({"access_token": token} if token else {})
        answer = self._api.call(
            "POST", f"/{method.replace('.', '/')}", params=query, data=body.encode(), retry=retry,
            headers={"Content-Type": "application/json"},
        ).data  # fmt: skip
        if not isinstance(answer, Mapping) or not ("code" in answer or "err_no" in answer):
            raise TimedOut(f"{method}: the platform sent something else than its answer")
        if answer.get("code", FINE) != FINE or answer.get("err_no", 0) != 0:
            code, sub = answer.get("code") or answer.get("err_no"), str(answer.get("sub_code") or "")
            said = f"{code} {sub} {answer.get('sub_msg') or answer.get('msg') or answer.get('message')}"
            raise self._refusal(method, code, sub, said)
        return answer.get("data")
