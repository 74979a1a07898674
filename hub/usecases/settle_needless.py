"""Settles refusals that need not be told any more: their orders ended at the channel without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from hub.rules.lifecycle import is_called_off
from hub.store import pushes
from hub.store.events import Event
from hub.store.tables import order_documents, order_lines, order_pieces, outbox

_o, _l, _p = outbox.c, order_lines.c, order_pieces.c


def settle_needless(db: Connection, documents: Mapping[int, Order], now: datetime) -> list[Event]:
    """Dead letters that say of these (locked) orders that we do not deliver; returns what their timelines say of it.

    Args: documents: order_id -> what its channel says of it now. Orders of which it still wants something keep theirs.
    """
    if not documents:
        return []
    which = (_o.order_id.in_(sorted(documents)), _o.topic == "answer", _o.state == "dead")
    rows = db.execute(select(outbox).where(*which).order_by(_o.id)).all()
    refusals = [row for row in rows if not row.body["accepted"]]
    ended = _ended(db, {row.order_id: documents[row.order_id] for row in refusals}) if refusals else set()
    needless = [row for row in refusals if row.order_id in ended]
    if needless:
        mine = outbox.update().where(_o.id.in_([row.id for row in needless]))
        db.execute(mine.values(state="sent", error="", sent_at=now))
    for row in needless:
        mark_put_back(db, row, now)
    return [(row.order_id, "message_needless", {"topic": "answer", "error": row.error}) for row in needless]


def settle_needless_of(db: Connection, order_id: int, now: datetime) -> list[Event]:
    """The same for one (locked) order."""
    body = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == order_id))
    return settle_needless(db, {order_id: order_from_dict(body)}, now) if body else []


def mark_put_back(db: Connection, message: Row[Any], now: datetime) -> None:
    """The channel put the pieces of an order that we do not deliver back on sale: tell it our numbers again."""
    refs = [line.get("listing_ref") or line.get("sku") or "" for line in message.body["order"]["lines"]]
    pushes.mark_listings(db, message.connection_id, refs, now)


def _ended(db: Connection, documents: Mapping[int, Order]) -> set[int]:
    """Orders that the channel cancelled or paid back, and those of which it wants no more than what left.

    That it calls an order closed says nothing: some close it with the last parcel that we told them.
    """
    left = _left(db, documents)
    return {key for key, order in documents.items() if is_called_off(order) or not _wants_more(order, left[key])}


def _wants_more(order: Order, left: Mapping[str, int]) -> bool:
    return bool(order.extra.get("no_lines")) or any(
        order.wanted(line) > left.get(line.channel_ref, 0) for line in order.lines
    )


def _left(db: Connection, order_ids: Iterable[int]) -> Mapping[int, Mapping[str, int]]:
    """By order and line: the whole listing units that left."""
    done = func.min(_p.shipped / _p.per_unit)
    query = select(_l.order_id, _l.channel_ref, _l.units, done.label("done")).join(order_pieces, _p.line_id == _l.id)
    query = query.where(_l.order_id.in_(sorted(order_ids)), _p.per_unit > 0)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in db.execute(query.group_by(_l.id, _l.order_id, _l.channel_ref, _l.units)):
        found[row.order_id][row.channel_ref] = int(row.done) // row.units
    return found
