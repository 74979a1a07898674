"""Takes new orders in and places them at once: from message to pick list in one transaction, no row written twice.

The plan is made on stock that is read without a lock; what it takes is locked and checked at the very end, when all
else is written. Where anything stands in the way, nothing is kept, and the orders go the long way: in, then placed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import Connection

from hub.canonical.errors import Conflict
from hub.ports.failpoints import reach
from hub.rules.lifecycle import intake
from hub.store import outbox, pushes
from hub.store.catalog import read_catalog
from hub.store.events import add_events
from hub.store.routing_snapshot import Terms
from hub.store.selling import read_soft_times
from hub.store.waiting import wanted_before
from hub.usecases.commit_decisions import Planned, answer_row, reserve, routed_event, wants_answer
from hub.usecases.context import Context
from hub.usecases.demands import Claimed, claimed
from hub.usecases.new_orders import NewOrder, Numbered, insert_orders, number
from hub.usecases.order_rows import OrderKey, known_orders
from hub.usecases.place_orders import plan_claimed
from hub.usecases.told_apart import joined
from hub.usecases.upsert_orders import Upserted, Version, new_order

Placed = tuple[Numbered, Planned]


def place_on_arrival(
    ctx: Context, db: Connection, versions: Sequence[Version], others: Set[str], now: datetime
) -> Upserted:  # fmt: skip
    """Take in and place those of the orders that are new and that stock is there for; the others are left as they are.

    None where a warehouse takes only so many orders a day: its days are counted under a lock.

    Args:    others: SKUs that another worker places just now: new orders that ask for one are left to it.
    Returns: the ids of what was placed, by message; the connections whose outbox got something; what was left.
    Raises:  Conflict: another worker took the same order in, or took the stock; nothing may be kept.
    """
    new = _new_orders(db, versions, now)
    theirs = {each.key for each in new if not others.isdisjoint(each.skus)} if others else set()
    left = frozenset([v.message_id for v in versions if v.key in theirs]) if theirs else frozenset[int]()
    mine = [each for each in new if each.key not in theirs] if theirs else new
    found = number(db, mine, now)
    by_order = {each.row["id"]: each for each in found}
    planned, world = plan_claimed(db, [_as_claimed(each) for each in found], now, lock=False) if found else ([], None)
    if world is None or world.snapshot.capacity:
        return Upserted(left=left)
    routed = [plan for plan in planned if plan.demand.pieces and plan.decision.outcome == "routed"]
    placed = [(by_order[plan.row.id], plan) for plan in routed]
    if placed:
        _write(ctx, db, placed, world.terms, now)
    ids = {each.new.key: each.row["id"] for each, _ in placed}
    asked = frozenset(each.new.key[0] for each, _ in placed if each.row["answered"])
    skus = [sku for each, _ in placed for sku in each.new.skus]
    return Upserted({v.message_id: ids[v.key] for v in versions if v.key in ids}, asked=asked, skus=skus, left=left)


def _new_orders(db: Connection, versions: Sequence[Version], now: datetime) -> list[NewOrder]:
    """Those that are new, alone in their message, understood, ask for stock, and whose turn it is; by key."""
    orders_in, versions_of = Counter(v.message_id for v in versions), Counter(v.key for v in versions)
    single = [v for v in versions if orders_in[v.message_id] == versions_of[v.key] == 1]
    alone = sorted((v for v in single if intake(v.order) == "place"), key=lambda v: v.key)
    before = wanted_before(db, now) if alone else None
    if before is None:
        return []
    there = known_orders(db, [version.key for version in alone])
    last = joined(db, {version.key: version.order for version in alone if version.key not in there})
    unknown = [version for version in alone if version.key in last and intake(last[version.key]) == "place"]
    lines = [(v.connection_id, line.listing_ref, line.sku) for v in unknown for line in v.order.lines]
    catalog = read_catalog(db, lines)
    soft = read_soft_times(db, {connection_id for connection_id, _ in (v.key for v in unknown)})
    new = [new_order(version.key, [version], catalog, soft, now, last[version.key]) for version in unknown]
    asking = [each for each in new if each.state == "waiting" and each.soft_until is None]
    return _in_turn(asking, before, {version.key: version.message_id for version in unknown})


def _in_turn(new: Sequence[NewOrder], before: Set[str], message_of: Mapping[OrderKey, int]) -> list[NewOrder]:
    """The orders that may be placed now: first come, first served for each SKU.

    Args: new: by key. before: SKUs that orders which came before still want; what asks for one waits behind them, and
               so does what came later and asks for anything that it asks for.
    """
    if not before:
        return list(new)
    taken, free = {*before}, set[OrderKey]()
    for each in sorted(new, key=lambda each: message_of[each.key]):
        if taken.isdisjoint(each.skus):
            free.add(each.key)
        else:
            taken.update(each.skus)
    return [each for each in new if each.key in free]


def _as_claimed(found: Numbered) -> Claimed:
    skus = {line["id"]: line["sku"] for line in found.lines}
    return claimed(SimpleNamespace(**found.row), [SimpleNamespace(**piece) for piece in found.pieces], skus)


def _write(
    ctx: Context, db: Connection, placed: Sequence[Placed], terms: Mapping[str, Terms], now: datetime
) -> None:  # fmt: skip
    plans = [plan for _, plan in placed]
    answered = [(each, plan) for each, plan in placed if wants_answer(ctx, plan)]
    for each, _ in answered:
        each.row["answered"] = "accepted"
    for each, plan in placed:
        _fill_in(each, plan)
    if len(insert_orders(db, [each for each, _ in placed])) != len(placed):
        raise Conflict("another worker took in one of these orders in the meantime")
    reach("after_order_upsert")
    add_events(db, [event for each, plan in placed for event in (each.imported, routed_event(plan))], now)
    answers = [answer_row(plan, each.new.last.to_dict(), True, now) for each, plan in answered]
    outbox.put(db, answers, now)
    skus = reserve(db, plans, terms, now, locked=False)
    pushes.mark_skus(db, skus, now)
    pushes.note_sold(db, [sold for each, _ in placed for sold in each.new.sold], now)


def _fill_in(found: Numbered, plan: Planned) -> None:
    """The rows as they stand once the plan is carried out."""
    found.row["state"], found.row["attempts"] = "routed", 1
    for piece in found.pieces:
        piece["reserved"] = piece["wanted"]
