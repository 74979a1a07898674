"""The running sandbox: server, shop, webhooks and books in one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.woocommerce.sandbox.auth import Gate
from connectors.woocommerce.sandbox.hooks import Hooks
from connectors.woocommerce.sandbox.routes import Routes
from connectors.woocommerce.sandbox.shapes import Shapes
from connectors.woocommerce.sandbox.shop import Order, Shop
from hub.ports.clock import utc_now


class WooSandbox(ShopSandbox):
    """One WooCommerce shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:            makes keys and faults repeatable.
        faults:          shared or scripted faults; none strike by default.
        zone:            the site's zone; `date_*` fields are in it, without offset.
        tracking_plugin: whether the shipment-tracking plugin is installed.
        permissions:     of the API key: "read", "write" or "read_write".
        clock:           aware UTC now.
    """

    channel = "woocommerce"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        zone: str = "America/New_York",
        tracking_plugin: bool = True,
        permissions: str = "read_write",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        faults = faults or Faults(seed)
        self._zone, self._plugin = ZoneInfo(zone), tracking_plugin
        key, secret, self._hook_secret = (hashlib.sha256(f"{seed}:{n}".encode()).hexdigest()[:40] for n in range(3))
        self._key, self._secret = f"ck_{key}", f"cs_{secret}"
        self.gate = Gate(self._key, self._secret, permissions)
        self.shop = Shop(clock, self._ring)
        self.hooks = Hooks(faults, self.shop.new_id, lambda: int(clock().timestamp()))
        super().__init__(faults, self.shop, self.hooks.deliverer)
        self.server = SandboxServer(self._answer, faults, throttle=_throttle, failure=_failure)
        self._open(zone_url="http://127.0.0.1")

    def _open(self, zone_url: str) -> None:
        self._shapes = Shapes(self.shop, self._zone, zone_url)
        self.routes = Routes(self.shop, self._shapes, self.hooks, self._zone, trackings=self._plugin)

    @property
    def settings(self) -> Mapping[str, str]:
        return {"shop_url": self.server.url, "zone": self._zone.key, "calls_per_second": "200"}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"consumer_key": self._key, "consumer_secret": self._secret, "webhook_secret": self._hook_secret}

    def start(self, port: int = 0) -> None:
        super().start(port)
        self._open(self.server.url)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return str(self.shop.place(shopper, [(self.shop.by_sku(sku), pieces) for sku, pieces in basket]).id)

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.shop.edit(self._order(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self._order(ref), "buyer")

    def refund_order(self, ref: str, sku: str, quantity: int) -> bool:
        """The staff gives money back for some pieces, which go back on sale; False where there are not so many."""
        order = self._order(ref)
        line = next((one for one in order.lines if one.item.sku == sku), None)
        if line is None or not 0 < quantity <= self.shop.left(order, line):
            return False
        self.shop.refund(order, {line.id: quantity}, "returned", None)
        return True

    def delete_order(self, ref: str) -> None:
        """Somebody removes the order for good."""
        self.shop.delete(self._order(ref))

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.set_stock(self.shop.by_sku(sku), available)

    def _order(self, ref: str) -> Order:
        return self.shop.order(int(ref))

    def _do(self, request: Request) -> Reply:
        if request.path.rstrip("/") != "/wp-json":
            self.gate.check(request, self.server.url)
        return self.routes.answer(request)

    def _ring(self, topic: str, resource_id: int) -> None:
        kind, _, event = topic.partition(".")
        with self.shop.lock:
            if event == "deleted":
                body = {"id": resource_id}
            elif kind == "order":
                body = self._shapes.order(self.shop.order(resource_id))
            else:
                body = self._shapes.item(self.shop.items[resource_id])
            self.hooks.ring(topic, body, self.server.url)


def _throttle() -> Reply:
    return Reply.json(
        {"code": "rest_too_many_requests", "message": "Too many requests.", "data": {"status": 429}},
        429, {"retry-after": "1"},
    )  # fmt: skip


def _failure() -> Reply:
    message = "<p>There has been a critical error on this website.</p>"
    return Reply.json({"code": "internal_server_error", "message": message, "data": {"status": 500}}, 500)
