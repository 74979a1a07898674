"""What runs by the clock: one row a job. A connection's own times (pull, sweep) are in its stream rows, not here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Ring for `work` every so many seconds."""

    work: str
    every_s: int


SCHEDULE = (Row("house.clean", 600),)
