"""Fits parcels that their channel refused to what it still wants: it edited the order before it heard of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.amounts import exact, plain
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from hub.rules.lifecycle import intake, is_live
from hub.store.events import Event
from hub.store.tables import order_documents, outbox

_o = outbox.c
Lines = Sequence[Mapping[str, Any]]
"""Lines of a parcel as its message holds them."""


def fit_parcels(db: Connection, documents: Mapping[int, Order], now: datetime) -> list[Event]:
    """What was refused of parcels of these (locked) orders says no more than is still wanted, and is sent again.

    Some channels refuse a parcel with more pieces than they want, however often they are told; what left too much comes
    back as a return. Those that take it hear what is in the parcel. Nothing is sent that would say nothing.

    Args:    documents: order_id -> what its channel says of it now. Orders that are called off keep their messages.
    Returns: what the timelines say of it.
    """
    live = {key: order for key, order in documents.items() if _is_wanted(order)}
    mine = (_o.order_id.in_(sorted(live)), _o.topic == "shipment")
    told: dict[int, list[Row[Any]]] = {key: [] for key in live}
    for row in db.execute(select(outbox).where(*mine).order_by(_o.id)) if live else ():
        told[row.order_id].append(row)
    fitted = [order_id for order_id, rows in told.items() if _fit(db, live[order_id], rows, now)]
    return [(order_id, "parcel_fitted", {"topic": "shipment", "error": ""}) for order_id in fitted]


def fit_parcels_of(db: Connection, order_id: int, now: datetime) -> list[Event]:
    """The same for one (locked) order."""
    body = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == order_id))
    return fit_parcels(db, {order_id: order_from_dict(body)}, now) if body else []


def _is_wanted(order: Order) -> bool:
    return is_live(intake(order)) and not order.extra.get("no_lines")


def _fit(db: Connection, order: Order, rows: Sequence[Row[Any]], now: datetime) -> bool:
    """Whether any message of the order says less now; what was sent, and what waits, counts first."""
    left = {line.channel_ref: order.wanted(line) for line in order.lines}
    changed = False
    for row in sorted(rows, key=lambda row: (row.state == "dead", row.id)):
        before: Lines = row.body["lines"]
        lines = _capped(before, left) if row.state == "dead" else before
        for line in lines:
            left[line["line_ref"]] = left.get(line["line_ref"], Decimal(0)) - exact(line["quantity"], "quantity")
        if lines != before:
            _rewrite(db, row, row.body | {"lines": lines, "order": order.to_dict()}, now)
            changed = True
    return changed


def _capped(lines: Lines, left: Mapping[str, Decimal]) -> Lines:
    found = []
    for line in lines:
        most = min(exact(line["quantity"], "quantity"), left.get(line["line_ref"], Decimal(0)))
        if most > 0:
            found.append({**line, "quantity": plain(most)})
    return found


def _rewrite(db: Connection, row: Row[Any], body: Mapping[str, Any], now: datetime) -> None:
    """A parcel that ends its order is told even where nothing in it is new, as when it leaves."""
    is_needless = not body["lines"] and not body["final"]
    ended = {"state": "sent", "sent_at": now} if is_needless else {"state": "new", "attempts": 0, "due_at": now}
    db.execute(outbox.update().where(_o.id == row.id).values(body=body, error="", **ended))
