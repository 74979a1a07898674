"""Refunds that channels tell apart from their orders: kept once each, and found by their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select, tuple_

from hub.canonical.refund import Refund, Telling, refund_from_dict
from hub.store import bulk
from hub.store.database import by_code_points, insert_new
from hub.store.tables import orders, refunds

_r = refunds.c
Key = tuple[int, str]
"""(connection_id, a ref): of a refund, or of its order."""
Again = Callable[[Telling, Telling], Telling]
"""(what is kept of a refund, what was told of it now) -> what is kept from now on."""


def keep_refunds(db: Connection, told: Mapping[Key, Telling], again: Again, now: datetime) -> None:
    """Keep what was told; what is new, or says something new, waits for its order. What is older changes nothing.

    Everybody inserts first and locks then, both in key order, and locks refunds before orders.
    """
    keys = sorted(told)
    rows = [_row(key, told[key], now) for key in keys]
    insert_new(db, refunds, rows, ("connection_id", "ref"))
    for row in _locked(db, keys):
        before = _telling(row)
        after = again(before, told[(row.connection_id, row.ref)])
        if after != before:
            mine = (_r.connection_id == row.connection_id, _r.ref == row.ref)
            news = {"waits": True, "told_at": now} if after.refund != before.refund else {}
            db.execute(refunds.update().where(*mine).values(_told(after) | news))


def _row(key: Key, telling: Telling, now: datetime) -> dict[str, Any]:
    return {"connection_id": key[0], "ref": key[1], "waits": True, "told_at": now, **_told(telling)}


def _told(telling: Telling) -> dict[str, Any]:
    return {
        "order_ref": telling.refund.order_ref, "body": telling.refund.to_dict(), "said_at": telling.said_at,
        "received_at": telling.received_at, "message_id": telling.message_id, "messages": list(telling.messages),
    }  # fmt: skip


def _telling(row: Row[Any]) -> Telling:
    return Telling(
        refund=refund_from_dict(row.body), said_at=row.said_at, received_at=row.received_at,
        message_id=row.message_id, messages=tuple(row.messages),
    )  # fmt: skip


def _locked(db: Connection, keys: Sequence[Key]) -> Sequence[Row[Any]]:
    query = select(refunds).where(tuple_(_r.connection_id, _r.ref).in_(keys))
    return db.execute(query.order_by(_r.connection_id, by_code_points(db, _r.ref)).with_for_update()).all()


def read_refunds(db: Connection, order_keys: Iterable[Key]) -> dict[Key, list[Refund]]:
    """Key of an order -> all refunds that were told of it; orders without any are left out."""
    wanted = sorted(set(order_keys))
    columns: dict[str, Sequence[Any]] = {
        "connection_id": [key[0] for key in wanted],
        "order_ref": [key[1] for key in wanted],
    }
    found: dict[Key, list[Refund]] = defaultdict(list)
    names = ("connection_id", "ref")
    keys = [(row[0], row[1]) for row in bulk.read(db, refunds, columns, names)]
    if keys:
        rows = db.execute(select(refunds).where(tuple_(_r.connection_id, _r.ref).in_(keys)))
        for row in rows:
            found[(row.connection_id, row.order_ref)].append(refund_from_dict(row.body))
    return dict(found)


def messages_of(db: Connection, order_ids: Sequence[int]) -> set[int]:
    """The messages in which refunds of these orders were told; some may be deleted already."""
    mine = (orders.c.connection_id == _r.connection_id) & (orders.c.channel_ref == _r.order_ref)
    found = db.scalars(select(_r.messages).join(orders, mine).where(orders.c.id.in_(order_ids)))
    return {message for messages in found for message in messages}


def lock_waiting(db: Connection, limit: int, only: Key | None = None) -> Sequence[Row[Any]]:
    """Lock refunds that wait and whose order is here; other workers skip them until this transaction ends.

    only: of this order.
    """
    which = [] if only is None else [_r.connection_id == only[0], _r.order_ref == only[1]]
    query = _waiting(db, refunds).where(*which).limit(limit)
    return db.execute(query.with_for_update(of=refunds, skip_locked=True)).all()


def waiting_orders(db: Connection) -> list[Key]:
    """The orders that refunds wait to be joined to."""
    return sorted(
        {(row.connection_id, row.order_ref) for row in db.execute(_waiting(db, _r.connection_id, _r.order_ref))}
    )


def _waiting(db: Connection, *columns: Any) -> Select[Any]:
    here = exists().where(orders.c.connection_id == _r.connection_id, orders.c.channel_ref == _r.order_ref)
    return select(*columns).where(_r.waits, here).order_by(_r.connection_id, by_code_points(db, _r.ref))


def settle_refunds(db: Connection, rows: Sequence[Row[Any]]) -> None:
    """Their orders have these (locked) refunds now."""
    keys = [(row.connection_id, row.ref) for row in rows]
    db.execute(refunds.update().where(tuple_(_r.connection_id, _r.ref).in_(keys)).values(waits=False))
