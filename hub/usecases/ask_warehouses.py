"""Keeps a channel's new version back where a warehouse has in hand what it takes away, and must agree to that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.order import Order
from hub.rules.calendars import after_working
from hub.rules.lifecycle import intake
from hub.store.cancel_requests import last_refused, open_requests
from hub.store.catalog import Catalog
from hub.store.events import Event
from hub.store.routing_snapshot import calendar_of
from hub.store.tables import cancel_requests, fulfillment_lines, fulfillment_orders, order_pieces, warehouses
from hub.usecases.keep_meanings import as_read
from hub.usecases.resolve_lines import ResolvedLine, resolve_lines

_c, _f, _o, _p, _w = cancel_requests.c, fulfillment_lines.c, fulfillment_orders.c, order_pieces.c, warehouses.c

Fresh = Mapping[int, tuple[Row[Any], Order]]
Lines = Mapping[int, Mapping[str, Row[Any]]]
InHand = Mapping[int, Sequence[Row[Any]]]


def hold_back(
    db: Connection, fresh: Fresh, lines: Lines, catalog: Catalog, now: datetime
) -> tuple[set[int], list[Event]]:
    """Which of these new versions wait for an answer; the requests are written.

    Args:    fresh: order_id -> its (locked) row and its new version; lines: order_id -> its lines as they are.
    Returns: the ids of orders that stay as they are for now (or for good: a cancellation that was refused is not asked
             again), and what their timelines say.
    """
    hands = in_hand(db, fresh)
    known = {order_id: as_read(db, catalog, fresh[order_id][0].connection_id, lines[order_id]) for order_id in hands}
    taken = {
        order_id: _taken(*fresh[order_id], lines[order_id], hands[order_id], known[order_id]) for order_id in hands
    }
    asked = {order_id: rows for order_id, rows in taken.items() if rows}
    asking, refused = open_requests(db, fresh), last_refused(db, fresh)
    waiting, events = set(asked), list[Event]()
    for order_id, rows in sorted(asked.items()):
        order = fresh[order_id][1]
        if _was_refused(order, refused.get(order_id)) or _is_asked(order, asking.get(order_id)):
            continue
        events.append(_ask(db, order_id, order, rows, asking.get(order_id), now))
    overtaken = [row.id for order_id, row in asking.items() if order_id not in waiting]
    if overtaken:
        db.execute(cancel_requests.update().where(_c.id.in_(overtaken)).values(state="overtaken", answered_at=now))
    return waiting, events


def in_hand(db: Connection, order_ids: Collection[int]) -> InHand:
    """order_id -> the open lines that were picked, in warehouses that must be asked about them."""
    query = (
        select(
            fulfillment_lines, _p.per_unit, _p.shipped.label("gone"), _o.warehouse, _w.answer_minutes, _w.zone,
            _w.hours, _w.cutoff, _w.holidays,
        )
        .join(fulfillment_orders, _o.id == _f.fulfillment_order_id)
        .join(warehouses, _w.code == _o.warehouse)
        .join(order_pieces, _p.id == _f.piece_id)
        .where(
            _f.order_id.in_(sorted(order_ids)), _f.picked > _f.shipped, _f.shipped + _f.cancelled < _f.quantity,
            ((_w.asks_from == "picked") & _o.status.in_(("picking", "packed")))
            | ((_w.asks_from == "packed") & (_o.status == "packed")),
        )
    )  # fmt: skip
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(query.order_by(_f.id)):
        found[row.order_id].append(row)
    return found


def _taken(
    row: Row[Any], order: Order, old: Mapping[str, Row[Any]], hands: Sequence[Row[Any]], catalog: Catalog
) -> list[Row[Any]]:
    """The lines in hand that hold more than the new version wants once what nobody has picked was given back."""
    resolved, _ = resolve_lines(catalog, row.connection_id, order)
    wants = {found.line.channel_ref: found for found in resolved}
    left = {line.id: _wanted(line, wants.get(ref)) for ref, line in old.items()}
    held: dict[int, int] = defaultdict(int)
    for line in hands:
        held[line.piece_id] += line.picked - line.shipped
    return [line for line in hands if held[line.piece_id] + line.gone > left[line.line_id] * line.per_unit]


def _wanted(line: Row[Any], found: ResolvedLine | None) -> int:
    """Base units of what the line was that are still wanted; one that cannot be read yet takes nothing away."""
    if found is None:
        return 0
    if found.meaning is None:
        return int(line.wanted)
    return found.wanted if found.meaning.sku == line.sku else 0


def _was_refused(order: Order, row: Row[Any] | None) -> bool:
    if row is None:
        return False
    return row.digest == order.digest() or (row.kind == "cancel" and intake(order) == "cancelled")


def _is_asked(order: Order, row: Row[Any] | None) -> bool:
    return row is not None and row.digest == order.digest()


def _ask(
    db: Connection, order_id: int, order: Order, rows: Sequence[Row[Any]], before: Row[Any] | None, now: datetime
) -> Event:
    kind = "cancel" if intake(order) == "cancelled" else "edit"
    values = {
        "kind": kind, "document": order.to_dict(), "digest": order.digest(), "asked_by": "channel",
        "answer_by": answer_by(rows, now), "reason": "by the channel",
    }  # fmt: skip
    if before is None:
        blank = {"order_id": order_id, "state": "asked", "answer": "", "answered_by": "", "created_at": now}
        db.execute(cancel_requests.insert().values(blank | values))
    else:
        db.execute(cancel_requests.update().where(_c.id == before.id).values(values))
    return order_id, f"{kind}_asked", {"warehouses": sorted({row.warehouse for row in rows})}


def answer_by(rows: Sequence[Row[Any]], now: datetime) -> datetime | None:
    """Until when the slowest of the asked warehouses has to answer; None: one of them never opens."""
    ends = [after_working(calendar_of(row), now, row.answer_minutes) for row in rows]
    return None if None in ends else max(end for end in ends if end is not None)
