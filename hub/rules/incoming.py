"""What suppliers are to bring, by day: when a number of pieces will be there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

Due = tuple[date | None, int]
"""(the day on which they are due, None: nobody knows; pieces)"""


def due_by(pieces: int, coming: Iterable[Due]) -> date | None:
    """The first day by which `pieces` are due in all; None where no known day brings that many."""
    left = pieces
    for day, count in sorted((row[0], row[1]) for row in coming if row[0] is not None):
        left -= count
        if left <= 0:
            return day
    return None


def promise(units: int, day: date | None, coming: Iterable[Due]) -> tuple[int, date | None]:
    """What a presale promises where its pieces or its day were left out: what suppliers bring.

    Args:    units: 0: left out. day: None: left out.
    Returns: both as given; or all pieces that are due by the day (by any, where there is none), and the day by which
             so many are due; still 0 and None where suppliers say nothing.
    """
    dated = [(due, count) for due, count in coming if due is not None]
    units = units or sum(count for due, count in dated if day is None or due <= day)
    return units, day or (due_by(units, dated) if units else None)
