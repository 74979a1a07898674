"""The running sandbox: server, shop, imports and books in one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.mirakl.sandbox.errors import MiraklError
from connectors.mirakl.sandbox.imports import Imports
from connectors.mirakl.sandbox.routes import Routes
from connectors.mirakl.sandbox.shop import Order, Shop
from connectors.mirakl.spec import CALL_GAPS_S
from hub.ports.clock import utc_now

SHOP_ID = 2000


class MiraklSandbox(ShopSandbox):
    """One shop on one marketplace on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:    makes the key and faults repeatable.
        faults:  shared or scripted faults; none strike by default.
        asks:    whether orders wait for the seller's acceptance.
        debits:  whether the customer is debited as soon as an order is accepted (else by `debit_order`).
        several: whether multiple shipments are switched on.
        clock:   aware UTC now.
    """

    channel = "mirakl"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        asks: bool = False,
        debits: bool = True,
        several: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._key = hashlib.sha256(f"mirakl:{seed}".encode()).hexdigest()[:36]
        self.shop = Shop(clock, asks=asks, debits=debits)
        super().__init__(faults or Faults(seed), self.shop)
        self.imports = Imports(self.shop)
        self.routes = Routes(self.shop, self.imports, SHOP_ID, several=several)
        self.server = SandboxServer(self._answer, self.faults, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        """The gaps between calls are the platform's own in real life; here they would only make everybody wait."""
        return {
            "shop_url": self.server.url, "shop_id": str(SHOP_ID), "calls_per_second": "200",
            "call_gaps": ", ".join(f"{operation}=0" for operation in CALL_GAPS_S),
            "parcels": "several" if self.routes.several else "one",
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"api_key": self._key}

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return self.shop.place(shopper, [(self.shop.by_sku(sku), pieces) for sku, pieces in basket]).id

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        """A marketplace's customer can take pieces off a line, never add any."""
        order = self._order(ref)
        current = sum(line.current for line in order.lines if line.offer.sku == sku)
        return self.shop.cancel_pieces(order, sku, current - quantity)

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self._order(ref), "buyer")

    def refund_order(self, ref: str, sku: str, quantity: int) -> bool:
        """Money back for pieces that were shipped; False where there are not so many."""
        return self.shop.refund(self._order(ref), sku, quantity)

    def debit_order(self, ref: str) -> None:
        """The customer is debited: what was accepted may ship."""
        self.shop.debit(self._order(ref))

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.by_sku(sku).quantity = available

    def _order(self, ref: str) -> Order:
        return self.shop.order(ref)

    def _do(self, request: Request) -> Reply:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._key.encode()):
            raise MiraklError(401, "Unauthorized")
        return self.routes.answer(request)


def _throttle() -> Reply:
    """Mirakl itself never says so; what stands in front of a marketplace may."""
    error = MiraklError(429, "Too Many Requests")
    return Reply.json({"message": error.message, "status": error.status}, error.status, {"retry-after": "1"})


def _failure() -> Reply:
    return MiraklError(500, "Internal Server Error").reply()
