"""The running practice shop: server, books and faults in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.kit.sandbox import BookOrder, Faults, ShopItem, Shopper
from connectors.kit.server import Reply, Request, SandboxServer
from hub.ports.clock import utc_now

from .routes import Refused, Routes
from .shop import Shop


class PracticeShop:
    """One shop on 127.0.0.1 (meets `connectors.kit.sandbox.Sandbox`).

    Args: seed:   makes token and faults repeatable.
          faults: shared or scripted faults; none strike by default.
          clock:  aware UTC now.
    """

    channel = "shelfmart"

    def __init__(self, seed: int = 0, faults: Faults | None = None, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.faults = faults or Faults(seed)
        self.shop = Shop(clock)
        self.loop_pages = False
        self._token = f"practice-token-{seed:08d}"
        self._routes = Routes(self.shop)
        self.server = SandboxServer(self._answer, self.faults)

    @property
    def settings(self) -> Mapping[str, str]:
        return {"shop_url": self.server.url, "calls_per_second": "200"}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"token": self._token}

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        with self.shop.lock:
            self.shop.fill(items)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        with self.shop.lock:
            return self.shop.place(shopper, basket).id

    def edit_order(self, ref: str, sku: str, quantity: int) -> bool:
        with self.shop.lock:
            return self._counted("order_edited", self.shop.edit(self.shop.orders[ref], sku, quantity))

    def cancel_order(self, ref: str) -> bool:
        with self.shop.lock:
            return self._counted("order_cancelled", self.shop.close(self.shop.orders[ref], "cancelled"))

    def change_stock_by_hand(self, sku: str, available: int) -> None:
        self.faults.count("manual_stock_change")
        with self.shop.lock:
            self.shop.by_sku(sku).stock = available

    def outage(self, seconds: float) -> None:
        self.server.outage(seconds)

    def book(self) -> tuple[BookOrder, ...]:
        with self.shop.lock:
            return self.shop.book()

    def shown_stock(self) -> Mapping[str, int]:
        with self.shop.lock:
            return {product.item.sku: product.stock for product in self.shop.products.values()}

    def _counted(self, fault: str, happened: bool) -> bool:
        if happened:
            self.faults.count(fault)
        return happened

    def _answer(self, request: Request) -> Reply:
        """Strict: a wrong token, an unknown address, name or value is refused, and nothing is changed."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return Reply.json({"error": "this token is not known"}, 401)
        try:
            with self.shop.lock:
                return Reply.json(self._routes.answer(request, loop=self.loop_pages))
        except Refused as refused:
            return Reply.json({"error": str(refused)}, refused.status)
