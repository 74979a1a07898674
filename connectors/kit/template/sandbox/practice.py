"""The running practice shop: server, books and faults in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.clock import utc_now

from .routes import Routes
from .shop import Shop


class PracticeShop(ShopSandbox):
    """One shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args: seed:   makes token and faults repeatable.
          faults: shared or scripted faults; none strike by default.
          clock:  aware UTC now.
    """

    channel = "shelfmart"

    def __init__(self, seed: int = 0, faults: Faults | None = None, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.shop = Shop(clock)
        super().__init__(faults or Faults(seed), self.shop)
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

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        with self.shop.lock:
            return self.shop.place(shopper, basket).id

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.shop.edit(self.shop.orders[ref], sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.shop.close(self.shop.orders[ref], "cancelled")

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.by_sku(sku).stock = available

    def _do(self, request: Request) -> Reply:
        """Strict: a wrong token, an unknown address, name or value is refused, and nothing is changed."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return Reply.json({"error": "this token is not known"}, 401)
        with self.shop.lock:
            return Reply.json(self._routes.answer(request, loop=self.loop_pages))
