"""Tells channels the numbers of single SKUs at once, before all that waits, and says what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, or_, select

from hub.canonical.errors import BadInput, NotFound, StocklineError
from hub.canonical.told import told
from hub.store import pushes
from hub.store.audit import record
from hub.store.known import must_be_skus
from hub.store.tables import connections, kits, listings, stock_pushes
from hub.usecases.context import Context
from hub.usecases.push_stock import push_batch
from hub.usecases.streams import beside

MOST = 100
"""SKUs that somebody waits for at once."""
_l, _p, _c = listings.c, stock_pushes.c, connections.c


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one listing.

    state: accepted: the channel shows `number` now. kept_back: nothing was to be told. waits: it is told later, by
           itself. refused: given up. number: what the channel was last told, None: never. why: "" where accepted.
    """

    connection_id: int
    connection: str
    listing_ref: str
    sku: str
    state: Literal["accepted", "kept_back", "waits", "refused"]
    number: int | None
    why: str


def push_now(ctx: Context, skus: Sequence[str], connection_id: int | None = None, *, actor: str) -> list[Said]:
    """Push every listing that sells one of these SKUs, or a kit of them, on one connection or on all.

    All guards hold: unknown and stale numbers, orders that come first, the breaker before a mass zeroing. What cannot
    go now waits and goes by itself. One channel that fails does not keep the others from being told.

    Returns: one answer per listing, by connection and ref.
    Raises:  BadInput: no SKU, or too many. NotFound: an unknown SKU, or no listing sells any.
    """
    wanted = sorted({sku.strip() for sku in skus} - {""})
    if not wanted or len(wanted) > MOST:
        raise BadInput(f"name 1 to {MOST} SKUs: all others are pushed by themselves")
    found = _ask_for(ctx, wanted, connection_id, actor)
    problems = {cid: _push(ctx, cid, refs) for cid, refs in found.items()}
    with ctx.db.read() as db:
        return [_said(row, problems[row.connection_id], ctx.clock()) for row in _rows(db, found)]


def _ask_for(ctx: Context, skus: Sequence[str], connection_id: int | None, actor: str) -> dict[int, list[str]]:
    """Mark the listings; connection -> their refs."""
    now = ctx.clock()
    found: dict[int, list[str]] = {}
    with ctx.db.write() as db:
        must_be_skus(db, skus)
        for row in db.execute(_selling(skus, connection_id)):
            found.setdefault(row.connection_id, []).append(row.listing_ref)
        if not found:
            raise NotFound(f"no listing sells {', '.join(skus)} and follows the stock: link one first")
        for cid, refs in found.items():
            pushes.mark_listings(db, cid, refs, now)
            record(db, now, actor, "stock.pushed_now", f"connection:{cid}", listings=len(refs), skus=list(skus))
    return found


def _selling(skus: Sequence[str], connection_id: int | None) -> Any:
    composed = select(kits.c.sku).where(kits.c.component.in_(skus))
    query = select(_l.connection_id, _l.listing_ref).where(
        _l.stocked.is_(True), or_(_l.sku.in_(skus), _l.sku.in_(composed))
    )
    query = query if connection_id is None else query.where(_l.connection_id == connection_id)
    return query.order_by(_l.connection_id, _l.listing_ref)


def _push(ctx: Context, connection_id: int, refs: Sequence[str]) -> str:
    """Why it could not be told, "" where it could; what is left then is due, and a worker goes on with it."""
    try:
        with beside(ctx, connection_id, "stock"):
            most = ctx.channel(connection_id).spec.max_stock_lines
            for at in range(0, len(refs), most):
                push_batch(ctx, connection_id, refs[at : at + most])
    except StocklineError as error:
        return str(error)
    return ""


def _rows(db: Connection, found: dict[int, list[str]]) -> list[Row[Any]]:
    same = and_(_p.connection_id == _l.connection_id, _p.listing_ref == _l.listing_ref)
    joined = stock_pushes.join(listings, same).join(connections, _c.id == _p.connection_id)
    query = select(stock_pushes, _l.sku, _c.name).select_from(joined)
    return [
        row
        for cid, refs in sorted(found.items())
        for row in db.execute(query.where(_p.connection_id == cid, _p.listing_ref.in_(refs)).order_by(_p.listing_ref))
    ]


def _said(row: Row[Any], problem: str, now: datetime) -> Said:
    state: Literal["accepted", "kept_back", "waits", "refused"] = "waits"
    why = problem or row.error
    if row.seq <= row.sent_seq:
        state, why = ("kept_back", row.error) if row.error else ("accepted", "")
    elif row.dead:
        state, why = "refused", row.error
    elif row.leased_until is not None and row.leased_until > now:
        why = told("a worker is sending it right now")
    return Said(row.connection_id, row.name, row.listing_ref, row.sku, state, row.sent_value, why)
