"""Tells a channel of parcels: each when it leaves, and the last one again where only later nothing more is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select

from hub.canonical.amounts import exact
from hub.ports.channel import Dispatch, DispatchLine
from hub.store import outbox
from hub.store.tables import order_documents, order_lines, order_pieces, orders, shipments
from hub.store.tables import outbox as messages
from hub.usecases.answers import dispatch_body, read_dispatch

_p, _s = order_pieces.c, shipments.c
Lines = tuple[DispatchLine, ...]


def tell_parcel(db: Connection, shipment_id: int, now: datetime, *, final: bool) -> int:
    """Put into the outbox that a parcel left; returns the connection that is told."""
    parcel, order = _parcel(db, shipment_id)
    lines = _complete_units(db, order.id)
    if lines or final:
        _put(db, "shipment", _key(shipment_id), _dispatch(db, parcel, order, lines, final=final), order, now)
    return int(order.connection_id)


def tell_last_parcels(db: Connection, order_ids: Iterable[int], now: datetime) -> None:
    """Tell the newest parcel of each of these (locked) orders once more, as final: nothing more of them will leave.

    It is sent where an order ends with its last parcel (`Can.LAST_PARCEL`), after all that was told of the order, by
    each version that ends it. It holds the lines with which it was told, and so none where it held but parts of kits.
    """
    mine = _s.order_id.in_(sorted(set(order_ids)))
    for shipment_id in db.scalars(select(func.max(_s.id)).where(mine).group_by(_s.order_id)).all():
        parcel, order = _parcel(db, shipment_id)
        dispatch = _dispatch(db, parcel, order, _told(db, shipment_id), final=True)
        _put(db, "last_parcel", f"{_key(shipment_id)}:last:{order.version}", dispatch, order, now)


def _key(shipment_id: int) -> str:
    return f"shipment:{shipment_id}"


def _parcel(db: Connection, shipment_id: int) -> tuple[Row[Any], Row[Any]]:
    """(the shipment, its order)"""
    parcel = db.execute(select(shipments).where(_s.id == shipment_id)).one()
    return parcel, db.execute(select(orders).where(orders.c.id == parcel.order_id)).one()


def _told(db: Connection, shipment_id: int) -> Lines:
    """The lines with which a parcel was told; none where it was not, or the message is gone."""
    body = db.scalar(select(messages.c.body).where(messages.c.key == _key(shipment_id)))
    return read_dispatch(body).lines if body else ()


def _dispatch(db: Connection, parcel: Row[Any], order: Row[Any], lines: Lines, *, final: bool) -> Dispatch:
    document = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == order.id))
    return Dispatch(
        order_ref=order.channel_ref,
        number=order.number,
        shipment_no=f"{order.id}-{parcel.id}",
        carrier=parcel.carrier,
        tracking_no=parcel.tracking_no,
        tracking_url=parcel.tracking_url,
        shipped_at=parcel.shipped_at,
        lines=lines,
        final=final,
        warehouse=parcel.warehouse,
        order=document or {},
    )


def _put(db: Connection, topic: str, key: str, dispatch: Dispatch, order: Row[Any], now: datetime) -> None:
    row = {"connection_id": order.connection_id, "topic": topic, "key": key, "order_id": order.id,
           "body": dispatch_body(dispatch)}  # fmt: skip
    outbox.put(db, [row], now)


def _complete_units(db: Connection, order_id: int) -> Lines:
    """Whole listing units that have left and were not told yet; half a kit waits for its other half."""
    per_line = (
        select(_p.line_id, func.min(_p.shipped / _p.per_unit).label("done"))
        .where(_p.order_id == order_id, _p.per_unit > 0)
        .group_by(_p.line_id)
    ).subquery()
    query = select(order_lines, per_line.c.done).join(per_line, per_line.c.line_id == order_lines.c.id)
    found = []
    for line in db.execute(query.order_by(order_lines.c.position)):
        new = (int(line.done) - line.told) // line.units
        if new > 0:
            db.execute(
                order_lines.update().where(order_lines.c.id == line.id).values(told=line.told + new * line.units)
            )
            found.append(_dispatch_line(line, new))
    return tuple(found)


def _dispatch_line(line: Row[Any], units: int) -> DispatchLine:
    return DispatchLine(
        line_ref=line.channel_ref,
        quantity=Decimal(units),
        listing_ref=line.listing_ref,
        sku=line.offered_sku or line.sku,
        uom=line.uom,
        ordered=exact(line.ordered, "ordered"),
    )
