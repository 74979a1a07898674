"""What the sandbox marketplace knows of one shop and does: offers, orders, parcels; `shapes.py` makes payloads."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper
from connectors.mirakl.sandbox.errors import MiraklError, invalid, missing

WAITS, DEBIT, SHIPS, SHIPPED = "WAITING_ACCEPTANCE", "WAITING_DEBIT_PAYMENT", "SHIPPING", "SHIPPED"
REFUSED, CANCELED = "REFUSED", "CANCELED"
DEAD = frozenset({REFUSED, CANCELED})
BEFORE_SHIPPING = frozenset({WAITS, DEBIT, SHIPS})


@dataclass
class Offer:
    id: int
    sku: str
    title: str
    price: str
    barcode: str
    quantity: int


@dataclass
class Line:
    """`taken`: pieces that were cancelled or refused; `refunds`: pieces of each refund."""

    id: str
    offer: Offer
    ordered: int
    state: str
    taken: int = 0
    shipped: int = 0
    refunds: list[int] = field(default_factory=list)
    cancelations: list[int] = field(default_factory=list)

    @property
    def current(self) -> int:
        return self.ordered - self.taken


@dataclass
class Parcel:
    id: str
    created: datetime
    tracking: Mapping[str, str]
    lines: Sequence[tuple[Line, int, str]]


@dataclass
class Order:
    number: int
    id: str
    created: datetime
    updated: datetime
    shopper: Shopper
    lines: list[Line]
    state: str
    ended_by: str = ""
    tracking: Mapping[str, str] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)

    def line(self, ref: str) -> Line | None:
        return next((line for line in self.lines if line.id == ref), None)


class Shop:
    """The state of one shop; every public method may be called from any thread.

    Args: asks:  whether orders wait for the seller's word.
          debits: whether the customer is debited as soon as an order is accepted (else by `debit`).
    """

    def __init__(self, clock: Callable[[], datetime], *, asks: bool, debits: bool) -> None:
        self.lock = threading.RLock()
        self._clock, self._asks, self._debits, self._ids = clock, asks, debits, itertools.count(2001)
        self.offers: dict[int, Offer] = {}
        self.orders: dict[str, Order] = {}

    def now(self) -> datetime:
        """The marketplace's clock, in milliseconds."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def new_id(self) -> int:
        return next(self._ids)

    # ---- offers ----

    def fill(self, items: Sequence[ShopItem]) -> None:
        """Put these on sale, or give them new prices and numbers."""
        with self.lock:
            for item in items:
                known = next((offer for offer in self.offers.values() if offer.sku == item.sku), None)
                if known is None:
                    known = Offer(self.new_id(), item.sku, item.title, item.price, item.barcode, 0)
                    self.offers[known.id] = known
                known.price, known.quantity = item.price, item.available

    def by_sku(self, sku: str) -> Offer:
        """The offer of this SKU. Raises KeyError."""
        found = next((offer for offer in self.offers.values() if offer.sku == sku), None)
        if found is None:
            raise KeyError(f"the shop offers no {sku}")
        return found

    def shown(self) -> dict[str, int]:
        """sku -> number shown: a marketplace shows nothing below 0."""
        with self.lock:
            return {offer.sku: max(0, offer.quantity) for offer in self.offers.values()}

    # ---- what the customer and the staff do ----

    def order(self, ref: str) -> Order:
        """Raises MiraklError 404."""
        if ref not in self.orders:
            raise missing(f"Order with id '{ref}'")
        return self.orders[ref]

    def place(self, shopper: Shopper, basket: Sequence[tuple[Offer, int]]) -> Order:
        """A customer checks out: the offers' numbers go down."""
        with self.lock:
            number, state, now = self.new_id(), WAITS if self._asks else SHIPS, self.now()
            ref = f"Order_{number:05d}-A"
            lines = [Line(f"{ref}-{at}", offer, pieces, state) for at, (offer, pieces) in enumerate(basket, start=1)]
            for offer, pieces in basket:
                offer.quantity -= pieces
            self.orders[ref] = Order(number, ref, now, now, shopper, lines, state)
            return self.orders[ref]

    def cancel_pieces(self, order: Order, sku: str, pieces: int) -> bool:
        """Some pieces are cancelled before they leave; False where there are not so many, or it is too late."""
        with self.lock:
            line = next((one for one in order.lines if one.offer.sku == sku), None)
            open_pieces = line.current - line.shipped if line else 0
            if line is None or order.state not in BEFORE_SHIPPING or not 0 < pieces <= open_pieces:
                return False
            line.cancelations.append(pieces)
            self._take(line, pieces, CANCELED)
            self._touch(order)
            return True

    def cancel(self, order: Order, by: str) -> bool:
        """The whole order is cancelled; False where something left, or it is over."""
        with self.lock:
            if order.state not in BEFORE_SHIPPING or any(line.shipped for line in order.lines):
                return False
            for line in order.lines:
                self._take(line, line.current, CANCELED)
            order.ended_by = by
            self._touch(order)
            return True

    def refund(self, order: Order, sku: str, pieces: int) -> bool:
        """Money back for pieces that left; False where there are not so many."""
        with self.lock:
            line = next((one for one in order.lines if one.offer.sku == sku), None)
            if line is None or not 0 < pieces <= line.shipped - sum(line.refunds):
                return False
            line.refunds.append(pieces)
            self._touch(order)
            return True

    def debit(self, order: Order) -> None:
        """The customer pays: what was accepted may ship."""
        with self.lock:
            for line in order.lines:
                line.state = SHIPS if line.state == DEBIT else line.state
            self._touch(order)

    # ---- what the seller does ----

    def decide(self, order: Order, decisions: Mapping[str, bool]) -> None:
        """OR21. Raises MiraklError 400."""
        with self.lock:
            _in_state(order, WAITS)
            for ref in decisions:
                if order.line(ref) is None:
                    raise invalid(f"ORDER_LINE_NOT_FOUND: {ref}")
            if set(decisions) != {line.id for line in order.lines}:
                raise invalid("ORDER_LINE_ACCEPTANCE_DECISION_MISSING")
            for line in order.lines:
                if decisions[line.id]:
                    line.state = SHIPS if self._debits else DEBIT
                else:
                    self._take(line, line.current, REFUSED)
            order.ended_by = "api"
            self._touch(order)

    def track(self, order: Order, tracking: Mapping[str, str]) -> None:
        """OR23. Raises MiraklError 400."""
        with self.lock:
            if order.state not in {SHIPS, SHIPPED}:
                raise invalid(f"ORDER_INVALID_STATE: {order.state}")
            order.tracking = tracking
            self._touch(order)

    def ship(self, order: Order) -> None:
        """OR24: all of it left. Raises MiraklError 400."""
        with self.lock:
            _in_state(order, SHIPS)
            for line in order.lines:
                line.shipped = line.current
            self._touch(order)

    def send(self, order: Order, lines: Mapping[str, tuple[int, str]], tracking: Mapping[str, str]) -> Parcel:
        """ST01: one parcel with these pieces and package references. Raises MiraklError 400."""
        with self.lock:
            _in_state(order, SHIPS)
            chosen = [(order.line(ref), pieces, package) for ref, (pieces, package) in lines.items()]
            told = [(line, pieces, package) for line, pieces, package in chosen if line is not None]
            if len(told) != len(chosen) or any(not 0 < n <= line.current - line.shipped for line, n, _ in told):
                raise invalid("Shipment quantity is invalid.")
            for line, pieces, _ in told:
                line.shipped += pieces
            parcel = Parcel(f"{self.new_id():08x}-0000-4000-8000-000000000000", self.now(), tracking, told)
            order.parcels.append(parcel)
            self._touch(order)
            return parcel

    def _take(self, line: Line, pieces: int, state: str) -> None:
        line.taken += pieces
        line.offer.quantity += pieces
        line.state = state if not line.current else line.state

    def _touch(self, order: Order) -> None:
        """The change's time, and the state that follows from the lines."""
        order.updated = self.now()
        for line in order.lines:
            line.state = SHIPPED if line.shipped and line.shipped >= line.current else line.state
        live = {line.state for line in order.lines} - DEAD
        if not live:
            order.state = REFUSED if {line.state for line in order.lines} == {REFUSED} else CANCELED
        else:
            order.state = next(state for state in (WAITS, DEBIT, SHIPS, SHIPPED) if state in live)

    # ---- the book ----

    def book(self) -> Iterator[BookOrder]:
        """All orders as the marketplace knows them."""
        with self.lock:
            for order in self.orders.values():
                lines = tuple(
                    BookLine(line.id, line.offer.sku, line.ordered, line.current, line.shipped) for line in order.lines
                )
                told = [order.tracking, *(parcel.tracking for parcel in order.parcels)]
                numbers = tuple(one["tracking_number"] for one in told if one.get("tracking_number"))
                yield BookOrder(order.id, _book_state(order), lines, numbers, order.created)


def _in_state(order: Order, state: str) -> None:
    if order.state != state:
        raise MiraklError(400, f"The order status must be '{state}' but it is '{order.state}'.")


def _book_state(order: Order) -> str:
    if order.state in DEAD:
        return "refused" if order.ended_by == "api" else "cancelled"
    if order.state == SHIPPED:
        return "shipped"
    return "partial" if any(line.shipped for line in order.lines) else "open"
