"""The running sandbox: server, shop and books in one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.taobao.sandbox.errors import TopError
from connectors.taobao.sandbox.gate import Gate, form_of
from connectors.taobao.sandbox.routes import Routes
from connectors.taobao.sandbox.shop import Shop
from hub.ports.clock import utc_now

APP_KEY, NICK = "12129701", "sandbox_旗舰店"
WRITES = (".update", ".send", ".confirm", ".permit")


class TaobaoSandbox(ShopSandbox):
    """One Taobao shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:   makes the secrets and faults repeatable.
        faults: shared or scripted faults; none strike by default.
        queue:  whether the settings say that the app has a message service, and its queue is open.
        group:  of the queue, "" for the default one.
        clock:  aware UTC now.
    """

    channel = "taobao"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        queue: bool = True,
        group: str = "",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        faults = faults or Faults(seed)
        self._queue, self._group, self._clock = queue, group, clock
        secret, token = (hashlib.sha256(f"{seed}{name}".encode()).hexdigest()[:32] for name in ("secret", "token"))
        self.gate = Gate(APP_KEY, secret, token, clock)
        self.shop = Shop(clock, NICK, faults)
        super().__init__(faults, self.shop)
        self.routes = Routes(self.shop, self.gate, group)
        self.routes.topics = () if queue else None
        self._first_session = self.gate.session
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_write, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        since = (self._clock() - timedelta(days=1)).date()
        return {
            "app_key": APP_KEY, "nick": NICK, "gateway_url": self.server.url, "calls_per_second": "500",
            "message_queue": "yes" if self._queue else "no", "queue_group": self._group,
            "orders_since": since.isoformat(),
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return {
            "app_secret": self.gate.secret, "session_key": self._first_session,
            "refresh_token": self.gate.refresh_token,
        }  # fmt: skip

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return str(self.shop.place(shopper, [(self.shop.by_code(sku), pieces) for sku, pieces in basket]).tid)

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.shop.edit(self.shop.trade(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self.shop.trade(ref))

    def refund_line(self, ref: str, sku: str) -> bool:
        """The money of a line goes back before it left; False where it is too late."""
        return self.shop.refund(self.shop.trade(ref), sku)

    def pay_back(self, ref: str, sku: str, amount: Decimal) -> None:
        """Money back for what was sent."""
        self.shop.pay_back(self.shop.trade(ref), sku, amount)

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.by_code(sku).stock = available

    def _do(self, request: Request) -> Reply:
        method, form = self.gate.pass_in(request)
        body = self.routes.answer(method, form)
        name = method.removeprefix("taobao.").replace(".", "_")
        return Reply.json({f"{name}_response": {**body, "request_id": "0"}})


def _is_write(request: Request) -> bool:
    return form_of(request).get("method", "").endswith(WRITES)


def _throttle() -> Reply:
    words = "This ban will last for 1 more seconds"
    return TopError(7, "App Call Limited", "accesscontrol.limited-by-api-access-count", words).reply()


def _failure() -> Reply:
    return TopError(10, "Service Currently Unavailable").reply(500)
