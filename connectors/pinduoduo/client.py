"""Asks the open platform for one shop: signed form posts, a token that renews itself, its codes as our errors."""

from __future__ import annotations

from connectors.kit.top.forms import TopGateway
from connectors.kit.values import Row, inside, text_id
from connectors.kit.wire.gateway import NotGranted, StaleToken
from connectors.kit.wire.paging import Paging
from connectors.pinduoduo.spec import SPEC
from hub.canonical.errors import AuthFailed, Throttled, TimedOut

ORDER = "pdd.order.information.get"
LIST = Paging("page_size", "page", first=1, total="total_count", silent=True)


class Gateway(TopGateway):
    """The open platform, as one app for one shop."""

    spec = SPEC
    wait_s = 10.0
    """The platform names no time to wait; its limits are counted over at most a minute."""
    path, renewal = "/api/router", "pdd.pop.auth.token.refresh"
    app_name, secret_names = "client_id", ("client_secret", "access_token")
    method_name, token_name = "type", "access_token"
    code_name, said_names = "error_code", ("error_code", "error_msg", "sub_msg")
    codes = (
        (Throttled, {52101, 70031, 70032, 70036}),
        (TimedOut, {40000, 50000, 50001, 52001, 52002, 52102, 52103}),
        (StaleToken, {10019}),
        (NotGranted, {20005, 20031, 20032, 30000}),
        (AuthFailed, {10016, 20004, 21001, 21002}),
    )
    """Seen in public code and reports: 10019, 20004, 52101, 52102, 52103, 70031 (lywzx/pdd-node-sdk
    `pdd-response.exception.ts`; justmd5/pinduoduo-sdk issue 19). The others are from memory."""

    def order(self, ref: str) -> Row | None:
        """The whole order; None where the shop knows none: the platform has no code of its own for that."""
        found = self.found(ORDER, {"order_sn": ref}, "order_info")
        return found if text_id(inside(found, "order_sn")) == ref else None

    def _form(self) -> Row:
        return {"data_type": "JSON", "timestamp": str(int(self.now().timestamp()))}

    def _envelope(self, method: str, answer: Row) -> object:
        return next((value for name, value in answer.items() if name.endswith("_response")), None)
