"""The running sandbox: server, shop, imports and books in one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.kit.sandbox import BookOrder, Faults, ShopItem, Shopper
from connectors.kit.server import Reply, Request, SandboxServer
from connectors.mirakl.sandbox.errors import MiraklError
from connectors.mirakl.sandbox.imports import Imports
from connectors.mirakl.sandbox.routes import Routes
from connectors.mirakl.sandbox.shop import Order, Shop
from connectors.mirakl.spec import CALL_GAPS_S
from hub.ports.clock import utc_now

SHOP_ID = 2000


class MiraklSandbox:
    """One shop on one marketplace on 127.0.0.1 (meets `connectors.kit.sandbox.Sandbox`).

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
        self.faults = faults or Faults(seed)
        self._key = hashlib.sha256(f"mirakl:{seed}".encode()).hexdigest()[:36]
        self.shop = Shop(clock, asks=asks, debits=debits)
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

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        self.shop.fill(items)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return self.shop.place(shopper, [(self.shop.by_sku(sku), pieces) for sku, pieces in basket]).id

    def edit_order(self, ref: str, sku: str, quantity: int) -> bool:
        """A marketplace's customer can take pieces off a line, never add any."""
        order = self._order(ref)
        current = sum(line.current for line in order.lines if line.offer.sku == sku)
        return self._counted("order_edited", self.shop.cancel_pieces(order, sku, current - quantity))

    def cancel_order(self, ref: str) -> bool:
        return self._counted("order_cancelled", self.shop.cancel(self._order(ref), "buyer"))

    def refund_order(self, ref: str, sku: str, quantity: int) -> bool:
        """Money back for pieces that were shipped; False where there are not so many."""
        return self.shop.refund(self._order(ref), sku, quantity)

    def debit_order(self, ref: str) -> None:
        """The customer is debited: what was accepted may ship."""
        self.shop.debit(self._order(ref))

    def change_stock_by_hand(self, sku: str, available: int) -> None:
        self.faults.count("manual_stock_change")
        self.shop.by_sku(sku).quantity = available

    def outage(self, seconds: float) -> None:
        self.server.outage(seconds)

    def book(self) -> tuple[BookOrder, ...]:
        return tuple(self.shop.book())

    def shown_stock(self) -> Mapping[str, int]:
        return self.shop.shown()

    def _order(self, ref: str) -> Order:
        return self.shop.order(ref)

    def _counted(self, fault: str, happened: bool) -> bool:
        if happened:
            self.faults.count(fault)
        return happened

    def _answer(self, request: Request) -> Reply:
        try:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._key.encode()):
                raise MiraklError(401, "Unauthorized")
            return self.routes.answer(request)
        except MiraklError as error:
            return error.reply()


def _throttle() -> Reply:
    """Mirakl itself never says so; what stands in front of a marketplace may."""
    error = MiraklError(429, "Too Many Requests")
    return Reply.json({"message": error.message, "status": error.status}, error.status, {"retry-after": "1"})


def _failure() -> Reply:
    return MiraklError(500, "Internal Server Error").reply()
