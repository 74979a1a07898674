"""Moves an order, or one pick list of it, to another warehouse: all at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.told import told
from hub.rules.routing import Decision
from hub.store.events import add_events
from hub.store.stock import lock_balances
from hub.store.tables import fulfillment_lines, fulfillment_orders, order_pieces, orders, warehouses
from hub.usecases.commit_decisions import Rung, commit_decisions
from hub.usecases.context import Context
from hub.usecases.demands import claim_pieces
from hub.usecases.pick_orders import lock_work, resettle
from hub.usecases.place_orders import plan_claimed
from hub.usecases.release_excess import release_list
from hub.usecases.tell_shortage import EXCLUDED

_o, _f = fulfillment_orders.c, fulfillment_lines.c
MOVED = "moved"


def move_order(
    ctx: Context, order_id: int, to: str, *, actor: str, only: int | None = None, note: str = ""
) -> Sequence[int]:
    """Take the order's open work, or only one pick list, from its warehouse and give it to `to`.

    In one transaction: the old lists are revoked (their pickers are told "moved"), their pieces and capacity are free,
    the same pieces are reserved in `to` by a plan that may use no other place, with a decision of its own.

    Returns: ids of the new pick lists.
    Raises:  NotFound: no such order, list or warehouse. BadInput: all of it is there already. Conflict, nothing is
             changed: something is picked or packed already, the order is held or being cancelled, `to` is inactive,
             does not ship there, is full, or lacks stock (which, and how many pieces).
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, order_id)
        _check_place(db, to)
        lists = _movable(db, row, to, only)
        lock_balances(db, db.scalars(select(order_pieces.c.sku).where(order_pieces.c.order_id == order_id)).all())
        for work in lists:
            release_list(db, work, f"move:{work.id}", now, reason=told(f"moved to {to}"), actor=actor)
            _tell_picker(db, work.id, now)
        made, rung = _place_in(ctx, db, row, to, now)
        words = {"from": sorted({work.warehouse for work in lists}), "to": to} | ({"note": note[:500]} if note else {})
        add_events(db, [(order_id, "order_moved", words)], now, actor)
        resettle(db, order_id, now)
    for work_name, connection_id in rung:
        ctx.doorbell.ring(work_name, connection_id)
    return made


def _locked(db: Connection, order_id: int) -> Row[Any]:
    row = db.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no order {order_id}")
    return row


def _check_place(db: Connection, code: str) -> None:
    found = db.execute(select(warehouses.c.active).where(warehouses.c.code == code)).one_or_none()
    if found is None:
        raise NotFound(f"there is no warehouse {code!r}: see stockline warehouse")
    if not found.active:
        raise Conflict(f"warehouse {code} is not active: switch it on, or choose another")


def _movable(db: Connection, order: Row[Any], to: str, only: int | None) -> list[Row[Any]]:
    """The pick lists that can be taken away. Raises: see `move_order`."""
    query = select(_o.id).where(_o.order_id == order.id, _o.status.in_(("open", "picking", "packed")))
    ids = db.scalars(query.order_by(_o.id)).all()
    if only is not None and only not in ids:
        raise NotFound(f"pick list {only} is no open work of order {order.number}")
    work = [lock_work(db, number) for number in ids if only in (None, number)]
    work = [row for row in work if row.warehouse != to]
    if not work:
        raise BadInput(f"nothing of order {order.number} is to be done outside {to}: there is nothing to move")
    for row in work:
        _refuse_touched(db, row)
    return work


def _refuse_touched(db: Connection, row: Row[Any]) -> None:
    query = select(func.sum(_f.picked - _f.shipped)).where(_f.fulfillment_order_id == row.id)
    picked = int(db.scalar(query) or 0)
    if row.status == "packed" or picked > 0:
        what = told("packed already") if row.status == "packed" else told(f"being picked ({picked} pieces in hand)")
        raise Conflict(f"pick list {row.id} in {row.warehouse} is {what}: undo that there first, or let it go")


def _tell_picker(db: Connection, fulfillment_order_id: int, now: datetime) -> None:
    """Where parcels left of it before, the list is shipped, not cancelled: only the rest went away."""
    here = (_o.id == fulfillment_order_id, _o.status == "cancelled")
    db.execute(fulfillment_orders.update().where(*here).values(reject_reason=MOVED, updated_at=now))


def _place_in(ctx: Context, db: Connection, row: Row[Any], to: str, now: datetime) -> tuple[Sequence[int], Rung]:
    before = set(db.scalars(select(_o.id).where(_o.order_id == row.id)))
    (planned,), world = plan_claimed(db, claim_pieces(db, [row]), now, pinned=to)
    if planned.decision.outcome != "routed":
        raise Conflict(f"{to} cannot take order {row.number}: {_why_not(planned.decision, to)}")
    rung = commit_decisions(ctx, db, [planned], world.terms, now)
    made = [n for n in db.scalars(select(_o.id).where(_o.order_id == row.id).order_by(_o.id)) if n not in before]
    return made, rung


def _why_not(decision: Decision, to: str) -> str:
    """Why the pinned warehouse does not give everything."""
    reason = dict(decision.excluded).get(to, "")
    lacks = "; ".join(told(f"{s.missing} of {s.wanted} x {s.sku} missing") for s in decision.shortages)
    return f"{EXCLUDED.get(reason, reason)}; {lacks}" if reason else lacks
