"""Ships a parcel: stock leaves, the order moves on, and the channel is told, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from hub.canonical.errors import BadInput, Conflict
from hub.store.events import add_events
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import (
    fulfillment_lines,
    order_pieces,
    shipment_lines,
    shipments,
)
from hub.store.unfit_lots import refuse_unfit
from hub.usecases.context import Context
from hub.usecases.pick_orders import lines_of, lock_work, open_quantity, resettle
from hub.usecases.release_excess import close_finished
from hub.usecases.tell_parcel import tell_parcel


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves. `contents`: fulfillment line id -> pieces; None means all that is still open on the pick list.

    key: names this parcel; shipping the same again has no second effect, and another by its key is refused.
    """

    key: str
    carrier: str
    tracking_no: str
    tracking_url: str | None = None
    contents: Mapping[int, int] | None = None


def ship_parcel(ctx: Context, fulfillment_order_id: int, parcel: Parcel, actor: str) -> int:
    """Ship one parcel of a pick list; returns the shipment's id.

    Raises: NotFound; BadInput: nothing or too much in it, no tracking number; Conflict: the pick list was revoked, a
            lot in it may no longer leave, or the key stands for another parcel.
    """
    if not parcel.tracking_no.strip() or not parcel.carrier.strip():
        raise BadInput("a parcel needs a carrier and a tracking number")
    now = ctx.clock()
    with ctx.db.write() as db:
        work = lock_work(db, fulfillment_order_id)
        known = _shipped_before(db, work, parcel)
        if known is not None:
            return known
        contents = _contents(db, work, parcel)
        refuse_unfit(db, work.id, now, [line.id for line, _ in contents])
        shipment_id = _insert_shipment(db, work, parcel, contents, actor, now)
        _take_from_stock(db, work, parcel, contents, actor, now)
        close_finished(db, [work.id], now)
        state = resettle(db, work.order_id, now)
        connection_id = tell_parcel(db, shipment_id, now, final=state == "shipped")
        words = {"carrier": parcel.carrier, "tracking_no": parcel.tracking_no, "warehouse": work.warehouse}
        add_events(db, [(work.order_id, "parcel_shipped", words)], now, actor)
    ctx.doorbell.ring("outbox.send", connection_id)
    return shipment_id


def _shipped_before(db: Connection, work: Row[Any], parcel: Parcel) -> int | None:
    """The shipment that this key stands for, if any. Raises Conflict where that is another parcel."""
    row = db.execute(select(shipments).where(shipments.c.key == parcel.key)).one_or_none()
    if row is None:
        return None
    told = (work.id, parcel.carrier.strip(), parcel.tracking_no.strip(), parcel.tracking_url)
    same = told == (row.fulfillment_order_id, row.carrier, row.tracking_no, row.tracking_url)
    asked = _some(parcel.contents or {})  # nothing named: all that was open, or in hand, at that time
    if not same or (asked and asked != _in_parcel(db, row.id)):
        raise Conflict(
            f"key {parcel.key} stands for the parcel {row.tracking_no} ({row.carrier}) of pick list "
            f"{row.fulfillment_order_id}, and this is another one: give it a key of its own"
        )
    return int(row.id)


def _in_parcel(db: Connection, shipment_id: int) -> dict[int, int]:
    t = shipment_lines.c
    rows = db.execute(select(t.fulfillment_line_id, t.quantity).where(t.shipment_id == shipment_id))
    return {row.fulfillment_line_id: row.quantity for row in rows}


def _some(contents: Mapping[int, int]) -> dict[int, int]:
    return {line_id: quantity for line_id, quantity in contents.items() if quantity}


Contents = Sequence[tuple[Row[Any], int]]
"""(fulfillment line, pieces)"""


def _contents(db: Connection, work: Row[Any], parcel: Parcel) -> Contents:
    lines = {line.id: line for line in lines_of(db, work.id)}
    asked = parcel.contents
    if asked is None:
        asked = {line.id: open_quantity(line) for line in lines.values()}
    chosen = _some(asked)
    for line_id, quantity in chosen.items():
        if line_id not in lines or not 0 < quantity <= open_quantity(lines[line_id]):
            left = open_quantity(lines[line_id]) if line_id in lines else 0
            raise BadInput(f"line {line_id}: {quantity} pieces in the parcel, {left} are open on pick list {work.id}")
    if not chosen:
        raise Conflict(f"nothing is open on pick list {work.id}: it has left already")
    return [(lines[line_id], quantity) for line_id, quantity in sorted(chosen.items())]


def _insert_shipment(
    db: Connection, work: Row[Any], parcel: Parcel, contents: Contents, actor: str, now: datetime
) -> int:
    row = {
        "key": parcel.key, "order_id": work.order_id, "fulfillment_order_id": work.id, "warehouse": work.warehouse,
        "carrier": parcel.carrier.strip(), "tracking_no": parcel.tracking_no.strip(),
        "tracking_url": parcel.tracking_url, "shipped_at": now, "shipped_by": actor,
    }  # fmt: skip
    shipment_id = int(db.execute(shipments.insert().returning(shipments.c.id), row).scalar_one())
    db.execute(
        shipment_lines.insert(),
        [
            {"shipment_id": shipment_id, "fulfillment_line_id": line.id, "line_id": line.line_id, "sku": line.sku,
             "quantity": quantity}
            for line, quantity in contents
        ],
    )  # fmt: skip
    return shipment_id


_f, _p = fulfillment_lines.c, order_pieces.c
_SHIP_LINE = (
    fulfillment_lines.update()
    .where(_f.id == bindparam("b_id"))
    .values(shipped=_f.shipped + bindparam("left"), picked=bindparam("b_picked"))
)
_SHIP_PIECE = (
    order_pieces.update()
    .where(_p.id == bindparam("b_id"))
    .values(shipped=_p.shipped + bindparam("left"), reserved=_p.reserved - bindparam("left"))
)


def _take_from_stock(
    db: Connection, work: Row[Any], parcel: Parcel, contents: Contents, actor: str, now: datetime
) -> None:
    db.execute(
        _SHIP_LINE,
        [{"b_id": l.id, "left": q, "b_picked": max(l.picked, l.shipped + q)} for l, q in contents],  # noqa: E741
    )
    db.execute(_SHIP_PIECE, [{"b_id": line.piece_id, "left": quantity} for line, quantity in contents])
    moves = [
        Move(
            kind="ship", sku=line.sku, warehouse=work.warehouse, lot=line.lot, cause=f"shipment:{parcel.key}",
            line=str(line.id), on_hand=-quantity, reserved=-quantity, order_id=work.order_id, reason="shipped",
            actor=actor,
        )
        for line, quantity in contents
    ]  # fmt: skip
    lock_balances(db, {move.sku for move in moves})
    apply_moves(db, moves, now)
