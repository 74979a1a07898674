"""Plans waiting orders and reserves what the plan takes: one locked, guarded transaction per batch."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import OperationalError

from hub.ports.failpoints import reach
from hub.rules.routing import Decision
from hub.store.events import add_events
from hub.store.lots import read_plannable
from hub.store.routing_snapshot import Terms, World, read_world
from hub.store.rulesets import read_ruleset
from hub.store.selling import NO_TERMS, has_terms, read_terms
from hub.store.tables import orders
from hub.usecases.commit_decisions import Planned, Rung, commit_decisions
from hub.usecases.context import Context
from hub.usecases.crashes import crash_problem
from hub.usecases.demands import Claimed, claim_pieces, demand_of, read_refusers, read_shops, read_together
from hub.usecases.order_rows import NewHold, insert_holds, write_states
from hub.usecases.plan_offered import plan_offered
from hub.usecases.resume_orders import resume_orders

log = logging.getLogger(__name__)


def place_orders(ctx: Context, limit: int = 200) -> int:
    """Find stock for up to `limit` waiting orders, oldest first; returns how many were looked at.

    Live planning is `plan` on the locked stock, then its commit: a dry run is the same function without it.
    """
    try:
        return _batch(ctx, limit)
    except OperationalError:
        raise
    except Exception:
        log.exception("a batch of orders could not be placed; trying them one by one")
    return _one_by_one(ctx, limit)


def _batch(ctx: Context, limit: int, only: int | None = None) -> int:
    with ctx.db.write() as db:
        resume_orders(db, limit, ctx.clock())
        claimed = _claim(db, limit, ctx.clock(), only)
        if not claimed:
            return 0
        reach("after_claim")
        rung = _place(ctx, db, claimed)
        reach("before_commit")
    reach("after_commit")
    for work, connection_id in rung:
        ctx.doorbell.ring(work, connection_id)
    return len(claimed)


def _one_by_one(ctx: Context, limit: int) -> int:
    """Each order in a transaction of its own; one that fails again is held, so that a person hears of it."""
    with ctx.db.read() as db:
        ids = db.scalars(_waiting(ctx.clock(), orders.c.id).limit(limit)).all()
    for order_id in ids:
        try:
            _batch(ctx, limit, only=order_id)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("order %s could not be placed", order_id)
            _put_aside(ctx, order_id, error)
    return len(ids)


def _put_aside(ctx: Context, order_id: int, error: Exception) -> None:
    now = ctx.clock()
    why = "our code failed to place this order: tell the developers, then replay"
    with ctx.db.write() as db:
        row = db.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one()
        if row.state == "waiting":
            problem = crash_problem(error, "place", "order", why)
            insert_holds(db, [NewHold(row.connection_id, problem, order_id)], now)
            write_states(db, {order_id: "held"}, now)
            add_events(
                db, [(order_id, "order_held", {"kind": problem.kind, "field": "order", "value": problem.value})], now
            )


def _waiting(now: datetime, *what: Any) -> Select[Any]:
    query = select(*what).where(orders.c.state == "waiting", orders.c.place_at <= now)
    return query.order_by(orders.c.place_at, orders.c.id)


def _claim(db: Connection, limit: int, now: datetime, only: int | None) -> list[Claimed]:
    query = _waiting(now, orders)
    query = query if only is None else query.where(orders.c.id == only)
    rows = db.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    return claim_pieces(db, rows)


def _place(ctx: Context, db: Connection, claimed: Sequence[Claimed]) -> Rung:
    planned, world = plan_claimed(db, claimed, ctx.clock())
    too_late = _too_late(world, planned) if world.snapshot.capacity else set()
    planned = [plan for plan in planned if plan.row.id not in too_late]
    return commit_decisions(ctx, db, planned, world.terms, ctx.clock())


def plan_claimed(
    db: Connection, claimed: Sequence[Claimed], now: datetime, pinned: str | None = None, *, lock: bool = True
) -> tuple[list[Planned], World]:
    """Plan orders on the stock that is there; nothing is written.

    Args: pinned: the only warehouse that may give.
          lock:   lock the stock and the days that are planned on; else `reserve` must do it, which knows nothing of
                  pools: where one keeps pieces of these SKUs for a channel, nothing is planned.
    """
    ruleset = read_ruleset(db)
    skus = {sku for order in claimed for sku in order.skus}
    free, lots = read_plannable(db, skus, now.date(), lock=lock)
    world = read_world(db, free, skus, ruleset, now, lots=lots, lock=lock)
    terms = read_terms(db, skus, now) if has_terms(db) else NO_TERMS
    if terms.exclusive and not lock:
        return [], world
    shops = read_shops(db)
    refusers = read_refusers(db, [order.row.id for order in claimed if order.row.attempts])
    together = read_together(db, claimed)
    demands = [demand_of(order, world, shops, refusers, together, pinned) for order in claimed]
    owners = [order.row.connection_id for order in claimed]
    demands, (decisions, seen) = plan_offered(world.snapshot, demands, owners, terms, ruleset, now)
    return [
        Planned(order.row, order.pieces, demand, decision, part, shops[order.row.connection_id].on_shortage)
        for order, demand, decision, part in zip(claimed, demands, decisions, seen, strict=True)
    ], world


def _too_late(world: World, planned: Sequence[Planned]) -> set[int]:
    """The orders that may do better in the next batch, by id; never the one that was served first, so batches end.

    Each is judged by the places that orders served before it filled, as the plan counted them: what an order takes
    itself does not keep it waiting.
    """
    left = {code: left for code, (left, _) in world.snapshot.capacity.items()}
    full, found = set[str](), set[int]()
    for plan in sorted(planned, key=lambda plan: plan.decision.turn):
        if _may_do_better(plan.decision, full, world.terms):
            found.add(plan.row.id)
        for code in left.keys() & {take.warehouse for take in plan.decision.takes}:
            left[code] -= 1
        full = {code for code, (before, _) in world.snapshot.capacity.items() if left[code] <= 0 < before}
    return found


def _may_do_better(decision: Decision, full: Collection[str], terms: Mapping[str, Terms]) -> bool:
    """Whether an order that came too late for a place's day is short, or sent from elsewhere on a later day than that.

    It waits for the next batch, which plans on the next day of that place.
    """
    if decision.outcome == "short":
        return bool(full)
    missed = {terms[code].ships_on for code, why in decision.excluded if why == "no_capacity" and code in full}
    last = max((terms[take.warehouse].ships_on or date.max for take in decision.takes), default=date.min)
    return any(day is not None and day < last for day in missed)
