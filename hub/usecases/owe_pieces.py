"""Lets orders wait for what was sold beyond the stock: backorders and presales that their policies allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from hub.canonical.told import told
from hub.rules.incoming import due_by
from hub.rules.routing import Shortage
from hub.rules.selling import Policy, owed_under, policy_of
from hub.store.events import Event
from hub.store.expected import Coming, read_coming
from hub.store.selling import OWED, read_owed, read_policies
from hub.store.tables import holds
from hub.usecases.order_rows import NewHold
from hub.usecases.resolve_lines import Problem


@dataclass(frozen=True, slots=True)
class Lacking:
    """One order and the pieces it lacks."""

    order_id: int
    connection_id: int
    shortages: Sequence[Shortage]


@dataclass(frozen=True, slots=True)
class Owed:
    """Orders that wait as sold: their holds and what their timelines say; and all that were ever promised to wait."""

    order_ids: frozenset[int]
    holds: tuple[NewHold, ...]
    events: tuple[Event, ...]
    promised: frozenset[int] = frozenset()


def owe_pieces(db: Connection, lacking: Sequence[Lacking], now: datetime) -> Owed:
    """Which of these orders may be owed all that they lack, first come first served within each policy's limit.

    What an order was owed before stays owed to it, whatever its policy says by now. The policies are locked, so that
    two workers never owe more together than one may.
    """
    skus = sorted({shortage.sku for order in lacking for shortage in order.shortages})
    policies = read_policies(db, skus, lock=True) if skus else {}
    promised = _promised(db, [order.order_id for order in lacking]) if skus else set()
    if not policies and not promised:
        return Owed(frozenset(), (), ())
    owed = {sku: dict(by) for sku, by in read_owed(db, {sku for sku, _ in policies}).items()}
    coming = read_coming(db, skus)
    before = frozenset(order_id for order_id, _ in promised)
    ids, holds, events = set[int](), list[NewHold](), list[Event]()
    for order in lacking:
        missing = _missing(order.shortages)
        open_ones = {sku: pieces for sku, pieces in missing.items() if (order.order_id, sku) not in promised}
        if missing and _may_wait(order.connection_id, open_ones, policies, owed, now):
            ids.add(order.order_id)
            for sku, pieces in missing.items():
                mine = owed.setdefault(sku, {})
                mine[order.connection_id] = mine.get(order.connection_id, 0) + pieces
            found = {sku: policy_of(policies, sku, order.connection_id) for sku in missing}
            due = {sku: _due(coming.get(sku, ()), owed[sku]) for sku in missing}
            holds += [
                NewHold(order.connection_id, _problem(sku, missing[sku], found[sku], now.date(), due[sku]),
                        order.order_id)
                for sku in missing
            ]  # fmt: skip
            events.append((order.order_id, "order_backordered", {"missing": _told(missing, found)}))
    return Owed(frozenset(ids), tuple(holds), tuple(events), before)


def _promised(db: Connection, order_ids: Sequence[int]) -> set[tuple[int, str]]:
    """(order, SKU) that were owed before."""
    table = holds.c
    mine = (table.order_id.in_(sorted(order_ids)), table.kind == "backorder")
    return {(row.order_id, row.value) for row in db.execute(select(table.order_id, table.value).where(*mine))}


def _missing(shortages: Sequence[Shortage]) -> dict[str, int]:
    found: dict[str, int] = {}
    for shortage in shortages:
        found[shortage.sku] = found.get(shortage.sku, 0) + shortage.missing
    return found


def _may_wait(
    connection_id: int, missing: Mapping[str, int], policies: Mapping[tuple[str, int], Policy],
    owed: Mapping[str, Mapping[int, int]], now: datetime,
) -> bool:  # fmt: skip
    return all(
        policy_of(policies, sku, connection_id).takes(
            pieces, owed_under(policies, owed.get(sku, {}), sku, connection_id), now.date()
        )
        for sku, pieces in missing.items()
    )


def _due(coming: Sequence[Coming], owed: Mapping[int, int]) -> date | None:
    """The day by which suppliers bring all that is owed of a SKU by now, this order's pieces last."""
    return due_by(sum(owed.values()), [(row.due_on, row.pieces) for row in coming])


def _problem(sku: str, pieces: int, policy: Policy, today: date, due: date | None) -> Problem:
    if policy.is_presale(today):
        until = told(f"until {policy.available_on}") if policy.available_on else told("until its day is set")
        why = f"{pieces} of {sku} are kept for presale {until}; then they leave, first come first served"
        return Problem("backorder", OWED + sku, "stock", sku, why, policy.available_on)
    when = told(f", promised for {policy.available_on}") if policy.available_on else ""
    when = told(f", due from the supplier on {due}") if due and not when else when
    why = f"{pieces} of {sku} were sold ahead of the stock{when}; they leave as stock comes, first come first served"
    return Problem("backorder", OWED + sku, "stock", sku, why, policy.available_on)


def _told(missing: Mapping[str, int], policies: Mapping[str, Policy]) -> list[dict[str, object]]:
    return [
        {"sku": sku, "missing": pieces, "mode": policies[sku].mode,
         "available_on": policies[sku].available_on and str(policies[sku].available_on)}
        for sku, pieces in missing.items()
    ]  # fmt: skip
