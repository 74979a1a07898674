"""Whether a channel's own orders are all here: before that, a number may promise again what it has sold already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LATE = timedelta(minutes=10)
"""So old an order may be that is here and not counted yet; three planned pulls, where that is longer."""
SILENT = timedelta(minutes=2)
"""So long the last whole pull may be over; three planned pulls, where that is longer: else the hub was away."""


@dataclass(frozen=True, slots=True)
class OrdersIn:
    """How the orders of one connection come in.

    ok_at: the last time that a pull came to its end, None: none was needed yet. behind: the last pull left a rest.
    oldest: when the oldest order changed at the channel that is here and has not got its stock yet.
    """

    ok_at: datetime | None
    every_s: int
    behind: bool = False
    paused: bool = False
    oldest: datetime | None = None


def is_behind(orders: OrdersIn, now: datetime) -> bool:
    """Whether there may be orders that the hub does not count yet.

    Returns: True while the last pull left a rest or was too long ago, and while what came of a backlog is not read and
             placed; False where a person stopped the pulls: who does that answers for the numbers.
    """
    if orders.paused:
        return False
    pulls = 3 * timedelta(seconds=orders.every_s)
    late = ((orders.ok_at, max(SILENT, pulls)), (orders.oldest, max(LATE, pulls)))
    return orders.behind or any(at is not None and now - at > longest for at, longest in late)


def may_tell(number: int, behind: bool, compares: bool) -> bool:
    """Whether a number may go out: 0 always, another only where nothing is behind or the channel compares first."""
    return number == 0 or compares or not behind
