"""Available to sell: the whole arithmetic of one listing's number, as a breakdown that everybody shows alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from hub.rules.buffers import NO_BUFFER, BufferRule
from hub.rules.lots import lives_long_enough

Source = Literal["computed", "unknown"]
OnStale = Literal["freeze", "leave_out"]


@dataclass(frozen=True, slots=True)
class Balance:
    """One (SKU, warehouse, lot) in whole base units. `expires_on`: the lot's last good day, None: it has none."""

    on_hand: int
    reserved: int = 0
    damaged: int = 0
    quality_hold: int = 0
    safety: int = 0
    lot: str = ""
    expires_on: date | None = None

    @property
    def free(self) -> int:
        """What nobody was promised and nothing is wrong with; safety stock included."""
        return self.on_hand - self.reserved - self.damaged - self.quality_hold


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """What one warehouse adds to a number: `free` = what lies there less everything that stands before it.

    too_short: free pieces in lots that expire too soon for this channel. buffer: kept back by a rule, of what is free.
    stale:     "" while its numbers are fresh; "leave_out": they do not count; "freeze": they count, never upwards.
    """

    warehouse: str
    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    too_short: int
    safety: int
    buffer: int
    free: int
    stale: str = ""


def place_line(
    warehouse: str, balances: Sequence[Balance], today: date, min_days: int = 0, rule: BufferRule = NO_BUFFER,
    stale: str = "",
) -> PlaceLine:  # fmt: skip
    """One warehouse's line for one SKU.

    Args:    balances: its lots, at least one. min_days: a lot must be good for so many days after `today`.
    Returns: free >= 0; on_hand less the other numbers, wherever that is above 0 and the place is not left out.
    """
    whole = balances[0] if len(balances) == 1 else _together(balances)
    short = sum([b.free for b in balances if not lives_long_enough(b.expires_on, today, min_days)])
    left = max(0, whole.free - short - whole.safety)
    buffer = 0 if rule is NO_BUFFER else rule.of(left)
    return PlaceLine(
        warehouse, whole.on_hand, whole.reserved, whole.damaged, whole.quality_hold, short, whole.safety, buffer,
        0 if stale == "leave_out" else max(0, left - buffer), stale,
    )  # fmt: skip


def _together(balances: Sequence[Balance]) -> Balance:
    return Balance(
        sum(b.on_hand for b in balances), sum(b.reserved for b in balances), sum(b.damaged for b in balances),
        sum(b.quality_hold for b in balances), sum(b.safety for b in balances),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a listing (a plain SKU is its only one), in base units.

    per_unit: pieces in one listing unit. free: over all places. kept: for the exclusive pools of other connections.
    mode:     stock, backorder or presale. room: what may be sold beyond the stock (negative: more is owed than may be);
              before its day a presale counts no stock, only room.
    closed:   it was counted, though in no warehouse that sells now: there are 0 to sell, which is not unknown.
    """

    sku: str
    per_unit: int
    places: tuple[PlaceLine, ...]
    kept: int = 0
    mode: str = "stock"
    room: int = 0
    stock_counts: bool = True
    closed: bool = False

    @property
    def free(self) -> int:
        return sum(line.free for line in self.places)

    @property
    def sellable(self) -> int:
        """Pieces that this channel may sell, from 0."""
        stock = max(0, self.free - self.kept) if self.stock_counts else 0
        return max(0, stock + self.room)

    @property
    def units(self) -> int:
        """Whole listing units that it makes."""
        return self.sellable // self.per_unit if self.per_unit > 0 else 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the channel's own side takes off, in listing units.

    permille: its share of the units. buffer: of the listing. lag: for what sells elsewhere while a push is under way.
    cap:      never show more (None: no limit). end_when: show 0 once no more than this is left (None: never).
    """

    permille: int = 1000
    buffer: int = 0
    lag: int = 0
    cap: int | None = None
    end_when: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Offer:
    """One listing's number with everything it was computed from; `number` is what the channel may show.

    units:  of the scarcest component. share: of them, this channel's part.
    source: "unknown" where a component was never counted anywhere and is sold from stock: not published.
    frozen: the places whose numbers are too old.
    """

    parts: tuple[Part, ...]
    limits: Limits
    units: int
    share: int
    number: int
    source: Source
    frozen: tuple[str, ...]

    def publish(self, sent: int | None) -> int | None:
        """What to tell the channel that shows `sent` now (None: it was never told); None: nothing.

        Unknown is not 0, and stale numbers never raise what is shown: only our own sales lower it.
        """
        if self.source == "unknown":
            return None
        if not self.frozen:
            return self.number
        return None if sent is None else min(sent, self.number)

    @property
    def held_back(self) -> str:
        """Why the number is not published as it is, in code words; "" where it is."""
        if self.source == "unknown":
            return "unknown"
        return f"stale: {', '.join(self.frozen)}" if self.frozen else ""

    @property
    def gone(self) -> tuple[str, ...]:
        """The SKUs due to which it shows 0, where it does: those that make no unit, else (its limits do) all of it."""
        return tuple(part.sku for part in self.parts if not part.units) or tuple(part.sku for part in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the breakdown from the shelves to the number."""
        parts = [
            {
                "sku": part.sku, "per_unit": part.per_unit, "places": [asdict(line) for line in part.places],
                "free": part.free, "kept_for_others": part.kept, "mode": part.mode, "room": part.room,
                "stock_counts": part.stock_counts, "sellable": part.sellable, "units": part.units,
            }
            for part in self.parts
        ]  # fmt: skip
        return {
            "components": parts, "units": self.units, "permille": self.limits.permille, "share": self.share,
            "buffer": self.limits.buffer, "lag_buffer": self.limits.lag, "cap": self.limits.cap,
            "end_when": self.limits.end_when, "number": self.number, "source": self.source,
            "held_back": self.held_back,
        }  # fmt: skip


def offer(parts: Sequence[Part], limits: Limits = NO_LIMITS) -> Offer:
    """The number of one listing, in listing units.

    Args:    parts: its components; several for a kit.
    Returns: whole units of the scarcest component, of them the channel's share, less both buffers, at most the cap;
             0 once no more than `end_when` are left; never below 0; 0 without components.
    """
    units = min((part.units for part in parts), default=0)
    share = units * limits.permille // 1000
    shown = max(0, share - limits.buffer - limits.lag)
    if limits.cap is not None:
        shown = max(0, min(shown, limits.cap))
    if limits.end_when is not None and share <= limits.end_when:
        shown = 0
    known = bool(parts) and all(part.places or part.closed or part.mode != "stock" for part in parts)
    frozen = {line.warehouse for part in parts for line in part.places if line.stale == "freeze"}
    return Offer(tuple(parts), limits, units, share, shown, "computed" if known else "unknown", tuple(sorted(frozen)))


def by_lot(balances: Sequence[Balance], today: date) -> list[int]:
    """What each lot of one SKU in one warehouse gives of what may be promised there.

    Returns: in the order of `balances`; together `free` of their `place_line`. The lot that expires first gives first,
             each no more than its good free pieces: what is kept unsold or lacks elsewhere is kept of the last.
    """
    left = place_line("", balances, today).free
    found = [0] * len(balances)
    for at in sorted(range(len(balances)), key=lambda n: (balances[n].expires_on or date.max, balances[n].lot)):
        lot = balances[at]
        if lives_long_enough(lot.expires_on, today, 0):
            found[at] = min(left, max(0, lot.free))
            left -= found[at]
    return found


def free_of(balances: Mapping[str, Sequence[Balance]], today: date, min_days: int = 0) -> int:
    """Pieces of one SKU that may be promised over all places: warehouse -> its lots."""
    return sum(place_line(code, found, today, min_days).free for code, found in balances.items())
