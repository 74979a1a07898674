"""The sandbox shop's own books: variants with what is on hand and allocated, orders, payments and fulfillments."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

TAX_PERCENT = 19
SHIPPING_WITH_TAX = 595
KEPT_ORDERS = 20_000


@dataclass(slots=True)
class Item:
    """One variant. `price`: minor units, tax included. `available` is what is on sale."""

    id: int
    sku: str
    title: str
    price: int
    on_hand: int
    allocated: int = 0
    track: str = "TRUE"

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated


@dataclass(slots=True)
class Line:
    """One line. `quantity` is what is wanted now, `placed` what was first ordered."""

    id: int
    item: Item
    quantity: int
    placed: int
    shipped: int = 0

    @property
    def total(self) -> int:
        return self.item.price * self.quantity


@dataclass(slots=True)
class Refund:
    id: int
    total: int
    updated_at: datetime
    reason: str | None


@dataclass(slots=True)
class Payment:
    """state: Settled, Authorized or Cancelled."""

    id: int
    amount: int
    updated_at: datetime
    state: str = "Settled"
    refunds: list[Refund] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.amount - sum(refund.total for refund in self.refunds)


@dataclass(slots=True)
class Fulfillment:
    """One parcel as the shop was told. state: Pending, Shipped."""

    id: int
    updated_at: datetime
    method: str
    tracking: str
    takes: tuple[tuple[Line, int], ...]
    state: str = "Pending"


@dataclass(slots=True)
class SandboxOrder:
    """One order with everything that hangs on it."""

    id: int
    code: str
    shopper: Shopper
    lines: list[Line]
    payment: Payment
    placed_at: datetime
    updated_at: datetime
    cancelled: bool = False
    cancel_reason: str | None = None
    shipping: int = SHIPPING_WITH_TAX
    fulfillments: list[Fulfillment] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) + self.shipping

    @property
    def left(self) -> int:
        """Pieces in parcels that left."""
        return sum(pieces for made in self.fulfillments if made.state == "Shipped" for _, pieces in made.takes)

    @property
    def state(self) -> str:
        """In Vendure's words."""
        if self.cancelled:
            return "Cancelled"
        wanted = sum(line.quantity for line in self.lines)
        if not self.left:
            return {"Authorized": "PaymentAuthorized"}.get(self.payment.state, "PaymentSettled")
        return "Shipped" if self.left >= wanted else "PartiallyShipped"


BOOK_STATES = {"PartiallyShipped": "partial", "Shipped": "shipped"}


class Books:
    """All that the shop knows. Every public method takes the lock."""

    def __init__(self, seed: int) -> None:
        self.lock = threading.RLock()
        self._random = random.Random(f"vendure {seed}")  # noqa: S311 - numbers of a sandbox
        self._last_id, self._last_change = 0, datetime.min.replace(tzinfo=UTC)
        self.items: dict[str, Item] = {}
        self.orders: dict[int, SandboxOrder] = {}
        self.location_id = self.new_id()

    def new_id(self) -> int:
        with self.lock:
            self._last_id += 1
            return self._last_id

    def _now(self) -> datetime:
        """In milliseconds, and later than before, so that two changes never look alike."""
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last_change = max(now, self._last_change + timedelta(milliseconds=1))
        return self._last_change

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)fill the shop; items with a known SKU keep their ids and what is allocated."""
        with self.lock:
            for entry in items:
                price = int((Decimal(entry.price) * 100).quantize(Decimal(1), ROUND_HALF_UP))
                known = self.items.get(entry.sku)
                if known:
                    known.title, known.price, known.on_hand = entry.title, price, entry.available + known.allocated
                else:
                    self.items[entry.sku] = Item(self.new_id(), entry.sku, entry.title, price, entry.available)

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]], *, paid: str = "Settled") -> SandboxOrder:
        """A new order, paid or only authorized; the shop sells without looking, as Vendure does under load."""
        with self.lock:
            lines = [Line(self.new_id(), self.items[sku], pieces, pieces) for sku, pieces in basket]
            now = self._now()
            code = "".join(self._random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=16))
            payment = Payment(self.new_id(), sum(line.total for line in lines) + SHIPPING_WITH_TAX, now, paid)
            order = SandboxOrder(self.new_id(), code, shopper, lines, payment, now, now)
            for line in lines:
                line.item.allocated += line.quantity
            self.orders[order.id] = order
            while len(self.orders) > KEPT_ORDERS:
                self.orders.pop(next(iter(self.orders)))
            return order

    def edit(self, order_id: int, sku: str, quantity: int) -> bool:
        """Set what is wanted of one line; False once anything was shipped or cancelled, or nothing would be left.

        What the order costs more is paid at once.
        """
        with self.lock:
            order = self.orders[order_id]
            line = next((line for line in order.lines if line.item.sku == sku), None)
            if line is None or order.cancelled or order.fulfillments or quantity in {line.quantity, 0} or quantity < 0:
                return False
            line.item.allocated += quantity - line.quantity
            line.quantity = quantity
            order.payment.amount = max(order.payment.amount, order.total)
            order.updated_at = self._now()
            return True

    def cancel(self, order_id: int, reason: str | None, *, shipping: bool = True) -> bool:
        """Cancel all lines; False once a parcel was made, or it is cancelled already. Money is not given back."""
        with self.lock:
            order = self.orders[order_id]
            if order.cancelled or order.fulfillments:
                return False
            for line in order.lines:
                line.item.allocated -= line.quantity
                line.quantity = 0
            order.cancelled, order.cancel_reason = True, reason
            order.shipping = 0 if shipping else order.shipping
            order.updated_at = self._now()
            return True

    def refund(self, payment: Payment, amount: int, reason: str | None) -> Refund:
        """Give money back. As in Vendure, the order's own date of change stays."""
        with self.lock:
            made = Refund(self.new_id(), amount, self._now(), reason)
            payment.refunds.append(made)
            return made

    def void(self, order: SandboxOrder) -> None:
        """Cancel a payment that is only authorized."""
        with self.lock:
            order.payment.state, order.payment.updated_at = "Cancelled", self._now()

    def fulfill(
        self, order: SandboxOrder, takes: Sequence[tuple[Line, int]], method: str, tracking: str
    ) -> Fulfillment:
        """Make a parcel: its pieces leave the stock now; the caller has checked that they are there."""
        with self.lock:
            for line, pieces in takes:
                line.item.on_hand -= pieces
                line.item.allocated -= pieces
                line.shipped += pieces
            made = Fulfillment(self.new_id(), self._now(), method, tracking, tuple(takes))
            order.fulfillments.append(made)
            return made

    def send(self, order: SandboxOrder, made: Fulfillment) -> None:
        """The parcel left."""
        with self.lock:
            made.state, made.updated_at = "Shipped", self._now()
            order.updated_at = self._now()

    def set_on_hand(self, item: Item, on_hand: int) -> None:
        with self.lock:
            item.on_hand = on_hand

    def book(self) -> tuple[BookOrder, ...]:
        with self.lock:
            return tuple(_booked(order) for order in self.orders.values())

    def shown(self) -> dict[str, int]:
        with self.lock:
            return {sku: item.available for sku, item in self.items.items()}


def _booked(order: SandboxOrder) -> BookOrder:
    sent = [made for made in order.fulfillments if made.state == "Shipped"]
    pieces = {line.id: sum(n for made in sent for at, n in made.takes if at is line) for line in order.lines}
    lines = tuple(
        BookLine(str(line.id), line.item.sku, line.placed, line.quantity, pieces[line.id]) for line in order.lines
    )
    refused = order.cancelled and order.cancel_reason is not None
    state = "refused" if refused else "cancelled" if order.cancelled else BOOK_STATES.get(order.state, "open")
    trackings = tuple(made.tracking for made in sent)
    more = {"number": order.code, "refunded": str(sum(refund.total for refund in order.payment.refunds))}
    return BookOrder(str(order.id), state, lines, trackings, order.placed_at, more)
