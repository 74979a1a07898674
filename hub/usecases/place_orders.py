"""Plans waiting orders and reserves what the plan takes: one locked, guarded transaction per batch."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, or_, select
from sqlalchemy.exc import OperationalError

from hub.ports.failpoints import reach
from hub.rules.routing import Demand, Piece, Snapshot, as_seen, plan
from hub.store.events import add_events
from hub.store.places import point_of, read_places
from hub.store.rulesets import read_ruleset
from hub.store.stock import lock_balances
from hub.store.tables import connections, fulfillment_orders, order_pieces, orders, stock_ledger
from hub.usecases.commit_decisions import Planned, commit_decisions
from hub.usecases.context import Context
from hub.usecases.order_rows import NewHold, insert_holds, write_states
from hub.usecases.resolve_lines import Problem
from hub.usecases.resume_orders import resume_orders

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One waiting order with the pieces that it still needs, and all its SKUs: a refusal gives back the others too."""

    row: Row[Any]
    pieces: tuple[Row[Any], ...]
    skus: frozenset[str]


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
            _put_aside(ctx, order_id, type(error).__name__)
    return len(ids)


def _put_aside(ctx: Context, order_id: int, name: str) -> None:
    now = ctx.clock()
    why = "our code failed to place this order: tell the developers, then replay"
    with ctx.db.write() as db:
        row = db.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one()
        if row.state == "waiting":
            problem = Problem("crashed", f"crashed:place:{name}", "order", name, why)
            insert_holds(db, [NewHold(row.connection_id, problem, order_id)], now)
            write_states(db, {order_id: "held"}, now)
            add_events(db, [(order_id, "order_held", {"kind": "crashed", "field": "order", "value": name})], now)


def _waiting(now: datetime, *what: Any) -> Select[Any]:
    query = select(*what).where(orders.c.state == "waiting", orders.c.place_at <= now)
    return query.order_by(orders.c.place_at, orders.c.id)


def _claim(db: Connection, limit: int, now: datetime, only: int | None) -> list[Claimed]:
    query = _waiting(now, orders)
    query = query if only is None else query.where(orders.c.id == only)
    rows = db.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    piece = order_pieces.c
    pieces: dict[int, list[Row[Any]]] = defaultdict(list)
    query = select(order_pieces).where(piece.order_id.in_([row.id for row in rows])).order_by(piece.id)
    for found in db.execute(query):
        pieces[found.order_id].append(found)
    return [_claimed(row, pieces[row.id]) for row in rows]


def _claimed(row: Row[Any], pieces: Sequence[Row[Any]]) -> Claimed:
    needed = tuple(piece for piece in pieces if piece.wanted > piece.reserved + piece.shipped)
    return Claimed(row, needed, frozenset(piece.sku for piece in pieces))


def _place(ctx: Context, db: Connection, claimed: Sequence[Claimed]) -> Sequence[tuple[str, int | None]]:
    now = ctx.clock()
    balances = lock_balances(db, {sku for order in claimed for sku in order.skus})
    snapshot = Snapshot(read_places(db), _free(balances))
    ruleset = read_ruleset(db)
    refusers = _refusers(db, [order.row.id for order in claimed])
    demands = [demand_of(order, refusers.get(order.row.id, frozenset())) for order in claimed]
    decisions = plan(snapshot, demands, ruleset)
    seen = as_seen(snapshot, demands, decisions)
    shops = {row.id: row for row in db.execute(select(connections.c.id, connections.c.on_shortage))}
    planned = [
        Planned(order.row, order.pieces, demand, decision, part, shops[order.row.connection_id].on_shortage)
        for order, demand, decision, part in zip(claimed, demands, decisions, seen, strict=True)
    ]
    return commit_decisions(ctx, db, planned, now)


def _free(balances: Sequence[Row[Any]]) -> Mapping[tuple[str, str], int]:
    """(warehouse, sku) -> pieces that may be taken: on hand minus reserved minus safety, lots summed."""
    free: dict[tuple[str, str], int] = defaultdict(int)
    for row in balances:
        if row.lot == "":
            free[row.warehouse, row.sku] += row.on_hand - row.reserved - row.damaged - row.quality_hold - row.safety
    return free


def _refusers(db: Connection, order_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Warehouses that are not asked again: they rejected their share, or did not find its pieces on their shelves.

    Who did not find pieces is asked again once that shelf was counted, adjusted or filled.
    """
    table, missed, later = fulfillment_orders.c, stock_ledger.c, stock_ledger.alias("later").c
    rejected = select(table.order_id, table.warehouse).where(
        table.order_id.in_(order_ids), table.request_status == "rejected"
    )
    looked_at = and_(
        later.sku == missed.sku, later.warehouse == missed.warehouse, later.id > missed.id,
        or_(later.kind == "count", later.on_hand > 0),
    )  # fmt: skip
    not_found = select(missed.order_id, missed.warehouse).where(
        missed.order_id.in_(order_ids), missed.kind == "missing", ~exists().where(looked_at)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for query in (rejected, not_found):
        for row in db.execute(query):
            found[row.order_id].add(row.warehouse)
    return {order: frozenset(codes) for order, codes in found.items()}


def demand_of(order: Claimed, refusers: frozenset[str]) -> Demand:
    """The order as the plan sees it."""
    row = order.row
    pieces = tuple(
        Piece(str(piece.id), piece.sku, piece.wanted - piece.reserved - piece.shipped) for piece in order.pieces
    )
    return Demand(str(row.id), pieces, row.country, point_of(row), refusers)
