"""The running sandbox: server, key and books in one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.medusa.sandbox.books import Books
from connectors.medusa.sandbox.routes import Routes
from hub.ports.clock import utc_now


class MedusaSandbox(ShopSandbox):
    """One Medusa shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args: seed:   makes the key and faults repeatable.
          faults: shared or scripted faults; none strike by default.
          clock:  aware UTC now.
    """

    channel = "medusa"

    def __init__(self, seed: int = 0, faults: Faults | None = None, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._key = f"sk_{hashlib.sha256(f'medusa {seed}'.encode()).hexdigest()}"
        self.books = Books(clock)
        super().__init__(faults or Faults(seed), self.books)
        self.routes = Routes(self.books)
        self.server = SandboxServer(self._answer, self.faults, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        return {"shop_url": self.server.url, "calls_per_second": "200"}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"api_key": self._key}

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return self.books.place(shopper, basket).id

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.books.edit(self.books.orders[ref], sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.books.cancel(self.books.orders[ref], "buyer")

    def _set_by_hand(self, sku: str, available: int) -> None:
        item = self.books.items[sku]
        item.stocked = available + item.reserved

    def _do(self, request: Request) -> Reply:
        basic = base64.b64encode(f"{self._key}:".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Reply.json({"message": "Unauthorized"}, 401)
        return self.routes.answer(request)


def _throttle() -> Reply:
    """Medusa names no limit; a host in front of it answers so."""
    return Reply(429, b"Too Many Requests", {"content-type": "text/plain", "retry-after": "1"})


def _failure() -> Reply:
    return Reply.json({"code": "unknown_error", "type": "unknown_error", "message": "An unknown error occurred."}, 500)
