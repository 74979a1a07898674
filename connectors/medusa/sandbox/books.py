"""The sandbox shop's own books: inventory items with levels, orders, fulfillments and what was paid back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper, cents
from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal

TAX_RATE = Decimal("0.10")
POSTAGE = Decimal("5.00")
TOO_MANY = "Quantity to fulfill exceeds the reserved quantity for the item"


def tax_on(net: Decimal) -> Decimal:
    """Of one line, or of the postage; in whole cents."""
    return cents(net * TAX_RATE)


class Refused(Refusal):
    """A refusal in Medusa's words: status, `type` and message."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply.json({"type": self.kind, "message": self.message}, self.status)


@dataclass(slots=True)
class Item:
    """One variant with its inventory item. `stocked` and `reserved` are those of the one location."""

    id: str
    variant: str
    sku: str
    title: str
    price: Decimal
    stocked: int
    reserved: int = 0
    leveled: bool = True


@dataclass(slots=True)
class Line:
    """One line. `quantity` is what is wanted now, `placed` what was first ordered."""

    id: str
    item: Item
    quantity: int
    placed: int
    fulfilled: int = 0
    shipped: int = 0

    @property
    def net(self) -> Decimal:
        return self.item.price * self.quantity


@dataclass(slots=True)
class Made:
    """One fulfillment; it is shipped once it has labels or was said to be."""

    id: str
    at: datetime
    takes: tuple[tuple[Line, int], ...]
    metadata: dict[str, str]
    shipped_at: datetime | None = None
    labels: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """One order with everything that hangs on it.

    canceled_by: "" while it stands, else buyer or api.  paid: captured; what an edit adds is captured at once.
    credits:     what was given back, one amount for each time; each lowers what the shop calls its total.
    """

    id: str
    number: int
    shopper: Shopper
    lines: list[Line]
    placed_at: datetime
    updated_at: datetime
    paid: Decimal = Decimal(0)
    canceled_by: str = ""
    credits: list[Decimal] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)

    @property
    def subtotal(self) -> Decimal:
        return sum((line.net for line in self.lines), POSTAGE)

    @property
    def goods_tax(self) -> Decimal:
        """The taxes of the lines, so that they add up."""
        return sum((tax_on(line.net) for line in self.lines), Decimal(0))

    @property
    def price(self) -> Decimal:
        """All with tax."""
        return self.subtotal + self.goods_tax + tax_on(POSTAGE)

    @property
    def refunded(self) -> Decimal:
        return sum(self.credits, Decimal(0))

    @property
    def left(self) -> bool:
        """Whether every piece left."""
        return all(line.shipped >= line.quantity for line in self.lines)


class Books:
    """All that the shop knows. Every public method takes the lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock, self._clock, self._count = threading.RLock(), clock, 0
        self._last: datetime | None = None
        self.location = self.new_id("sloc")
        self.items: dict[str, Item] = {}
        self.orders: dict[str, Order] = {}

    def new_id(self, kind: str) -> str:
        """Ids grow, as Medusa's do."""
        self._count += 1
        return f"{kind}_01{self._count:024d}"

    def now(self) -> datetime:
        """In milliseconds, and later than before, so that two changes never look alike."""
        now = self._clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = now if self._last is None else max(now, self._last + timedelta(milliseconds=1))
        return self._last

    def fill(self, shelf: Sequence[ShopItem]) -> None:
        """(Re)fill the shop; known SKUs keep their ids and what is reserved."""
        with self.lock:
            for entry in shelf:
                ids = (self.new_id("iitem"), self.new_id("variant"))
                fresh = Item(*ids, entry.sku, entry.title, Decimal(entry.price), entry.available)
                known = self.items.setdefault(entry.sku, fresh)
                known.title, known.price, known.stocked = entry.title, fresh.price, entry.available + known.reserved

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> Order:
        """A new order, paid; it reserves what it takes without looking."""
        with self.lock:
            lines = [Line(self.new_id("ordli"), self.items[sku], pieces, pieces) for sku, pieces in basket]
            for line in lines:
                line.item.reserved += line.quantity
            now = self.now()
            order = Order(self.new_id("order"), len(self.orders) + 1, shopper, lines, now, now)
            order.paid = order.price
            self.orders[order.id] = order
        return order

    def edit(self, order: Order, sku: str, quantity: int) -> bool:
        """An order edit of one line; False once anything was fulfilled or canceled, or nothing would change."""
        with self.lock:
            line = next((one for one in order.lines if one.item.sku == sku), None)
            if line is None or order.made or order.canceled_by or quantity < 1 or quantity == line.quantity:
                return False
            line.item.reserved += quantity - line.quantity
            line.quantity = quantity
            order.paid = max(order.paid, order.price)
            order.updated_at = self.now()
        return True

    def cancel(self, order: Order, by: str) -> bool:
        """Cancel and pay back; False where a fulfillment stands, or it is canceled."""
        with self.lock:
            if order.made or order.canceled_by:
                return False
            for line in order.lines:
                line.item.reserved -= line.quantity
            order.credits.append(order.paid - order.refunded)
            order.canceled_by, order.updated_at = by, self.now()
        return True

    def refund(self, order: Order, amount: Decimal) -> None:
        """Staff gives money back."""
        with self.lock:
            order.credits.append(amount)
            order.updated_at = self.now()

    def fulfill(self, order: Order, takes: Sequence[tuple[Line, int]], metadata: dict[str, str]) -> Made:
        """Pieces leave the stock with their reservations. Raises Refused."""
        with self.lock:
            if order.canceled_by:
                raise Refused(400, "invalid_data", f"Order with id {order.id} has been canceled.")
            for line, pieces in takes:
                if pieces > line.quantity - line.fulfilled:
                    raise Refused(400, "invalid_data", f"{TOO_MANY}: {line.id}")
            for line, pieces in takes:
                line.fulfilled += pieces
                line.item.stocked -= pieces
                line.item.reserved -= pieces
            order.updated_at = self.now()
            made = Made(self.new_id("ful"), order.updated_at, tuple(takes), metadata)
            order.made.append(made)
        return made

    def send(self, order: Order, made: Made, labels: list[dict[str, str]]) -> None:
        """The parcel left. Raises Refused."""
        with self.lock:
            if made.shipped_at:
                raise Refused(400, "not_allowed", "Shipment has already been created")
            for line, pieces in made.takes:
                line.shipped += pieces
            made.shipped_at = order.updated_at = self.now()
            made.labels = labels

    def book(self) -> tuple[BookOrder, ...]:
        """All orders as the shop knows them."""
        with self.lock:
            return tuple(_booked(order) for order in self.orders.values())

    def shown(self) -> dict[str, int]:
        """sku -> what the shop shows as available."""
        with self.lock:
            return {sku: item.stocked - item.reserved for sku, item in self.items.items()}


def _booked(order: Order) -> BookOrder:
    lines = tuple(BookLine(line.id, line.item.sku, line.placed, line.quantity, line.shipped) for line in order.lines)
    told = tuple(label["tracking_number"] for made in order.made for label in made.labels)
    return BookOrder(order.id, _state(order), lines, told, order.placed_at)


def _state(order: Order) -> str:
    if order.canceled_by:
        return "refused" if order.canceled_by == "api" else "cancelled"
    if not any(line.shipped for line in order.lines):
        return "open"
    return "shipped" if order.left else "partial"
