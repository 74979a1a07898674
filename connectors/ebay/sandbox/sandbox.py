"""The running sandbox: server, login, account and books in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.ebay.client import Seller
from connectors.ebay.sandbox.errors import EbayError, invalid
from connectors.ebay.sandbox.login import Login
from connectors.ebay.sandbox.notifications import Notifications
from connectors.ebay.sandbox.routes import Routes
from connectors.ebay.sandbox.shop import Shop
from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.clock import utc_now


class EbaySandbox(ShopSandbox):
    """One eBay seller on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:   makes the keys and faults repeatable.
        faults: decides which faults strike; default: none.
        paid:   whether orders are paid when they are placed.
        clock:  aware UTC now.
    """

    channel = "ebay"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        paid: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._paid = paid
        self.shop, self.login = Shop(clock), Login(seed)
        faults = faults or Faults(seed)
        self.notifications = Notifications(seed, faults, clock, self.shop.new_id)
        super().__init__(faults, self.shop, self.notifications.deliverer)
        self.routes = Routes(self.shop, self.login, self.notifications)
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_write, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "api_url": self.server.url, "client_id": self.login.client_id, "calls_per_second": "200",
            "refund_refused": "yes", "alert_email": "alerts@stockline.example",
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return dict(self.login.secrets)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        order = self.shop.place(shopper, basket, paid=self._paid)
        if self._paid:
            self.notifications.order_confirmed(order.id, [line.id for line in order.lines])
        return order.id

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self.shop.order(ref))

    def refund_line(self, ref: str, sku: str) -> bool:
        """The staff pays back a whole line that was not shipped; False where it is too late."""
        return self.shop.refund_line(self.shop.order(ref), sku)

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.item(sku).quantity = available

    def _do(self, request: Request) -> Reply:
        if (request.method, request.path) == ("POST", Seller.token):
            return self.login.token(request)
        if request.body and not request.headers.get("content-type", "").startswith("application/json"):
            raise invalid(2004, "Invalid request: the content type is not JSON")
        return self.routes.answer(request)


def _is_write(request: Request) -> bool:
    """Reading in bulk and logging in are posts too."""
    return (
        request.method != "GET"
        and request.path != Seller.token
        and not request.path.endswith("bulk_get_inventory_item")
    )


def _throttle() -> Reply:
    limit = EbayError(429, 2001, "The request limit has been reached for the resource.", "ACCESS").reply()
    return Reply(limit.status, limit.body, {**limit.headers, "retry-after": "1"})


def _failure() -> Reply:
    return EbayError(500, 30500, "System error").reply()
