"""Which orders belong to a range of time that is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime


def in_range(
    changed: datetime | None, since: datetime, until: datetime | None, placed: Callable[[], Iterable[datetime]]
) -> bool:
    """Whether an order was placed or last changed in [since, until); until None: up to now.

    Args:    changed: when it changed last, None: it does not say. placed: when it was placed; asked only where the time
             of change does not answer, which may be costly.
    Returns: True also where its time of change is not known: no order is left out for that.
    """
    if changed is None:
        return True
    if changed < since:
        return False
    return until is None or changed < until or any(since <= at < until for at in placed())
