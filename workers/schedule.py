"""What runs by the clock: one row a job. A connection's own times (pull, sweep) are in its stream rows, not here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Ring for `work` every so many seconds."""

    work: str
    every_s: int


SCHEDULE = (
    Row("acceptance.expire", 30),
    Row("cancels.expire", 30),
    Row("prices.refresh", 900),
    Row("holds.expire", 30),
    Row("refunds.join", 60),
    Row("lots.withdraw", 60),
    Row("house.clean", 600),
    Row("buyers.forget", 3600),
    Row("proposals.refresh", 900),
    Row("orders.give_up", 600),
    Row("rules.simulate", 300),
    Row("offers.refresh", 900),
    Row("paces.refresh", 3600),
)
