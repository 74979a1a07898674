"""A warehouse accepts or rejects a pick list; who does not answer in time has rejected it, and others are asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from hub.canonical.errors import BadInput, Conflict
from hub.canonical.told import told
from hub.rules.confidence import REASONS, STOCK_REASONS
from hub.store import confidence
from hub.store.events import add_events
from hub.store.routing_snapshot import accept_by, calendar_of
from hub.store.tables import fulfillment_orders, shipments, warehouses
from hub.store.waiting import wake_short
from hub.usecases.context import Context
from hub.usecases.pick_orders import lock_work, resettle
from hub.usecases.release_excess import release_list

_o = fulfillment_orders.c
EXPIRED = "expired"


def accept_work(ctx: Context, fulfillment_order_id: int, actor: str) -> None:
    """The warehouse will do it; accepting again changes nothing.

    Raises: NotFound; Conflict: it was revoked or rejected.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_work(db, fulfillment_order_id)
        if row.request_status == "submitted":
            _write(db, row.id, now, "accepted", "")
            add_events(db, [(row.order_id, "work_accepted", {"warehouse": row.warehouse})], now, actor)


def reject_work(ctx: Context, fulfillment_order_id: int, reason: str, actor: str, note: str = "") -> None:
    """The warehouse will not do what is still open on the list: it is free again, and the order is planned elsewhere.

    A reason about the stock (not_found, damaged, short) lowers how far that place's stock of these SKUs is believed.

    Raises: NotFound; BadInput: another reason than those there are; Conflict: revoked, or all of it has left.
    """
    if reason not in REASONS:
        raise BadInput(f"reason = {reason!r}: use one of {', '.join(REASONS)}")
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_work(db, fulfillment_order_id)
        _reject(db, row, reason, note, actor, now)
    ctx.doorbell.ring("orders.place")


def expire_acceptance(ctx: Context, limit: int = 100) -> int:
    """Take pick lists back that nobody accepted in time; returns how many. Safe to run at any time, anywhere."""
    now = ctx.clock()
    parcel = exists().where(shipments.c.fulfillment_order_id == _o.id)
    late = (_o.request_status == "submitted", _o.accept_by <= now, _o.status == "open", ~parcel)
    with ctx.db.read() as db:
        ids = db.scalars(select(_o.id).where(*late).order_by(_o.accept_by, _o.id).limit(limit)).all()
    done = sum(_expire(ctx, number, now) for number in ids)
    if done:
        ctx.doorbell.ring("orders.place")
    return done


def _expire(ctx: Context, fulfillment_order_id: int, now: datetime) -> int:
    """One in its own transaction; 0 where it was answered meanwhile, or its order is stopped by a person or a gate."""
    with ctx.db.write() as db:
        try:
            row = lock_work(db, fulfillment_order_id)
        except Conflict:
            return 0
        if row.request_status != "submitted" or row.status != "open":
            return 0
        due = _due(db, row)
        if due is not None and due > now:
            db.execute(fulfillment_orders.update().where(_o.id == row.id).values(accept_by=due))
            return 0
        _reject(db, row, EXPIRED, "", "hub", now)
    return 1


def _due(db: Connection, row: Row[Any]) -> datetime | None:
    """Until when it must be accepted, counted from when it was opened: a list may have waited for money before."""
    place = db.execute(select(warehouses).where(warehouses.c.code == row.warehouse)).one()
    return accept_by(place, calendar_of(place), row.updated_at)


def _reject(db: Connection, row: Row[Any], reason: str, note: str, actor: str, now: datetime) -> None:
    skus = release_list(db, row, f"reject:{row.id}", now, reason=told(f"rejected: {reason}"), actor=actor)
    if not skus:
        raise Conflict(f"pick list {row.id} is {row.status}: there is nothing left to reject")
    _write(db, row.id, now, "rejected", reason)
    if reason in STOCK_REASONS:
        confidence.lose(db, [(row.warehouse, sku) for sku in skus], now)
    kind = "acceptance_expired" if reason == EXPIRED else "work_rejected"
    words = {"warehouse": row.warehouse, "reason": reason} | ({"note": note[:500]} if note else {})
    add_events(db, [(row.order_id, kind, words)], now, actor)
    wake_short(db, skus, now)
    resettle(db, row.order_id, now)


def _write(db: Connection, fulfillment_order_id: int, now: datetime, request_status: str, reason: str) -> None:
    values = {"request_status": request_status, "reject_reason": reason, "updated_at": now}
    db.execute(fulfillment_orders.update().where(_o.id == fulfillment_order_id).values(values))
