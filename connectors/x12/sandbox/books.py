"""The dealer's own books: what he ordered, what he was told, what he believes we can deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper


@dataclass(slots=True)
class Entry:
    """One purchase order. `answered`: BAK02 of the newest 855; `parcels`: shipment number -> tracking."""

    number: str
    shopper: Shopper
    lines: list[BookLine]
    placed_at: datetime
    state: str = "open"
    answered: str = ""
    parcels: dict[str, str] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)

    def want(self, lines: list[BookLine]) -> None:
        """Replace the lines; `most` remembers the largest quantity ever wanted, for parcels that cross a change."""
        self.lines = lines
        for line in lines:
            self.most[line.line_ref] = max(line.current, line.ordered, self.most.get(line.line_ref, 0))

    def book(self, ref: str) -> BookOrder:
        extra = {"answer": self.answered} if self.answered else {}
        return BookOrder(ref, self.state, tuple(self.lines), tuple(self.parcels.values()), self.placed_at, extra)

    @property
    def pending(self) -> bool:
        """Whether our newest stock number cannot know of this order yet."""
        return self.state == "open" and not self.answered


class Books:
    """Orders by purchase order number, and the newest stock number of each item. Not thread-safe: the dealer locks."""

    def __init__(self) -> None:
        self.items: dict[str, ShopItem] = {}
        self.orders: dict[str, Entry] = {}
        self._told: dict[str, int] = {}
        self._told_at: dict[str, str] = {}

    def fill(self, items: Sequence[ShopItem]) -> None:
        for item in items:
            self.items[item.sku] = item
            self._told[item.sku] = item.available

    def set_stock(self, sku: str, available: int) -> None:
        self._told[sku] = available

    def shown(self) -> Mapping[str, int]:
        """The newest number told, less what was ordered since and not answered yet."""
        shown = dict(self._told)
        for entry in self.orders.values():
            for line in entry.lines if entry.pending else ():
                shown[line.sku] = shown.get(line.sku, 0) - line.current
        return shown

    # ---- what our documents say; each returns a complaint, or nothing ----

    def stock_told(self, sku: str, available: int, at: str) -> str:
        """An 846 line with its as-of time (CCYYMMDDHHMMSSDD): an older one never replaces a newer one."""
        if sku not in self.items:
            return f"846 for an item that this dealer does not carry: {sku!r}"
        if at >= self._told_at.get(sku, ""):
            self._told[sku], self._told_at[sku] = available, at
        return ""

    def answer_told(self, number: str, verdict: str) -> str:
        entry = self.orders.get(number)
        if entry is None:
            return f"855 for an unknown purchase order {number!r}"
        entry.answered = verdict
        if verdict == "RD" and entry.state == "open":
            entry.state = "refused"
        return ""

    def parcel_told(self, number: str, shipment: str, tracking: str, shipped: Mapping[str, Decimal]) -> str:
        """An 856: quantities by line. The same shipment number again is a repeat without effect."""
        entry = self.orders.get(number)
        if entry is None:
            return f"856 for an unknown purchase order {number!r}"
        if shipment in entry.parcels:
            return "" if entry.parcels[shipment] == tracking else f"856 {shipment!r} again with another tracking number"
        known = {line.line_ref: line for line in entry.lines}
        for ref, quantity in shipped.items():
            if ref not in known or quantity != int(quantity) or known[ref].shipped + quantity > entry.most[ref]:
                return f"856 {shipment!r} ships {quantity} of line {ref!r} of {number!r}: not what was ordered"
        entry.lines = [replace(line, shipped=line.shipped + int(shipped.get(line.line_ref, 0))) for line in entry.lines]
        entry.parcels[shipment] = tracking
        if all(line.shipped >= line.current for line in entry.lines):
            entry.state = "shipped"
        elif entry.state == "open":  # a cancellation that crossed the parcel stands: nobody waits for the rest
            entry.state = "partial"
        return ""
