"""Moves an order, or one pick list of it, to another warehouse: all at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import BigInteger, Connection, Row, exists, func, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.told import told
from hub.rules.routing import Decision
from hub.store.events import add_events
from hub.store.stock import lock_balances
from hub.store.tables import fulfillment_lines, fulfillment_orders, order_pieces, orders, warehouses
from hub.store.waiting import wake_short
from hub.usecases.commit_decisions import Rung, commit_decisions
from hub.usecases.context import Context
from hub.usecases.demands import Claimed, claimed
from hub.usecases.pick_orders import lock_list, resettle
from hub.usecases.place_orders import plan_claimed
from hub.usecases.release_excess import release_list
from hub.usecases.tell_shortage import EXCLUDED

_o, _f, _p = fulfillment_orders.c, fulfillment_lines.c, order_pieces.c
MOVED = "moved"
MOVABLE = ("soft", "kept", "open", "picking", "packed")
"""States of lists of which pieces are still in their warehouse."""


def move_order(
    ctx: Context, order_id: int, to: str, *, actor: str, only: int | None = None, note: str = ""
) -> Sequence[int]:
    """Take the order's open work, or only one pick list, from its warehouse and give it to `to`.

    In one transaction: the old lists are revoked (their pickers are told "moved"), their pieces and capacity are free,
    the same pieces are reserved in `to` by a plan that may use no other place, with a decision of its own. What is
    kept until the money or the rest of the order is there moves too, and stays kept; what the order lacks beside
    that waits on.

    Returns: ids of the new pick lists.
    Raises:  NotFound: no such order, list or warehouse. BadInput: all of it is there already, or none of it is kept
             anywhere. Conflict, nothing is changed: something is picked or packed already, the order is held or being
             cancelled, `to` is inactive, does not ship there, is full, or lacks stock (which, and how many pieces).
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, order_id)
        _check_place(db, to)
        lists = _movable(db, row, to, only)
        lock_balances(db, db.scalars(select(_p.sku).where(_p.order_id == order_id)).all())
        made, rung, freed = _move(ctx, db, order_id, lists, to, now, actor)
        words = {"from": sorted({work.warehouse for work in lists}), "to": to} | ({"note": note[:500]} if note else {})
        add_events(db, [(order_id, "order_moved", words)], now, actor)
        rung += [("orders.place", None)] * bool(wake_short(db, freed, now))
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
    query = select(_o.id).where(_o.order_id == order.id, _o.status.in_(MOVABLE))
    ids = db.scalars(query.order_by(_o.id)).all()
    if only is not None and only not in ids:
        raise NotFound(f"pick list {only} is no open work of order {order.number}")
    if not ids:
        raise BadInput(f"nothing of order {order.number} is kept in any warehouse: there is nothing to move")
    work = [lock_list(db, number) for number in ids if only in (None, number)]
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


def _move(
    ctx: Context, db: Connection, order_id: int, lists: Sequence[Row[Any]], to: str, now: datetime, actor: str
) -> tuple[Sequence[int], list[tuple[str, int | None]], list[str]]:
    """Returns the new lists' ids, the doorbells to ring, and the SKUs that are free in the old places."""
    before = set(db.scalars(select(_o.id).where(_o.order_id == order_id)))
    lacks = db.scalar(select(exists().where(_p.order_id == order_id, _p.wanted > _p.reserved + _p.shipped)))
    rung: list[tuple[str, int | None]] = []
    freed: list[str] = []
    for keeps in (False, True):
        group = [work for work in lists if (work.status == "kept") == keeps]
        if group:
            pieces = _open_pieces(db, [work.id for work in group])
            for work in group:
                freed += release_list(db, work, f"move:{work.id}", now, reason=told(f"moved to {to}"), actor=actor)
                _tell_picker(db, work.id, now)
            rung += _place_in(ctx, db, claimed(_locked(db, order_id), pieces), to, now, keeps, bool(lacks))
    made = [n for n in db.scalars(select(_o.id).where(_o.order_id == order_id).order_by(_o.id)) if n not in before]
    return made, rung, freed


def _open_pieces(db: Connection, list_ids: Sequence[int]) -> Sequence[Any]:
    """What is to be done on these lists, as rows of `order_piece` that need just that once it is given back."""
    still = func.sum(_f.quantity - _f.shipped - _f.cancelled).cast(BigInteger)
    needed = ((_p.reserved + _p.shipped).label("wanted"), (_p.reserved - still).label("reserved"))
    query = select(_p.id, _p.line_id, _p.sku, _p.shipped, *needed).join(fulfillment_lines, _f.piece_id == _p.id)
    return db.execute(query.where(_f.fulfillment_order_id.in_(list_ids)).group_by(_p.id).order_by(_p.id)).all()


def _place_in(
    ctx: Context, db: Connection, order: Claimed, to: str, now: datetime, keeps: bool, lacks_more: bool
) -> Rung:
    """Give what was freed to one warehouse; `keeps`: it waits there for the rest, as it did where it was."""
    (planned,), world = plan_claimed(db, [order], now, pinned=to)
    if planned.decision.outcome != "routed":
        raise Conflict(f"{to} cannot take order {order.row.number}: {_why_not(planned.decision, to)}")
    planned = structs.replace(planned, decision=replace(planned.decision, keeps=keeps), lacks_more=lacks_more)
    return commit_decisions(ctx, db, [planned], world.terms, now)


def _why_not(decision: Decision, to: str) -> str:
    """Why the pinned warehouse does not give everything."""
    reason = dict(decision.excluded).get(to, "")
    lacks = "; ".join(told(f"{s.missing} of {s.wanted} x {s.sku} missing") for s in decision.shortages)
    return f"{EXCLUDED.get(reason, reason)}; {lacks}" if reason else lacks
