"""Picking: take a pick list, count what was scanned, pack it, or say that a piece is not there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.order_json import order_from_dict
from hub.canonical.told import told
from hub.store import confidence, pushes
from hub.store.cancel_requests import refuse_gated
from hub.store.events import add_events
from hub.store.known import sku_of_code
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import fulfillment_lines, fulfillment_orders, holds, order_documents, orders
from hub.store.unfit_lots import refuse_unfit
from hub.usecases.amend_orders import by_hand, settle_states
from hub.usecases.context import Context
from hub.usecases.release_excess import write_cuts

_o, _f = fulfillment_orders.c, fulfillment_lines.c


def lock_work(db: Connection, fulfillment_order_id: int) -> Row[Any]:
    """Lock a pick list that pickers may see, and its order.

    Raises: as `lock_list`; Conflict: it waits for money, or for the rest of its order.
    """
    row = lock_list(db, fulfillment_order_id)
    if row.status == "soft":
        raise Conflict(
            f"pick list {fulfillment_order_id} waits for its order to be paid: leave the pieces where they are"
        )
    if row.status == "kept":
        raise Conflict(f"pick list {fulfillment_order_id} waits for the rest of its order: leave the pieces")
    return row


def lock_own(db: Connection, fulfillment_order_id: int, picker: str) -> Row[Any]:
    """Lock a pick list that nobody else has. Raises: as `lock_work`; Conflict: somebody else has it."""
    row = lock_work(db, fulfillment_order_id)
    if row.status in ("picking", "packed") and row.picker not in ("", picker):
        raise Conflict(f"pick list {fulfillment_order_id} is with {row.picker}: take it over first")
    return row


def lock_list(db: Connection, fulfillment_order_id: int) -> Row[Any]:
    """Lock a pick list and its order (order first, as everywhere), whether pickers may see it or not.

    Raises: NotFound; Conflict: it was revoked, a person holds the order, or its cancellation waits for an answer.
    """
    order_id = db.scalar(select(_o.order_id).where(_o.id == fulfillment_order_id))
    if order_id is None:
        raise NotFound(f"there is no pick list {fulfillment_order_id}")
    db.execute(select(orders.c.id).where(orders.c.id == order_id).with_for_update())
    row = db.execute(select(fulfillment_orders).where(_o.id == fulfillment_order_id).with_for_update()).one()
    why = db.scalar(select(holds.c.why).where(holds.c.fingerprint == by_hand(order_id), holds.c.state == "open"))
    if why is not None:
        raise Conflict(f"order of pick list {fulfillment_order_id} is held by hand: {why}")
    if row.status == "cancelled":
        reason = f" ({row.reject_reason})" if row.reject_reason else ""
        raise Conflict(f"pick list {fulfillment_order_id} was revoked{reason}: put the pieces back on their shelves")
    refuse_gated(db, order_id)
    return row


def lines_of(db: Connection, fulfillment_order_id: int) -> list[Row[Any]]:
    """The lines of one pick list, by id."""
    query = select(fulfillment_lines).where(_f.fulfillment_order_id == fulfillment_order_id).order_by(_f.id)
    return list(db.execute(query))


def open_quantity(line: Row[Any]) -> int:
    """Pieces of a line that still have to leave."""
    return int(line.quantity - line.shipped - line.cancelled)


def start_picking(ctx: Context, fulfillment_order_id: int, picker: str) -> None:
    """Take a pick list. One's own again is fine. Raises NotFound; Conflict: somebody else has it, it is done, or a
    lot on it may no longer leave."""
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_work(db, fulfillment_order_id)
        if row.status not in ("open", "picking") or (row.status == "picking" and row.picker != picker):
            raise Conflict(f"pick list {fulfillment_order_id} is {row.status} ({row.picker or 'nobody'})")
        refuse_unfit(db, row.id, now)
        if row.status == "open":
            _write(db, row.id, now, status="picking", request_status="accepted", picker=picker)
            add_events(db, [(row.order_id, "picking_started", {"warehouse": row.warehouse})], now, picker)


def pick_scan(ctx: Context, fulfillment_order_id: int, code: str, picker: str, quantity: int = 1) -> str:
    """Count `quantity` pieces of what was scanned (a SKU or a barcode); returns the SKU.

    Raises: BadInput: the code is on no line of this list, more than is asked, or less than one piece (`fields` names
            `quantity`). Conflict: the list is not in picking, somebody else has it, or a lot on it may no longer leave.
    """
    if quantity < 1:
        raise BadInput(f"{quantity} pieces: a scan counts at least one; take one back with undo", {"quantity": "min"})
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_own(db, fulfillment_order_id, picker)
        if row.status not in ("open", "picking"):
            raise Conflict(f"pick list {fulfillment_order_id} is {row.status}")
        refuse_unfit(db, row.id, now)
        sku = sku_of_code(db, code)
        left = quantity
        for line in lines_of(db, fulfillment_order_id):
            room = line.quantity - line.cancelled - line.picked
            take = min(left, room) if line.sku == sku else 0
            if take > 0:
                left -= take
                db.execute(fulfillment_lines.update().where(_f.id == line.id).values(picked=_f.picked + take))
        if left:
            raise BadInput(_why_not(db, fulfillment_order_id, sku, code))
        if row.status == "open":
            add_events(db, [(row.order_id, "picking_started", {"warehouse": row.warehouse})], now, picker)
        _write(db, row.id, now, status="picking", request_status="accepted", picker=picker)
    return sku


def _why_not(db: Connection, fulfillment_order_id: int, sku: str, code: str) -> str:
    lines = [line for line in lines_of(db, fulfillment_order_id) if line.sku == sku]
    if not lines:
        return told(f"{code.strip()} ({sku}) is not on this pick list: put it back")
    asked = sum(line.quantity - line.cancelled for line in lines)
    return told(f"{sku}: all {asked} are picked already: put this one back")


def pack_order(ctx: Context, fulfillment_order_id: int, picker: str) -> None:
    """Say that everything is picked and packed.

    Raises Conflict: pieces are missing, and which; somebody else has the list, or a lot on it may no longer leave.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_own(db, fulfillment_order_id, picker)
        if row.status == "packed":
            return
        refuse_unfit(db, row.id, now)
        missing = [
            f"{line.quantity - line.cancelled - line.picked} x {line.sku}"
            for line in lines_of(db, fulfillment_order_id)
            if line.picked + line.cancelled < line.quantity
        ]
        if missing or row.status == "shipped":
            raise Conflict(f"pick list {fulfillment_order_id} is {row.status}; not picked yet: {', '.join(missing)}")
        _write(db, row.id, now, status="packed", picker=picker)
        add_events(db, [(row.order_id, "packed", {"warehouse": row.warehouse})], now, picker)


def report_missing(ctx: Context, line_id: int, quantity: int, picker: str, reason: str) -> None:
    """The shelf has `quantity` pieces fewer than asked: they leave the stock, and the order is planned again elsewhere.

    Raises: NotFound; BadInput: not that many are open on this line; Conflict: somebody else has the list.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        owner = db.scalar(select(_f.fulfillment_order_id).where(_f.id == line_id))
        row = lock_own(db, owner or 0, picker)
        line = next(found for found in lines_of(db, row.id) if found.id == line_id)
        if not 0 < quantity <= open_quantity(line):
            raise BadInput(f"line {line_id} has {open_quantity(line)} open pieces, not {quantity}")
        lock_balances(db, [line.sku])
        move = Move(
            kind="missing", sku=line.sku, warehouse=row.warehouse, lot=line.lot, order_id=row.order_id,
            cause=f"missing:{line.id}", line=str(line.cancelled + quantity), on_hand=-quantity, reserved=-quantity,
            reason=reason[:200], actor=picker,
        )  # fmt: skip
        write_cuts(db, [(line, quantity)], now)
        apply_moves(db, [move], now)
        confidence.lose(db, [(row.warehouse, line.sku)], now)
        pushes.mark_skus(db, [line.sku], now)
        add_events(db, [(row.order_id, "missing_on_shelf", {"sku": line.sku, "quantity": quantity})], now, picker)
        resettle(db, row.order_id, now)
    ctx.doorbell.ring("orders.place")


def resettle(db: Connection, order_id: int, now: datetime) -> str:
    """Recompute one (locked) order's state; returns it."""
    body = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == order_id))
    return settle_states(db, {order_id: order_from_dict(body or {})}, now)[order_id]


def _write(db: Connection, fulfillment_order_id: int, now: datetime, **values: Any) -> None:
    db.execute(fulfillment_orders.update().where(_o.id == fulfillment_order_id).values(updated_at=now, **values))
