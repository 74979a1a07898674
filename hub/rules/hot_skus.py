"""When a SKU is hot: so many of the lines are for it, or workers so often take it from each other, that it shows.

A hot SKU is first of all something to know. Only where workers get in each other's way, its orders go in single file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=10)
"""Lines and conflicts are counted over so long. IBM Sterling's hot SKUs are found over 5 to 20 minutes; at a thousand
orders a second that is a sale."""
HOT_PERMILLE = 200
"""More than a fifth of a window's lines make a SKU hot (the definition of our bench: docs/bench.md)."""
WARM_PERMILLE = 100
"""At half of that it stays hot, so that it does not flicker."""
LEAST_LINES = 100
"""In a window with fewer lines nothing is hot: one of three orders is no rush."""
CONFLICTS = 3
"""So many conflicts in a window call for single file: Sterling switches at three abnormal locks. Of a hot SKU one is
enough: what comes after it goes the long way, where nobody meets a conflict any more, and nothing gets better."""
COOLING = timedelta(seconds=30)
"""A SKU is hot until so long after the last warm window: three of them."""
SINGLE = timedelta(seconds=60)
"""Single file ends so long after the last conflict, and is tried without: that costs one conflict a minute,
and nothing where the rush is over."""


@dataclass(frozen=True, slots=True)
class Heat:
    """How hot one SKU is.

    since, until: it is hot from then, and until then unless it is told of again.
    permille:     its share of the lines in the last warm window.
    conflicts:    in the window that began at `counted_from`.
    single_until: until then its orders are placed in single file; None: they never were.
    """

    since: datetime
    until: datetime
    permille: int = 0
    conflicts: int = 0
    counted_from: datetime | None = None
    single_until: datetime | None = None

    def is_hot(self, now: datetime) -> bool:
        return now < self.until

    def is_single(self, now: datetime) -> bool:
        return self.single_until is not None and now < self.single_until


def warm_shares(lines: Mapping[str, int]) -> dict[str, int]:
    """SKU -> permille of the lines of one window; those that are warm at least. Nothing of a window with few lines."""
    total = sum(lines.values())
    if total < LEAST_LINES:
        return {}
    found = {sku: 1000 * count // total for sku, count in lines.items()}
    return {sku: share for sku, share in found.items() if share >= WARM_PERMILLE}


def after_window(heat: Heat | None, permille: int, now: datetime) -> Heat | None:
    """What is known of a SKU once a window has ended in which it had this share of the lines.

    Returns: hot for `COOLING` from now where the share is more than `HOT_PERMILLE`, or the SKU is hot already and the
             share is at least `WARM_PERMILLE`; else what was known before. In single file as well where there was a
             conflict: until `SINGLE` after the first of its window.
    """
    hot = heat is not None and heat.is_hot(now)
    if permille <= HOT_PERMILLE and not (hot and permille >= WARM_PERMILLE):
        return heat
    known = heat or Heat(now, now)
    warm = replace(known, since=known.since if hot else now, until=max(known.until, now + COOLING), permille=permille)
    collided = known.counted_from
    return _in_single_file(warm, collided + SINGLE) if collided and now < collided + SINGLE else warm


def after_conflict(heat: Heat | None, now: datetime) -> Heat:
    """What is known of a SKU once a worker found that another one took what it had planned on.

    Returns: one conflict more in this window, or the first of a new one. Where that makes `CONFLICTS`, or the SKU is
             hot already, it is hot and in single file for `SINGLE` from now.
    """
    known = heat or Heat(now, now)
    goes_on = known.counted_from is not None and now - known.counted_from < WINDOW
    counted = replace(
        known,
        conflicts=known.conflicts + 1 if goes_on else 1,
        counted_from=known.counted_from if goes_on else now,
    )
    if counted.conflicts < CONFLICTS and not known.is_hot(now):
        return counted
    since = known.since if known.is_hot(now) else now
    return _in_single_file(replace(counted, since=since), now + SINGLE)


def _in_single_file(heat: Heat, until: datetime) -> Heat:
    """At least until then; what is in single file is hot."""
    single = max(until, heat.single_until or until)
    return replace(heat, until=max(heat.until, single), single_until=single)
