"""Lots and how long they live: which may still be sold to whom, and which leaves first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hub.rules.routing.snapshot import Lot

NO_LOT = "-"
"""What a person writes for the pieces without a lot where a shelf has lots, too."""


@dataclass(frozen=True, slots=True)
class LifeRule:
    """A lot must be good for `min_days` after today. 0 and "" in the other fields fit everything."""

    connection_id: int = 0
    sku: str = ""
    tag: str = ""
    min_days: int = 0

    def fits(self, connection_id: int, sku: str, tags: Collection[str]) -> bool:
        return self.connection_id in (0, connection_id) and self.sku in ("", sku) and (not self.tag or self.tag in tags)


def min_days(rules: Iterable[LifeRule], connection_id: int, sku: str, tags: Collection[str]) -> int:
    """The days that a lot of this SKU must still be good for on this connection; 0 where no rule says any.

    The closest rule wins: one for the connection before one for all, then one for the SKU, then one for a tag;
    of several that are equally close, the strictest.
    """
    fitting = [rule for rule in rules if rule.fits(connection_id, sku, tags)]
    closest = max(fitting, key=lambda r: (r.connection_id != 0, r.sku != "", r.tag != "", r.min_days), default=None)
    return closest.min_days if closest else 0


def lives_long_enough(expires_on: date | None, today: date, days: int) -> bool:
    """Whether a lot is good on the last of `days` days after today; a lot without expiry always is.

    With 0 days the last good day itself still counts.
    """
    return expires_on is None or expires_on >= good_until(today, days)


def good_until(today: date, days: int) -> date:
    """The day on which a lot must still be good."""
    return today + timedelta(days=days)


def swap(pieces: int, lots: Iterable[Lot], free: int, least: date) -> tuple[tuple[str, int], ...]:
    """Which lots of the same shelf leave instead of pieces whose lot may no longer leave.

    Args:    lots: what the shelf has, with free pieces. free: pieces that may be promised of all of them together.
             least: the day on which a lot must still be good; one without a day always is.
    Returns: (lot, pieces from 1 on), together `pieces`, the first to expire first; nothing where that many are not
             there.
    """
    good = [lot for lot in lots if lot[2] > 0 and (lot[1] is None or lot[1] >= least.isoformat())]
    if pieces > min(free, sum(there for _, _, there in good)):
        return ()
    found, left = list[tuple[str, int]](), pieces
    for name, _, there in sorted(good, key=lambda lot: (lot[1] or date.max.isoformat(), lot[0])):
        if left > 0:
            found.append((name, min(left, there)))
            left -= found[-1][1]
    return tuple(found)
