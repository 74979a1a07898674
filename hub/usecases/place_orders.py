"""Plans waiting orders and reserves what the plan takes: one locked, guarded transaction per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.ports.failpoints import reach
from hub.rules.routing import Demand, Piece, Snapshot, as_seen, plan
from hub.store.places import point_of, read_places, read_ruleset
from hub.store.stock import lock_balances
from hub.store.tables import connections, fulfillment_orders, order_pieces, orders
from hub.usecases.commit_decisions import Planned, commit_decisions
from hub.usecases.context import Context


@dataclass(frozen=True, slots=True)
class Claimed:
    """One waiting order with the pieces that it still needs."""

    row: Row[Any]
    pieces: tuple[Row[Any], ...]


def place_orders(ctx: Context, limit: int = 200) -> int:
    """Find stock for up to `limit` waiting orders, oldest first; returns how many were looked at.

    Live planning is `plan` on the locked stock, then its commit: a dry run is the same function without it.
    """
    with ctx.db.write() as db:
        claimed = _claim(db, limit, ctx.clock())
        reach("after_claim")
        rung = _place(ctx, db, claimed) if claimed else ()
        reach("before_commit")
    reach("after_commit")
    for work, connection_id in rung:
        ctx.doorbell.ring(work, connection_id)
    return len(claimed)


def _claim(db: Connection, limit: int, now: datetime) -> list[Claimed]:
    query = select(orders).where(orders.c.state == "waiting", orders.c.place_at <= now)
    rows = db.execute(
        query.order_by(orders.c.place_at, orders.c.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    piece = order_pieces.c
    needs = piece.wanted > piece.reserved + piece.shipped
    pieces: dict[int, list[Row[Any]]] = defaultdict(list)
    wanted = select(order_pieces).where(piece.order_id.in_([row.id for row in rows]), needs).order_by(piece.id)
    for found in db.execute(wanted):
        pieces[found.order_id].append(found)
    return [Claimed(row, tuple(pieces[row.id])) for row in rows]


def _place(ctx: Context, db: Connection, claimed: Sequence[Claimed]) -> Sequence[tuple[str, int | None]]:
    now = ctx.clock()
    balances = lock_balances(db, {piece.sku for order in claimed for piece in order.pieces})
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
            free[row.warehouse, row.sku] += row.on_hand - row.reserved - row.safety
    return free


def _refusers(db: Connection, order_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Warehouses that rejected their share of an order: they are not asked again."""
    table = fulfillment_orders.c
    query = select(table.order_id, table.warehouse).where(
        table.order_id.in_(order_ids), table.request_status == "rejected"
    )
    found: dict[int, set[str]] = defaultdict(set)
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
