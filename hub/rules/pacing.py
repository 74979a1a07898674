"""How many calls a channel allows: bucket of calls or points, gap, quota of a day, slower after 429, orders first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.canonical.told import told
from hub.canonical.urgency import Urgency

EVERY_CALL = "calls"
"""The name of the limit that all calls of a connection pass; others are of one operation each."""
MOST_A_DAY = 1_000_000_000
RECOVERY_S = 300.0
"""From standing still to the full pace; half the pace is back in half of it."""
SLOWEST = 1 / 16
UNNAMED_S = 1.0
"""How long everybody stays away after a 429 that names no time, at full pace; the slower the pace, the longer."""
AHEAD_S = 0.5
"""Seconds' worth of points that one process may draw at once, and must have spent within that time."""
GRACE_S = 1.0
"""How long after its time the place of an order call is kept free: it comes back through a queue."""
FLOORS = {Urgency.ORDERS: 0.0, Urgency.PERSON: 0.15, Urgency.BULK: 0.3}
"""The share of a bucket, or of a day's quota, that a lane leaves to those before it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a channel allows. A gap of n seconds is `Limit(1 / n, 1)`.

    rate: points a second, above 0. size: points that may be spent at once, at least 1.
    per_day: calls from midnight to midnight in `zone`; 0 is any number.
    """

    rate: float
    size: float
    per_day: int = 0
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Level:
    """Where a limit stands; times are in seconds since 1970.

    points:       left at the time `at`; below 0 after the channel counted more than we did.
    share:        of the rate, at the time `slowed_at`; it grows back by itself.
    closed_until: nobody calls before (the channel said 429). wanted_until: only orders call before.
    used:         calls on the ISO date `day`.
    """

    points: float
    at: float
    share: float = 1.0
    slowed_at: float = 0.0
    closed_until: float = 0.0
    wanted_until: float = 0.0
    used: int = 0
    day: str = ""


def quota_faults(per_day: str, zone: str) -> dict[str, str]:
    """Setting of a day's quota that cannot be used -> what to write instead. An empty number is no quota."""
    found = {}
    if per_day and not (re.fullmatch("[0-9]{1,10}", per_day) and 0 < int(per_day) <= MOST_A_DAY):
        found["calls_per_day"] = told(
            f"calls_per_day = {per_day[:80]!r}: use a whole number from 1 to {MOST_A_DAY}, such as 5000"
        )
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found["quota_zone"] = told(f"quota_zone = {zone[:80]!r}: use the name of a time zone, such as Asia/Shanghai")
    return found


def full(limit: Limit, now: float) -> Level:
    """A limit that nobody used yet."""
    return Level(limit.size, now, slowed_at=now)


def share(level: Level, now: float) -> float:
    """The part of the rate that is used now, 1/16 to 1: halved by each 429, back in five minutes at most."""
    return min(1.0, level.share + max(0.0, now - level.slowed_at) / RECOVERY_S)


def refill(limit: Limit, level: Level, now: float) -> Level:
    """The same level at the time `now`; a clock that goes back brings nothing and takes nothing."""
    now = max(now, level.at)
    came = limit.rate * (_gone(level, now) - _gone(level, level.at))
    return replace(level, points=min(limit.size, level.points + came), at=now)


def _gone(level: Level, now: float) -> float:
    """Seconds at full pace that passed since it was slowed: the integral of `share`."""
    passed, to_full = max(0.0, now - level.slowed_at), (1.0 - level.share) * RECOVERY_S
    slow = min(passed, to_full)
    return level.share * slow + slow * slow / (2 * RECOVERY_S) + (passed - slow)


def ask(limit: Limit, level: Level, now: float, cost: float, urgency: Urgency = Urgency.ORDERS) -> tuple[Level, float]:
    """Spend `cost` points and one call of the day, or say how long to wait.

    Args:    cost: points, >= 0; more than the bucket holds asks for a full one.
    Returns: the level afterwards, and 0 where it was spent; else what is left as it was, and seconds after which the
             same question is answered with 0 if nobody else takes the points. In any time of t seconds no more than
             size + rate x t is spent (a call dearer than the bucket aside). A lane leaves its floor to those before
             it; a call for orders that has to wait keeps the others away until it had its turn.
    """
    level = _today(limit, refill(limit, level, now))
    now = level.at
    needed = min(limit.size, cost + FLOORS[urgency] * limit.size)
    wait = max(
        (needed - level.points) / (limit.rate * share(level, now)),
        level.closed_until - now,
        0.0 if urgency is Urgency.ORDERS else level.wanted_until - now,
        _tomorrow(limit, level, now, urgency),
    )
    if wait <= 0.0:
        return replace(level, points=level.points - cost, used=level.used + (1 if limit.per_day else 0)), 0.0
    if urgency is Urgency.ORDERS:
        level = replace(level, wanted_until=max(level.wanted_until, now + wait + GRACE_S))
    return level, wait


def _today(limit: Limit, level: Level) -> Level:
    """The day's count is 0 on a new day."""
    if not limit.per_day:
        return level
    day = datetime.fromtimestamp(level.at, ZoneInfo(limit.zone)).date().isoformat()
    return level if day == level.day else replace(level, used=0, day=day)


def _tomorrow(limit: Limit, level: Level, now: float, urgency: Urgency) -> float:
    """Seconds until the next midnight where this lane has used up the day, else 0."""
    if not limit.per_day or level.used < ceil(limit.per_day * (1 - FLOORS[urgency])):
        return 0.0
    zone = ZoneInfo(limit.zone)
    next_day = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    midnight = datetime.combine(next_day, time(), zone).astimezone(UTC)
    return midnight.timestamp() - now


def slowed(limit: Limit, level: Level, now: float, retry_after: float | None = None) -> Level:
    """After a 429: half the pace (down to a sixteenth), an empty bucket, closed for `retry_after` seconds.

    Where the channel names no time it is 2 seconds after the first 429, and up to 16 after more.
    """
    level = refill(limit, level, now)
    now, left = level.at, max(SLOWEST, share(level, now) / 2)
    closed = UNNAMED_S / left if retry_after is None else max(0.0, retry_after)
    return replace(
        level, points=min(level.points, 0.0), share=left, slowed_at=now,
        closed_until=max(level.closed_until, now + closed),
    )  # fmt: skip


def closed(level: Level, now: float, seconds: float) -> Level:
    """Nobody calls for so long; a longer time that was named before stands."""
    return replace(level, closed_until=max(level.closed_until, now + seconds))


def counted(limit: Limit, level: Level, now: float, available: float) -> Level:
    """The channel says how many points are left: the smaller count wins, calls under way are not in its count yet."""
    level = refill(limit, level, now)
    return replace(level, points=min(level.points, available))


def returned(limit: Limit, level: Level, now: float, points: float) -> Level:
    """Points that were taken and not needed come back, up to the size."""
    level = refill(limit, level, now)
    return replace(level, points=min(limit.size, level.points + max(0.0, points)))


def ahead(limit: Limit) -> float:
    """Points that one process may draw in advance, so that a fast channel needs no question per call; 0 where none.

    A quota of a day is never drawn in advance: what a process does not use would be lost.
    """
    points = min(limit.rate * AHEAD_S, limit.size / 2)
    return 0.0 if limit.per_day or points < 2 else points


def ahead_s(limit: Limit) -> float:
    """Seconds after which points that were drawn in advance and not spent are void."""
    return ahead(limit) / limit.rate


def shared(limit: Limit) -> Limit:
    """The limit that processes share where each draws in advance: smaller by that, so that the sum keeps the law."""
    return replace(limit, size=limit.size - ahead(limit))


def drawn(limit: Limit, level: Level, now: float, urgency: Urgency = Urgency.ORDERS) -> tuple[Level, float]:
    """What may be drawn in advance right now beside a call that was granted: (level, points)."""
    most = min(ahead(limit), level.points - FLOORS[urgency] * limit.size)
    points = max(0.0, float(int(most))) if level.wanted_until <= now or urgency is Urgency.ORDERS else 0.0
    return replace(level, points=level.points - points), points


@dataclass(frozen=True, slots=True)
class Throttle:
    """What 429s did to a connection. until: seconds since 1970, nobody calls before. percent: of its slowest pace."""

    until: float
    percent: int


def throttle(levels: Mapping[str, Level], now: float) -> Throttle | None:
    """The sum of a connection's limits, by name; None where all go on as usual.

    A limit of one operation slows that operation only: the connection is closed by the limit of all its calls.
    """
    until = levels[EVERY_CALL].closed_until if EVERY_CALL in levels else 0.0
    slowest = min((share(level, now) for level in levels.values()), default=1.0)
    return Throttle(until, int(100 * slowest)) if until > now or slowest < 1.0 else None
