"""The sandbox account's books: listings, orders, packages, cancellations; what Amazon itself ships."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connectors.amazon.sandbox.errors import invalid, missing
from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

POSTAGE = Decimal("4.90")
SELLER, MARKETPLACE = "A3STOCKLINE", "A1PA6795UKMFR9"


@dataclass
class Listing:
    """One listing. fba: Amazon keeps its stock. waiting: a number that was taken, and looks until it is shown."""

    sku: str
    title: str
    price: Decimal
    quantity: int
    created: datetime
    fba: bool = False
    waiting: tuple[int, int] | None = None
    attributes: dict[str, object] = field(default_factory=lambda: {"lead_time_to_ship_max_days": 2})

    def look(self) -> None:
        """Somebody reads the listing: what was taken comes nearer to being shown."""
        if self.waiting:
            number, looks = self.waiting
            self.waiting = (number, looks - 1) if looks > 0 else None
            self.quantity = self.quantity if looks > 0 else number


@dataclass
class Line:
    """One line of an order; `cancelled`: pieces that nobody wants any more."""

    id: str
    listing: Listing
    ordered: int
    shipped: int = 0
    cancelled: int = 0

    @property
    def left(self) -> int:
        """Pieces that are still to be shipped."""
        return self.ordered - self.cancelled - self.shipped


@dataclass(frozen=True)
class Package:
    """One confirmed parcel."""

    reference: str
    pieces: Mapping[str, int]
    shipped: str
    carrier: str
    tracking: str


@dataclass
class Order:
    """One order. pending: Amazon waits for the payment. by: who ships it, AMAZON or MERCHANT.

    reason, ended_by: why it was cancelled, and by whom: BUYER or MERCHANT. asked: why the buyer wants it cancelled.
    """

    id: str
    shopper: Shopper
    lines: tuple[Line, ...]
    created: datetime
    updated: datetime
    pending: bool = False
    by: str = "MERCHANT"
    reason: str = ""
    ended_by: str = "BUYER"
    asked: str = ""
    packages: dict[str, Package] = field(default_factory=dict)

    @property
    def goods(self) -> Decimal:
        """What the pieces cost."""
        return sum((line.listing.price * line.ordered for line in self.lines), Decimal(0))

    @property
    def status(self) -> str:
        """Its state in Amazon's word."""
        if self.reason:
            return "CANCELLED"
        if self.pending:
            return "PENDING"
        if not any(line.shipped for line in self.lines):
            return "UNSHIPPED"
        return "PARTIALLY_SHIPPED" if any(line.left for line in self.lines) else "SHIPPED"


class Shop:
    """One seller's account. Every public method may be called from any thread. `told`: is called with each change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.now = clock
        self.listings: dict[str, Listing] = {}
        self.orders: dict[str, Order] = {}
        self.told: Callable[[Order, str], None] = lambda order, kind: None
        self.late = 0
        self._numbers = itertools.count(1)

    def new_id(self) -> int:
        return next(self._numbers)

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)stock the account with these items."""
        with self.lock:
            self.listings = {
                one.sku: Listing(one.sku, one.title, Decimal(one.price), one.available, self.now()) for one in items
            }

    def listing(self, sku: str) -> Listing:
        """Raises AmazonError 404."""
        if sku not in self.listings:
            raise missing(f"SKU '{sku}' not found in marketplace {MARKETPLACE}")
        return self.listings[sku]

    def order(self, ref: str) -> Order:
        """Raises AmazonError 404."""
        if ref not in self.orders:
            raise missing(f"Order {ref}")
        return self.orders[ref]

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]], *, pending: bool) -> Order:
        """A customer orders; listings of Amazon's own stock make an order that Amazon ships."""
        with self.lock:
            at, number = self.now(), self.new_id()
            lines = tuple(Line(f"{25_000_000_000_000 + self.new_id()}", self.listing(sku), n) for sku, n in basket)
            for line in lines:
                line.listing.quantity -= line.ordered
            by = "AMAZON" if any(line.listing.fba for line in lines) else "MERCHANT"
            order = Order(f"302-{number:07d}-{int(at.timestamp()) % 10**7:07d}", shopper, lines, at, at, pending, by)
            self.orders[order.id] = order
            self.told(order, "OrderStatusChange")
            return order

    def pay(self, order: Order) -> None:
        """Amazon has the money: a pending order may be shipped."""
        with self.lock:
            order.pending = False
            self.touch(order)

    def cancel(self, order: Order) -> bool:
        """The buyer's request is granted; False where anything left already."""
        with self.lock:
            if order.reason or any(line.shipped for line in order.lines):
                return False
            order.reason = "ORDERED_BY_MISTAKE"
            for line in order.lines:
                line.listing.quantity += line.left
                line.cancelled = line.ordered
            self.touch(order, "BuyerRequestedChange")
            return True

    def refuse(self, order: Order, reason: str) -> None:
        """The seller cancels it whole; for want of stock, the number on sale stays. Raises AmazonError 400."""
        if order.by == "AMAZON" or order.status != "UNSHIPPED":
            raise invalid(f"Order {order.id} is not in a state in which it can be cancelled.")
        order.reason, order.ended_by = reason, "MERCHANT"
        for line in order.lines:
            line.listing.quantity += 0 if reason == "NO_INVENTORY" else line.left
            line.cancelled = line.ordered
        self.touch(order)

    def cancel_pieces(self, order: Order, sku: str, pieces: int) -> None:
        """Some pieces of a line are not wanted any more."""
        with self.lock:
            line = next(line for line in order.lines if line.listing.sku == sku)
            line.cancelled += pieces
            line.listing.quantity += pieces
            self.touch(order, "BuyerRequestedChange")

    def take_number(self, sku: str, number: int) -> None:
        """A stock number; it is shown at once, or `late` looks later."""
        listing = self.listing(sku)
        if self.late:
            listing.waiting = (number, self.late)
        else:
            listing.quantity, listing.waiting = number, None

    def ship(self, order: Order, package: Package) -> None:
        """A parcel is confirmed; one of a known reference takes its place. Raises AmazonError 400."""
        with self.lock:
            if order.by == "AMAZON" or order.status not in {"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"}:
                raise invalid(f"Order {order.id} is not in a state in which it can be shipped.")
            before = order.packages.get(package.reference)
            known = {line.id: line for line in order.lines}
            for ref, count in package.pieces.items():
                free = known[ref].left + (before.pieces.get(ref, 0) if before else 0) if ref in known else 0
                if not 0 < count <= free:
                    raise invalid(f"The quantity of order item {ref} is invalid.")
            for ref, count in (before.pieces if before else {}).items():
                known[ref].shipped -= count
            for ref, count in package.pieces.items():
                known[ref].shipped += count
            order.packages[package.reference] = package
            self.touch(order)

    def touch(self, order: Order, kind: str = "OrderStatusChange") -> None:
        """The order changed now."""
        order.updated = self.now()
        self.told(order, kind)

    def shown(self) -> dict[str, int]:
        """sku -> the number on sale, never below 0."""
        return {one.sku: max(0, one.quantity) for one in self.listings.values()}

    def book(self) -> Iterator[BookOrder]:
        """All orders as the account knows them."""
        with self.lock:
            for order in self.orders.values():
                told = tuple(package.tracking for package in order.packages.values())
                lines = tuple(
                    BookLine(line.id, line.listing.sku, line.ordered, line.ordered - line.cancelled, line.shipped)
                    for line in order.lines
                )
                yield BookOrder(order.id, _state(order), lines, told, order.created)


def _state(order: Order) -> str:
    if order.reason and order.ended_by == "MERCHANT":
        return "refused"
    states = {"CANCELLED": "cancelled", "PARTIALLY_SHIPPED": "partial", "SHIPPED": "shipped"}
    return states.get(order.status, "open")
