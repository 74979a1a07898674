"""What would have to change for a place to win an order: the smallest single changes, each proven by planning again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from msgspec import structs

from hub.canonical.errors import NotFound
from hub.rules.routing.decide import Desk
from hub.rules.routing.reading import money_text
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.words import Demand, Place

KINDS = ("stock", "capacity", "ships_on", "priority", "cost", "activate", "ask_again", "ship_to", "unpin")
"""The order in which changes are told: the everyday ones first."""

SPARED = ("cost", "priority", "ships_on", "capacity", "stock", "unpin", "ask_again", "ship_to", "activate")
"""The order in which changes are left out of those that are made together, as far as the others are enough."""

MOST = 2**40
"""No change is tried beyond this: pieces, days, micros."""

World = tuple[Snapshot, Demand]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. kind, amount:

    stock: so many more free pieces of `sku`. capacity: so many more orders. ships_on: so many days earlier.
    priority: this priority instead of its own. cost: handling of a parcel cheaper by so many micros.
    activate, ask_again (after it refused), ship_to (the order's country), unpin: 1.
    """

    kind: str
    amount: int
    sku: str = ""

    def to_dict(self) -> dict[str, Any]:
        amount: Any = money_text(self.amount) if self.kind == "cost" else self.amount
        return {"kind": self.kind, "amount": amount, "sku": self.sku or None}


def what_would_have_to_change(seen: Snapshot, demand: Demand, ruleset: Ruleset, warehouse: str) -> tuple[Change, ...]:
    """The single changes that make a place give pieces of this order, each as small as possible.

    Args:    seen: what `as_seen` gave for the order.
    Returns: in the order of `KINDS`; () where it wins already or no single change is enough.
             Law: with `applied` the place wins; with one less it does not.
    Raises:  NotFound: the snapshot has no such place.
    """
    if warehouse not in {place.code for place in seen.places}:
        raise NotFound(f"there is no warehouse {warehouse!r} in what the plan saw")
    if _wins((seen, demand), ruleset, warehouse):
        return ()
    found = (
        _smallest(change, most, seen, demand, ruleset, warehouse) for change, most in _tries(seen, demand, warehouse)
    )
    return tuple(change for change in found if change)


def changes_together(seen: Snapshot, demand: Demand, ruleset: Ruleset, warehouse: str) -> tuple[Change, ...]:
    """The changes that make a place give pieces of this order together, for where no single one is enough.

    Args:    seen: what `as_seen` gave for the order.
    Returns: in the order of `KINDS`, as few as possible of them, the everyday ones rather than the others, each as
             small as possible; () where all that can be changed there is not enough.
             Law: with all of them `applied` the place wins; without any one of them, or with one less, it does not.
    """
    parts = dict(_tries(seen, demand, warehouse))

    def enough(tried: Mapping[Change, int]) -> bool:
        world = (seen, demand)
        for change, steps in tried.items():
            world = applied(*world, warehouse, _sized(change, steps, seen, warehouse))
        return _wins(world, ruleset, warehouse)

    if not enough(parts):
        return ()
    for change in sorted(parts, key=lambda part: SPARED.index(part.kind)):
        rest = {other: most for other, most in parts.items() if other != change}
        parts = rest if enough(rest) else parts
    for change, most in list(parts.items()):
        parts[change] = _least(lambda steps, change=change: enough(parts | {change: steps}), most) or most  # type: ignore[misc]
    return tuple(_sized(change, steps, seen, warehouse) for change, steps in parts.items())


def applied(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    """The snapshot and the order with the change made."""
    return _APPLY[change.kind](seen, demand, warehouse, change)


def _wins(world: World, ruleset: Ruleset, warehouse: str) -> bool:
    snapshot, demand = world
    decision = Desk(Stock(snapshot), ruleset).decide(demand)
    return any(take.warehouse == warehouse for take in decision.takes)


def _tries(seen: Snapshot, demand: Demand, warehouse: str) -> Iterator[tuple[Change, int]]:
    """Each kind of change with the most of it that makes sense."""
    place = _place(seen, warehouse)
    wanted: dict[str, int] = {}
    for piece in demand.pieces:
        wanted[piece.sku] = wanted.get(piece.sku, 0) + max(0, piece.quantity)
    for sku in sorted(sku for sku, need in wanted.items() if need):
        yield Change("stock", 1, sku), 4 * (wanted[sku] + max(0, -seen.free.get((warehouse, sku), 0))) + 64
    if warehouse in seen.capacity:
        yield Change("capacity", 1), 1 + max(0, -seen.capacity[warehouse][0])
    if place.ships_on is not None:
        yield Change("ships_on", 1), 366
    if place.priority > 1:
        yield Change("priority", place.priority - 1), place.priority - 1
    yield Change("cost", 1), MOST
    for kind, needed in _switches(place, demand):
        if needed:
            yield Change(kind, 1), 1


def _switches(place: Place, demand: Demand) -> Iterator[tuple[str, bool]]:
    yield "activate", not place.active
    yield "ask_again", place.code in demand.excluded
    yield "ship_to", bool(place.ships_to) and demand.country is not None and demand.country not in place.ships_to
    yield "unpin", demand.pinned is not None and demand.pinned != place.code


def _smallest(
    change: Change, most: int, seen: Snapshot, demand: Demand, ruleset: Ruleset, warehouse: str
) -> Change | None:
    """The least amount that is enough. A priority is best closest to its own."""

    def enough(amount: int) -> bool:
        return _wins(applied(seen, demand, warehouse, _sized(change, amount, seen, warehouse)), ruleset, warehouse)

    steps = _least(enough, most)
    return None if steps is None else _sized(change, steps, seen, warehouse)


def _least(enough: Callable[[int], bool], most: int) -> int | None:
    """The least number that is enough: doubled until it is, then halved back; None where `most` is not."""
    high = 1
    while not enough(high):
        if high >= most:
            return None
        high = min(2 * high, most)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _sized(change: Change, steps: int, seen: Snapshot, warehouse: str) -> Change:
    """So many steps of a kind; a step of priority is one place forward."""
    if change.kind == "priority":
        return replace(change, amount=_place(seen, warehouse).priority - steps)
    return replace(change, amount=steps)


def _place(seen: Snapshot, warehouse: str) -> Place:
    return next(place for place in seen.places if place.code == warehouse)


def _with_place(seen: Snapshot, warehouse: str, **fields: Any) -> Snapshot:
    places = tuple(replace(place, **fields) if place.code == warehouse else place for place in seen.places)
    return replace(seen, places=places)


def _more_stock(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    """Where stock is kept by lot, it comes as a fresh lot that lasts."""
    key = (warehouse, change.sku)
    free = {**seen.free, key: seen.free.get(key, 0) + change.amount}
    if key not in seen.lots:
        return replace(seen, free=free), demand
    fresh = ("new", None, change.amount)
    return replace(seen, free=free, lots={**seen.lots, key: (*seen.lots[key], fresh)}), demand


def _more_capacity(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    left, most = seen.capacity[warehouse]
    return replace(seen, capacity={**seen.capacity, warehouse: (left + change.amount, most + change.amount)}), demand


def _earlier(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    day = _place(seen, warehouse).ships_on
    return _with_place(seen, warehouse, ships_on=day and day - timedelta(days=change.amount)), demand


def _priority(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    return _with_place(seen, warehouse, priority=change.amount), demand


def _cheaper(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    now = _place(seen, warehouse).per_order
    return _with_place(seen, warehouse, per_order=now - change.amount), demand


def _activate(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    return _with_place(seen, warehouse, active=True), demand


def _ask_again(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    return seen, structs.replace(demand, excluded=demand.excluded - {warehouse})


def _ship_to(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    ships_to = _place(seen, warehouse).ships_to | ({demand.country} if demand.country else set())
    return _with_place(seen, warehouse, ships_to=ships_to), demand


def _unpin(seen: Snapshot, demand: Demand, warehouse: str, change: Change) -> World:
    return seen, structs.replace(demand, pinned=None)


_APPLY: Mapping[str, Callable[[Snapshot, Demand, str, Change], World]] = {
    "stock": _more_stock,
    "capacity": _more_capacity,
    "ships_on": _earlier,
    "priority": _priority,
    "cost": _cheaper,
    "activate": _activate,
    "ask_again": _ask_again,
    "ship_to": _ship_to,
    "unpin": _unpin,
}
