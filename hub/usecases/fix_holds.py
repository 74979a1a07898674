"""Mends a cause once: link a listing, then everything that waited for it runs again by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from hub.rules.lifecycle import OVER
from hub.store import pushes
from hub.store.audit import record
from hub.store.catalog import read_catalog
from hub.store.database import upsert
from hub.store.events import add_events
from hub.store.inbox import PUT_ASIDE
from hub.store.tables import holds, inbox, items, kits, listings, order_documents, orders
from hub.usecases.amend_orders import apply_meanings, by_hand, settle_states
from hub.usecases.context import Context
from hub.usecases.near_listings import must_be_listed
from hub.usecases.order_rows import NewHold, in_key_order, insert_holds
from hub.usecases.release_excess import release_excess
from hub.usecases.resolve_lines import Problem


def replay_hold(ctx: Context, fingerprint: str, actor: str) -> int:
    """Run again whatever waits with this fingerprint; returns how many orders and messages that are.

    Raises: NotFound: nothing waits with it.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        count = replay(db, [fingerprint], actor, now)
        if not count:
            raise NotFound(f"nothing is held with the fingerprint {fingerprint!r}")
        record(db, now, actor, "hold.replayed", fingerprint, count=count)
    ctx.doorbell.ring("inbox.ingest")
    ctx.doorbell.ring("orders.place")
    return count


def dismiss_hold(ctx: Context, fingerprint: str, actor: str) -> int:
    """Put held files and refunds aside that nobody can read: no order waits for them. Returns how many; they are kept.

    Raises: NotFound: nothing waits with it. Conflict: an order waits with it, which must not be lost.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        query = select(holds.c.id, holds.c.inbox_id, inbox.c.kind).outerjoin(inbox, inbox.c.id == holds.c.inbox_id)
        query = query.where(holds.c.fingerprint == fingerprint, holds.c.state == "open").order_by(holds.c.id)
        rows = db.execute(query.with_for_update(of=holds)).all()
        if not rows:
            raise NotFound(f"nothing is held with the fingerprint {fingerprint!r}")
        if any(row.kind not in PUT_ASIDE for row in rows):
            raise Conflict(
                "an order waits with this hold: only files and refunds that could not be read can be dismissed"
            )
        closed = {"state": "dismissed", "released_at": now, "released_by": actor}
        db.execute(holds.update().where(holds.c.id.in_([row.id for row in rows])).values(closed))
        unread = inbox.update().where(inbox.c.id.in_([row.inbox_id for row in rows]), inbox.c.state == "held")
        db.execute(unread.values(state="ignored", done_at=now))
        record(db, now, actor, "hold.dismissed", fingerprint, count=len(rows))
    return len(rows)


def link_listing(
    ctx: Context, connection_id: int, listing_ref: str, sku: str, *, units: int = 1, offered_sku: str | None = None,
    actor: str, listed: bool = False,
) -> int:  # fmt: skip
    """Say which SKU a listing sells; returns how many held orders run again.

    Args:   listed: only a listing that the shop is known to have, or that an order waits for.
    Raises: NotFound: unknown SKU, or such a listing is not known. BadInput: `units` below 1, or no listing reference.
    """
    if units < 1 or not (listing_ref or offered_sku):
        raise BadInput(f"units = {units}: expected 1 or more base units in one listing unit, and a listing reference")
    ref = listing_ref or offered_sku or ""
    now = ctx.clock()
    with ctx.db.write() as db:
        known = db.scalar(select(items.c.sku).where(items.c.sku == sku))
        if known is None and db.scalar(select(kits.c.sku).where(kits.c.sku == sku)) is None:
            raise NotFound(f"there is no SKU {sku!r}: add it first, or choose one of the suggestions")
        marks = _marks(db, connection_id, listing_ref, offered_sku)
        if listed and not marks:
            must_be_listed(db, connection_id, ref)
        _write_listing(db, connection_id, ref, sku, units, offered_sku, now)
        count = replay(db, marks, actor, now)
        pushes.mark_listings(db, connection_id, [ref], now)
        record(db, now, actor, "listing.linked", f"listing:{connection_id}:{ref}", sku=sku, units=units)
    ctx.doorbell.ring("orders.place")
    ctx.doorbell.ring("stock.push", connection_id)
    return count


def _write_listing(
    db: Connection, connection_id: int, ref: str, sku: str, units: int, offered: str | None, now: datetime
) -> None:
    row = {
        "connection_id": connection_id, "listing_ref": ref, "sku": sku, "units": units, "offered_sku": offered,
        "title": "", "barcode": "", "place": {}, "buffer": 0, "stocked": True, "seen_at": now,
    }  # fmt: skip
    statement = upsert(db, listings).values(row)
    changed = {"sku": sku, "units": units, "unlinked_at": None}
    db.execute(statement.on_conflict_do_update(index_elements=["connection_id", "listing_ref"], set_=changed))


def _marks(db: Connection, connection_id: int, listing_ref: str, offered: str | None) -> Sequence[str]:
    """Fingerprints of open holds that this listing's link mends."""
    table = holds.c
    query = select(table.fingerprint).where(
        table.connection_id == connection_id, table.state == "open", table.kind.in_(("unknown_sku", "not_whole"))
    )
    unknown, ref = f"unknown_sku:{connection_id}:", listing_ref or offered
    starts = (f"{unknown}{ref}:", f"not_whole:{connection_id}:{ref}:")
    found = db.scalars(query.distinct().order_by(table.fingerprint))
    return [mark for mark in found if mark.startswith(starts) or mark == f"{unknown}:{ref}"]


def replay_linked(db: Connection, connection_id: int, refs: Sequence[str], now: datetime) -> int:
    """Orders that waited for the link of one of these listings run again; returns how many."""
    marks = {mark for ref in refs for mark in _marks(db, connection_id, ref, None)}
    return replay(db, sorted(marks), "hub", now)


def replay_named(db: Connection, sku: str, now: datetime) -> int:
    """Orders that waited because nobody knew this SKU, which their channel wrote exactly so, run again."""
    table = holds.c
    named = (table.kind == "unknown_sku", table.state == "open", table.value == sku)
    marks = db.scalars(select(table.fingerprint).where(*named).distinct().order_by(table.fingerprint)).all()
    return replay(db, marks, "hub", now)


def replay(db: Connection, fingerprints: Sequence[str], actor: str, now: datetime) -> int:
    """Close the open holds of these causes; their orders are read again, their messages are ingested again."""
    waiting = (holds.c.fingerprint.in_(sorted(set(fingerprints))), holds.c.state == "open")
    ids = {row.order_id for row in db.execute(select(holds.c.order_id).where(*waiting)) if row.order_id is not None}
    found = _lock(db, sorted(ids))  # orders before holds, as everywhere
    rows = db.execute(select(holds).where(*waiting).order_by(holds.c.id).with_for_update()).all()
    rows = [row for row in rows if row.order_id is None or row.order_id in ids]
    closed = [row.id for row in rows]
    db.execute(holds.update().where(holds.c.id.in_(closed)).values(
        state="released", released_at=now, released_by=actor
    ))  # fmt: skip
    messages = [row.inbox_id for row in rows if row.inbox_id is not None]
    again = inbox.update().where(inbox.c.id.in_(messages), inbox.c.state.in_(("held", "dead")))
    db.execute(again.values(state="new", attempts=1, error="", done_at=None))
    _read_again(db, found, {row.order_id: row for row in reversed(rows) if row.order_id is not None}, actor, now)
    return len(rows)


def _lock(db: Connection, order_ids: Sequence[int]) -> list[tuple[Row[Any], Order]]:
    """The orders, locked, with what their channel says of them now."""
    query = select(orders).where(orders.c.id.in_(order_ids)).order_by(*in_key_order(db))
    rows = db.execute(query.with_for_update()).all()
    document = order_documents.c
    stored = db.execute(select(document.order_id, document.current).where(document.order_id.in_(order_ids)))
    bodies = {row.order_id: row.current for row in stored}
    return [(row, order_from_dict(bodies[row.id])) for row in rows]


def _read_again(
    db: Connection, found: Sequence[tuple[Row[Any], Order]], why: Mapping[int, Row[Any]], actor: str, now: datetime
) -> None:
    """Resolve the lines of held orders with today's catalog; what is clear now is planned, the rest is held anew.

    why: order_id -> the (first) hold that was closed.
    """
    catalog = read_catalog(
        db, [(row.connection_id, line.listing_ref, line.sku) for row, order in found for line in order.lines]
    )
    mended = [(row, order) for row, order in found if row.id in why]
    for row, order in mended:
        apply_meanings(db, row, order, catalog, now)
    causes = {row.id: f"replay:{row.id}:{why[row.id].id}" for row, _ in mended}
    release_excess(db, causes, now, "read again with today's catalog")
    events = [(row.id, "hold_released", {"fingerprint": why[row.id].fingerprint}) for row, _ in mended]
    add_events(db, events, now, actor)
    settle_states(db, {row.id: order for row, order in mended}, now, tell_end=True)


def hold_order(ctx: Context, order_id: int, why: str, actor: str) -> None:
    """A person stops an order: nothing of it is picked, packed or shipped until `replay_hold` of `by_hand:{id}`.

    Its reservations stay. A second hold by hand changes nothing. Raises: NotFound; Conflict: the order is over.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _order(db, order_id)
        if row.state in OVER:
            raise Conflict(f"order {row.number} is {row.state}: there is nothing left to hold")
        mark = by_hand(order_id)
        if db.scalar(select(holds.c.id).where(holds.c.fingerprint == mark, holds.c.state == "open")) is not None:
            return
        insert_holds(db, [NewHold(row.connection_id, Problem("by_hand", mark, "", "", why), order_id)], now)
        add_events(db, [(order_id, "order_held", {"kind": "by_hand", "why": why[:500]})], now, actor)
        body = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == order_id))
        settle_states(db, {order_id: order_from_dict(body or {})}, now)


def _order(db: Connection, order_id: int) -> Row[Any]:
    row = db.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no order {order_id}")
    return row
