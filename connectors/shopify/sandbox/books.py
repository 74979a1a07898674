"""The sandbox shop's own books: items, orders, fulfillments and stock; every change says which webhooks it rings."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

CURRENCY = "USD"
TAX_RATE = Decimal("0.08")
SHIPPING_FEE = Decimal("4.90")
CENT = Decimal("0.01")
KEPT_ORDERS = 20_000
FIRST_ID = 9_007_199_254_740_993
"""2**53 + 1: ids that a float or a JavaScript number cannot hold."""


@dataclass(slots=True)
class Item:
    """One variant with its inventory item."""

    variant_id: int
    product_id: int
    inventory_item_id: int
    sku: str
    title: str
    price: Decimal
    barcode: str
    available: int


@dataclass(slots=True)
class Line:
    """One line. `quantity` is all that was ever ordered; `current` what is wanted now; `first` as first ordered."""

    id: int
    fulfillment_line_id: int
    item: Item
    first: int
    quantity: int
    current: int
    shipped: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.current - self.shipped)

    @property
    def subtotal(self) -> Decimal:
        return self.item.price * self.quantity

    @property
    def tax(self) -> Decimal:
        return (self.subtotal * TAX_RATE).quantize(CENT, ROUND_HALF_UP)


@dataclass(slots=True)
class Fulfillment:
    """One parcel as the shop was told."""

    id: int
    created_at: datetime
    company: str | None
    numbers: tuple[str, ...]
    urls: tuple[str, ...]
    lines: tuple[tuple[Line, int], ...]


@dataclass(slots=True)
class SandboxOrder:
    """One order with everything that hangs on it."""

    id: int
    number: int
    shopper: Shopper
    customer_id: int
    fulfillment_order_id: int
    lines: list[Line]
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    refund_id: int = 0
    fulfillments: list[Fulfillment] = field(default_factory=list)

    @property
    def subtotal(self) -> Decimal:
        return sum((line.subtotal for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax + SHIPPING_FEE

    @property
    def refunded(self) -> Decimal:
        return self.total if self.cancelled_at else Decimal(0)

    @property
    def wanted(self) -> int:
        return sum(line.current for line in self.lines)

    @property
    def shipped(self) -> int:
        return sum(line.shipped for line in self.lines)

    @property
    def done(self) -> bool:
        return self.cancelled_at is not None or self.shipped >= self.wanted

    @property
    def state(self) -> str:
        if self.cancelled_at:
            return "refused" if self.cancel_reason == "INVENTORY" else "cancelled"
        if self.shipped == 0:
            return "open"
        return "shipped" if self.shipped >= self.wanted else "partial"


Ring = Callable[[str, SandboxOrder | Item], None]
"""Told (topic, what changed) for every event, while the books are locked."""


class Books:
    """All that the shop knows. Every public method takes the lock; `ring` is called inside it."""

    def __init__(self, seed: int, ring: Ring) -> None:
        self.lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311 - numbers of a sandbox
        self._ring = ring
        self._last_id = FIRST_ID + 2 * self._random.randrange(10**9)
        self._last_number = 1000
        self.items: dict[str, Item] = {}
        self.by_inventory_item: dict[int, Item] = {}
        self.orders: dict[int, SandboxOrder] = {}
        self.by_fulfillment_order: dict[int, SandboxOrder] = {}
        self.shop_id, self.location_id = self.new_id(), self.new_id()

    def new_id(self) -> int:
        with self.lock:
            self._last_id += 1 + self._random.randrange(1000)
            return self._last_id

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)fill the shop; items with a known SKU keep their ids."""
        with self.lock:
            for entry in items:
                price = Decimal(entry.price)
                known = self.items.get(entry.sku)
                if known:
                    known.title, known.price, known.barcode = entry.title, price, entry.barcode
                    known.available = entry.available
                else:
                    ids = (self.new_id(), self.new_id(), self.new_id())
                    made = Item(*ids, entry.sku, entry.title, price, entry.barcode, entry.available)
                    self.items[made.sku] = self.by_inventory_item[made.inventory_item_id] = made

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> SandboxOrder:
        """A new paid order; the shop sells without looking, so that `available` may fall below zero."""
        with self.lock:
            lines = [self._line(sku, quantity) for sku, quantity in basket]
            now = _now()
            self._last_number += 1
            ids = (self.new_id(), self._last_number, shopper, self.new_id(), self.new_id())
            order = SandboxOrder(*ids, lines, now, now)
            self.orders[order.id] = self.by_fulfillment_order[order.fulfillment_order_id] = order
            for line in lines:
                self._move(line.item, -line.current)
            self._ring("orders/create", order)
            self._forget_old()
            return order

    def _line(self, sku: str, quantity: int) -> Line:
        return Line(self.new_id(), self.new_id(), self.items[sku], quantity, quantity, quantity)

    def _move(self, item: Item, pieces: int) -> None:
        if pieces:
            item.available += pieces
            self._ring("inventory_levels/update", item)

    def edit(self, order_id: int, sku: str, quantity: int) -> bool:
        """Set what is wanted of one line; False once anything was shipped or cancelled, or nothing would be left."""
        with self.lock:
            order = self.orders[order_id]
            line = next((line for line in order.lines if line.item.sku == sku), None)
            if line is None or order.done or order.shipped or quantity == line.current:
                return False
            if quantity < 0 or order.wanted - line.current + quantity < 1:
                return False
            self._move(line.item, line.current - quantity)
            line.current, line.quantity = quantity, max(line.quantity, quantity)
            self._touch(order)
            self._ring("orders/edited", order)
            self._ring("orders/updated", order)
            return True

    def cancel(self, order_id: int, reason: str, *, restock: bool = True) -> bool:
        """Cancel and refund; False once anything was shipped or it is cancelled already."""
        with self.lock:
            order = self.orders[order_id]
            if order.cancelled_at or order.shipped:
                return False
            for line in order.lines:
                if restock:
                    self._move(line.item, line.current)
                line.current = 0
            self._touch(order)
            order.cancelled_at, order.cancel_reason, order.refund_id = order.updated_at, reason, self.new_id()
            for topic in ("orders/cancelled", "refunds/create", "orders/updated"):
                self._ring(topic, order)
            return True

    def ship(self, order: SandboxOrder, takes: Sequence[tuple[Line, int]], tracking: Mapping[str, Any]) -> Fulfillment:
        """Record a parcel; the caller has checked that so much remains."""
        with self.lock:
            for line, pieces in takes:
                line.shipped += pieces
            self._touch(order)
            numbers = tuple(tracking.get("numbers") or filter(None, [tracking.get("number")]))
            urls = tuple(tracking.get("urls") or filter(None, [tracking.get("url")]))
            made = Fulfillment(self.new_id(), order.updated_at, tracking.get("company"), numbers, urls, tuple(takes))
            order.fulfillments.append(made)
            whole = "orders/fulfilled" if order.done else "orders/partially_fulfilled"
            for topic in ("fulfillments/create", whole, "orders/updated"):
                self._ring(topic, order)
            return made

    def set_available(self, item: Item, available: int) -> None:
        """The number is set, by whomever."""
        with self.lock:
            self._move(item, available - item.available)

    def _touch(self, order: SandboxOrder) -> None:
        """Whole seconds, as Shopify writes them, and later than before, so that two changes never look alike."""
        order.updated_at = max(_now(), order.updated_at + timedelta(seconds=1))

    def _forget_old(self) -> None:
        if len(self.orders) > KEPT_ORDERS:
            gone = next((order.id for order in self.orders.values() if order.done), next(iter(self.orders)))
            del self.by_fulfillment_order[self.orders.pop(gone).fulfillment_order_id]

    def book(self) -> tuple[BookOrder, ...]:
        with self.lock:
            return tuple(_booked(order) for order in self.orders.values())

    def shown(self) -> dict[str, int]:
        with self.lock:
            return {sku: item.available for sku, item in self.items.items()}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _booked(order: SandboxOrder) -> BookOrder:
    lines = tuple(BookLine(str(line.id), line.item.sku, line.first, line.current, line.shipped) for line in order.lines)
    trackings = tuple(number for made in order.fulfillments for number in made.numbers)
    return BookOrder(str(order.id), order.state, lines, trackings, order.created_at, {"number": f"#{order.number}"})
