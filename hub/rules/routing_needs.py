"""What a ruleset looks at, so that only that is read for a plan."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from hub.rules.routing import Condition, Group, Ruleset, Strategy


class Need(StrEnum):
    """One kind of knowledge. Stock, places, capacity and confidence are always read."""

    RATES = "rates"
    """What parcels cost and how long they take; also the zone of the address."""
    PRICES = "prices"
    """Bid prices."""
    VELOCITY = "velocity"
    """How fast SKUs sell from a place."""
    WEIGHTS = "weights"
    """Weight and value of the pieces."""
    TIME = "time"
    """When it is now."""


@lru_cache(maxsize=64)
def needs(ruleset: Ruleset) -> frozenset[Need]:
    """What any strategy of the ruleset may ask for."""
    return frozenset(need for strategy in ruleset.strategies for need in _of(strategy)) | _by_orders(ruleset)


def _of(strategy: Strategy) -> set[Need]:
    found: set[Need] = set()
    criteria = {criterion.by for criterion in strategy.criteria} if strategy.search != "cheapest" else {"cost"}
    if "cost" in criteria or strategy.filters.in_time:
        found |= {Need.RATES, Need.WEIGHTS}
    if "cost" in criteria:
        found |= {Need.PRICES} if strategy.objective.weight("scarcity") else set()
        found |= {Need.VELOCITY} if strategy.objective.stockout else set()
    if "weeks_of_supply" in criteria:
        found.add(Need.VELOCITY)
    if strategy.split.min_part_value:
        found.add(Need.WEIGHTS)
    return found | _times(strategy, criteria)


def _times(strategy: Strategy, criteria: set[str]) -> set[Need]:
    filters, objective = strategy.filters, strategy.objective
    by_cost = "cost" in criteria and (objective.late or objective.ageing)
    by_day = "ships_on" in criteria or filters.within_days is not None or filters.in_time
    return {Need.TIME} if by_cost or by_day or strategy.leftover.days else set()


def _by_orders(ruleset: Ruleset) -> frozenset[Need]:
    """What the conditions on orders, and the order of serving them, ask for."""
    groups = [strategy.when for strategy in ruleset.strategies]
    groups += [group for batch in ruleset.batches for group in (batch.include, batch.exclude) if group is not None]
    words = {word for group in groups for word in _fields(group)}
    words |= {sort.removeprefix("-") for batch in ruleset.batches for sort in batch.sort}
    found = {Need.WEIGHTS} if "weight_g" in words else set()
    return frozenset(found | ({Need.TIME} if words & {"age_minutes", "days_left"} else set()))


def _fields(group: Group) -> Iterator[str]:
    for part in group.parts:
        if isinstance(part, Condition):
            yield part.field
        else:
            yield from _fields(part)
