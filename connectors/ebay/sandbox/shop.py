"""The sandbox account's books: items, orders, fulfillments, refunds, cancellations."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connectors.ebay.sandbox.errors import invalid, no_such_order, no_such_sku
from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

POSTAGE = Decimal("4.90")
CARRIER_LESS = "9999"
FIRST_LISTING, FIRST_LINE = 225_000_000_000, 10_000_000_000_000


@dataclass
class Item:
    """One inventory item; `number` is its legacy listing id."""

    sku: str
    number: int
    title: str
    price: Decimal
    quantity: int
    barcode: str = ""


@dataclass
class Line:
    """One line of an order; `refunded`: money paid back for it."""

    id: str
    item: Item
    ordered: int
    shipped: int = 0
    refunded: Decimal = Decimal(0)

    @property
    def cost(self) -> Decimal:
        """Of all its pieces."""
        return self.item.price * self.ordered


@dataclass(frozen=True)
class Parcel:
    """One shipping fulfillment."""

    id: str
    lines: tuple[tuple[Line, int], ...]
    shipped: str
    carrier: str = ""
    tracking: str = ""


@dataclass
class Order:
    """One order, paid when it is placed unless `paid` says otherwise."""

    id: str
    shopper: Shopper
    lines: tuple[Line, ...]
    created: datetime
    modified: datetime
    paid: bool = True
    cancel: str = "NONE_REQUESTED"
    cancel_reason: str = ""
    refunds: list[tuple[str, Decimal, datetime]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return sum((line.cost for line in self.lines), POSTAGE)

    @property
    def refunded(self) -> Decimal:
        """What was paid back, of the order and of its lines."""
        return sum((amount for _, amount, _ in self.refunds), Decimal(0)) + sum(line.refunded for line in self.lines)

    @property
    def shipping(self) -> str:
        """How far it is shipped, in eBay's word."""
        if not self.parcels:
            return "NOT_STARTED"
        return "FULFILLED" if all(line.shipped >= line.ordered for line in self.lines) else "IN_PROGRESS"


class Shop:
    """One seller's account. Every public method may be called from any thread."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.now = clock
        self.items: dict[str, Item] = {}
        self.orders: dict[str, Order] = {}
        self._numbers = itertools.count(1)

    def new_id(self) -> int:
        return next(self._numbers)

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)stock the account with these items."""
        with self.lock:
            self.items = {
                one.sku: Item(one.sku, FIRST_LISTING + at, one.title, Decimal(one.price), one.available, one.barcode)
                for at, one in enumerate(items)
            }

    def item(self, sku: str) -> Item:
        """Raises EbayError 404."""
        if sku not in self.items:
            raise no_such_sku(sku)
        return self.items[sku]

    def order(self, ref: str) -> Order:
        """Raises EbayError 404."""
        if ref not in self.orders:
            raise no_such_order(ref)
        return self.orders[ref]

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]], *, paid: bool) -> Order:
        """A buyer pays (or only commits to buy)."""
        with self.lock:
            at, number = self.now(), self.new_id()
            lines = tuple(Line(f"{FIRST_LINE + self.new_id()}", self.item(sku), count) for sku, count in basket)
            for line in lines:
                line.item.quantity -= line.ordered
            order = Order(f"{number % 90 + 10}-{number:05d}-{at:%H%M%S}", shopper, lines, at, at, paid)
            self.orders[order.id] = order
            return order

    def cancel(self, order: Order) -> bool:
        """The buyer's request is granted; False where anything left already."""
        with self.lock:
            if order.parcels or order.cancel == "CANCELED" or order.refunds:
                return False
            order.cancel, order.cancel_reason = "CANCELED", "ORDER_PLACED_BY_MISTAKE"
            for line in order.lines:
                line.item.quantity += line.ordered
            if order.paid:
                order.refunds.append((str(self.new_id()), order.total, self.now()))
            self.touch(order)
            return True

    def refund(self, order: Order, amount: Decimal) -> str:
        """The seller pays back; raises EbayError 400 where it is more than was paid."""
        with self.lock:
            if not order.paid or amount <= 0 or order.refunded + amount > order.total:
                raise invalid(34901, "The refund amount is invalid for this order.")
            ref = str(self.new_id())
            order.refunds.append((ref, amount, self.now()))
            self.touch(order)
            return ref

    def refund_line(self, order: Order, sku: str) -> bool:
        """The staff pays a whole line back; False where it left already."""
        with self.lock:
            line = next((line for line in order.lines if line.item.sku == sku), None)
            if line is None or line.shipped or line.refunded or order.refunds:
                return False
            line.refunded = line.cost
            self.touch(order)
            return True

    def ship(self, order: Order, pieces: Mapping[str, int], shipped: str, carrier: str, tracking: str) -> Parcel:
        """A parcel leaves. Raises EbayError 400."""
        with self.lock:
            known = {line.id: line for line in order.lines}
            for ref, count in pieces.items():
                if ref not in known:
                    raise invalid(32200, f"Invalid line item id: {ref}")
                if not 0 < count <= known[ref].ordered - known[ref].shipped:
                    raise invalid(32230, f"Invalid quantity for line item id: {ref}")
            if order.cancel == "CANCELED":
                raise invalid(32300, "The order is cancelled and cannot be fulfilled.")
            lines = tuple((known[ref], count) for ref, count in pieces.items())
            for line, count in lines:
                line.shipped += count
            parcel = Parcel(tracking or CARRIER_LESS, lines, shipped, carrier, tracking)
            order.parcels.append(parcel)
            self.touch(order)
            return parcel

    def touch(self, order: Order) -> None:
        """The order changed now."""
        order.modified = self.now()

    def book(self) -> Iterator[BookOrder]:
        """All orders as the account knows them."""
        with self.lock:
            for order in self.orders.values():
                told = tuple(parcel.tracking for parcel in order.parcels)
                lines = tuple(_line(order, line) for line in order.lines)
                yield BookOrder(order.id, _state(order), lines, told, order.created)

    def shown(self) -> dict[str, int]:
        """sku -> the number on sale."""
        with self.lock:
            return {item.sku: item.quantity for item in self.items.values()}


def _line(order: Order, line: Line) -> BookLine:
    back = not line.shipped and (bool(line.refunded) or order.refunded >= order.total)
    return BookLine(line.id, line.item.sku, line.ordered, 0 if back else line.ordered, line.shipped)


def _state(order: Order) -> str:
    if order.cancel == "CANCELED":
        return "cancelled"
    if order.refunds and not order.parcels:
        return "refused"
    return {"NOT_STARTED": "open", "IN_PROGRESS": "partial", "FULFILLED": "shipped"}[order.shipping]
