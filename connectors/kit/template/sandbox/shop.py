"""The practice shop's books: products, orders, parcels. Not safe between threads by itself: hold `lock`."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

_BOOK = {"open": "open", "partial": "partial", "shipped": "shipped", "cancelled": "cancelled", "refused": "refused"}
"""State as the shop calls it -> as the contract reads it in the book; this shop happens to have the same words."""


@dataclass(slots=True)
class Product:
    """One thing on sale; `stock` may fall below zero, the shop never checks it."""

    id: str
    item: ShopItem
    stock: int


@dataclass(slots=True)
class Line:
    """One line of an order, in pieces."""

    id: str
    product: Product
    ordered: int
    current: int
    shipped: int = 0


@dataclass(slots=True)
class Order:
    """state: open, partial, shipped, cancelled (by the buyer), refused (by us). parcels: number -> tracking."""

    id: str
    shopper: Shopper
    lines: list[Line]
    placed_at: datetime
    changed_at: datetime
    state: str = "open"
    parcels: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """What it costs now."""
        return sum((Decimal(line.product.item.price) * line.current for line in self.lines), Decimal(0))


class Shop:
    """What the shop knows; every change of an order moves it to the end of the list by date of change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.products: dict[str, Product] = {}
        self.orders: dict[str, Order] = {}
        self._clock, self._ids, self._last = clock, itertools.count(1001), clock()
        self._stopped = False

    def stop_clock(self) -> None:
        """All that happens from now on has one time, as where a shop imports orders."""
        self._stopped = True

    def _now(self) -> datetime:
        """No two changes at the same moment, unless the clock was stopped."""
        if self._stopped:
            return self._last
        self._last = max(self._clock(), self._last + timedelta(microseconds=1))
        return self._last

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)fill the shelves."""
        made = [Product(str(next(self._ids)), item, item.available) for item in items]
        self.products = {product.id: product for product in made}

    def by_sku(self, sku: str) -> Product:
        """The product of that SKU. Raises StopIteration: there is none."""
        return next(product for product in self.products.values() if product.item.sku == sku)

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> Order:
        """A customer orders; the numbers on sale fall."""
        now = self._now()
        wanted = [(self.by_sku(sku), pieces) for sku, pieces in basket]
        lines = [Line(str(next(self._ids)), product, pieces, pieces) for product, pieces in wanted]
        order = Order(str(next(self._ids)), shopper, lines, now, now)
        self.orders[order.id] = order
        for line in lines:
            line.product.stock -= line.ordered
        return order

    def edit(self, order: Order, sku: str, quantity: int) -> bool:
        """Change one line; False where it is too late or there is no such line."""
        line = next((one for one in order.lines if one.product.item.sku == sku), None)
        if line is None or order.state != "open":
            return False
        line.product.stock += line.current - quantity
        line.current, order.changed_at = quantity, self._now()
        return True

    def close(self, order: Order, state: str) -> bool:
        """Cancel or refuse; the pieces go back on sale. False where something left, or it is closed."""
        if order.state != "open":
            return False
        for line in order.lines:
            line.product.stock += line.current
        order.state, order.changed_at = state, self._now()
        return True

    def ship(self, order: Order, number: str, tracking: str, pieces: dict[str, int], *, last: bool) -> None:
        """A parcel left with these pieces by line."""
        for line in order.lines:
            line.shipped += pieces.get(line.id, 0)
        order.parcels[number] = tracking
        order.state, order.changed_at = "shipped" if last else "partial", self._now()

    def end(self, order: Order) -> None:
        """Nothing more of a partly shipped order will leave."""
        if order.state == "partial":
            order.state, order.changed_at = "shipped", self._now()

    def book(self) -> tuple[BookOrder, ...]:
        """All orders as the shop knows them."""
        return tuple(_entry(order) for order in self.orders.values())

    def shown(self) -> dict[str, int]:
        """sku -> the number on sale."""
        return {product.item.sku: product.stock for product in self.products.values()}


def _entry(order: Order) -> BookOrder:
    lines = tuple(BookLine(x.id, x.product.item.sku, x.ordered, x.current, x.shipped) for x in order.lines)
    return BookOrder(
        order.id, _BOOK.get(order.state, order.state), lines, tuple(order.parcels.values()), order.placed_at
    )
