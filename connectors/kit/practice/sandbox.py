"""The shape of every sandbox: a real local server (or folder) with its own books, which misbehaves on order.

The books are what the demo and the kill test count by: they never ask the hub what the hub believes.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, runtime_checkable

BY_CHANCE = (
    "webhook_late", "webhook_doubled", "webhook_reordered", "webhook_lost", "rate_limited_429", "server_error_500",
    "timeout_after_effect", "duplicate_file", "corrupt_file",
)  # fmt: skip
"""The kinds of faults that strike by their rate; each sandbox makes those that its protocol knows."""
FAULTS = (*BY_CHANCE, "outage", "order_edited", "order_cancelled", "manual_stock_change")
"""Every kind of fault: those by chance, and those that somebody makes and that are only counted."""
STATES = ("open", "partial", "shipped", "cancelled", "refused")
"""What an order of a practice shop's book may be, whatever the platform calls it."""


class Faults:
    """Decides, seeded, when a fault strikes, and counts each one that did. Safe to share between threads."""

    def __init__(self, seed: int = 0, rates: Mapping[str, float] | None = None) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._forced: Counter[str] = Counter()
        self.rates = dict(rates or {})
        self.counts: Counter[str] = Counter()

    def force(self, kind: str, times: int = 1) -> None:
        """The next `times` chances of this kind strike for certain."""
        with self._lock:
            self._forced[kind] += times

    def strikes(self, kind: str) -> bool:
        """Whether this chance strikes; counted when it does."""
        with self._lock:
            forced = self._forced[kind] > 0
            if forced:
                self._forced[kind] -= 1
            struck = forced or self._random.random() < self.rates.get(kind, 0.0)
            self.counts[kind] += struck
            return struck

    def count(self, kind: str) -> None:
        """Count a fault that the caller made itself (an edit, an outage)."""
        with self._lock:
            self.counts[kind] += 1

    def calm(self) -> None:
        """No more faults from now on; the counts stay."""
        with self._lock:
            self.rates.clear()
            self._forced.clear()


def cents(amount: Decimal) -> Decimal:
    """An amount as a shop writes it whose currency has two decimals: whole cents, halves up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class ShopItem:
    """One thing the shop sells: `sku` as the shop writes it (may be a kit), `available` units on sale.

    price: decimal text.
    """

    sku: str
    title: str
    price: str
    available: int
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who orders, and where to; the names of the fields are those of the canonical address."""

    name: str
    email: str
    line: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line in the shop's own book.

    `ordered` at first, `current` after edits and refunds, `shipped` as the shop was told.
    """

    line_ref: str
    sku: str
    ordered: int
    current: int
    shipped: int


@dataclass(frozen=True, slots=True)
class BookOrder:
    """One order in the shop's own book.

    state: open, cancelled (by the buyer), refused (by the merchant: no stock), shipped, partial.

    Raises: ValueError: it is another.
    """

    ref: str
    state: str
    lines: tuple[BookLine, ...]
    trackings: tuple[str, ...] = ()
    placed_at: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(
                f"order {self.ref} is {self.state!r} in the practice shop's book, which has words of its own: "
                f"translate the platform's into {', '.join(STATES)} (docs/add-a-channel.md, The practice shop)"
            )


@runtime_checkable
class TellsRefunds(Protocol):
    """A sandbox whose shop tells refunds apart from its orders."""

    def refund(self, ref: str, sku: str, pieces: int) -> Decimal:
        """The merchant gives back what so many pieces of an order cost; returns how much, above 0. Nothing comes back.

        The shop tells it at once.
        """
        ...


class Sandbox(Protocol):
    """One running sandbox. `settings` and `secrets` are what `stockline connection add` needs to reach it."""

    channel: str
    faults: Faults

    @property
    def settings(self) -> Mapping[str, str]: ...

    @property
    def secrets(self) -> Mapping[str, str]: ...

    def start(self, port: int = 0) -> None:
        """Open, on this port of 127.0.0.1; 0: the one it had before, else any free one.

        Raises: OSError: the port is taken. BadInput: it listens on none.
        """
        ...

    def stop(self) -> None: ...

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        """(Re)fill the shop with these items."""
        ...

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        """A customer orders [(sku, quantity)].

        The shop lowers its own available number (it never checks it) and rings its webhooks.
        """
        ...

    def edit_order(self, ref: str, sku: str, quantity: int) -> bool:
        """The merchant's staff or the buyer changes one line's quantity. Counts `order_edited`.

        False where it is too late (shipped, cancelled).
        """
        ...

    def cancel_order(self, ref: str) -> bool:
        """The buyer cancels; False where it is too late (anything shipped, or closed). Counts `order_cancelled`."""
        ...

    def change_stock_by_hand(self, sku: str, available: int) -> None:
        """Somebody edits the number in the shop's own admin. Counts `manual_stock_change`."""
        ...

    def outage(self, seconds: float) -> None:
        """From now on, for so long, nothing answers. Counts `outage`."""
        ...

    def book(self) -> tuple[BookOrder, ...]:
        """All orders as the shop itself knows them."""
        ...

    def shown_stock(self) -> Mapping[str, int]:
        """sku -> the number the shop shows as available right now."""
        ...
