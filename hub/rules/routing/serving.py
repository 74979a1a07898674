"""In which order the orders of a batch are served: by the batches of the ruleset, then by what each sorts by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.rules.routing.conditions import measure
from hub.rules.routing.ruleset import Batch, Ruleset
from hub.rules.routing.words import Demand

LARGEST_FIRST = frozenset({"value", "age_minutes"})


def serving_order(demands: Sequence[Demand], ruleset: Ruleset, as_of: datetime | None) -> list[int]:
    """Numbers of the orders, in the order in which they are served; equal ones as they were asked."""
    if not ruleset.batches:
        return list(range(len(demands)))
    left = list(range(len(demands)))
    order: list[int] = []
    for batch in ruleset.batches:
        mine = [number for number in left if _belongs(demands[number], batch, as_of)]
        order += sorted(mine, key=_Key(demands, batch.sort, as_of))
        left = [number for number in left if number not in set(mine)]
    return order + left


class _Key:
    """Where an order stands in its batch."""

    def __init__(self, demands: Sequence[Demand], sort: Sequence[str], as_of: datetime | None) -> None:
        self.demands, self.sort, self.as_of = demands, sort, as_of

    def __call__(self, number: int) -> list[tuple[bool, Any]]:
        return [_place(self.demands[number], word, self.as_of) for word in self.sort]


def _belongs(demand: Demand, batch: Batch, as_of: datetime | None) -> bool:
    out = batch.exclude is not None and batch.exclude.holds(demand, as_of)
    return batch.include.holds(demand, as_of) and not out


def _place(demand: Demand, word: str, as_of: datetime | None) -> tuple[bool, Any]:
    """Unknown last, whichever way round it is sorted."""
    name = word.removeprefix("-")
    value = _value(demand, name, as_of)
    if value is None:
        return True, 0
    return False, -value if (name in LARGEST_FIRST) is not word.startswith("-") else value


def _value(demand: Demand, name: str, as_of: datetime | None) -> float | int | None:
    if name == "placed_at":
        return demand.placed_at.timestamp() if demand.placed_at else None
    if name == "deliver_by":
        return demand.deliver_by.toordinal() if demand.deliver_by else None
    return measure(name, demand, as_of)
