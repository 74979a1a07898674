"""Messages of an order that could not be read, and what holds each: it is not here at all, or not as it is now."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from hub.reports.holds import OrderHold, cause_of
from hub.store.database import Database
from hub.store.tables import connections, holds, inbox

_h, _i, _c = holds.c, inbox.c, connections.c
LOOKED_INTO = 500
"""At most so many messages are looked into for a number that buyers see; which field has it, nobody knows."""
SHORTEST = 4
"""Characters of such a number: shorter ones stand in too many messages."""


@dataclass(frozen=True, slots=True)
class Unread:
    """ref: the channel's id of the order, or a file's name. named: only the text of the message has what was asked."""

    connection: str
    ref: str
    hold: OrderHold
    named: bool = False


def unread_called(db: Database, number: str) -> list[Unread]:
    """Held messages with this channel's id (CONNECTION/ID too), newest first; else those whose text has the number."""
    text = number.strip().removeprefix("#")
    shop, _, rest = text.partition("/")
    with db.read() as connection:
        rows = _rows(connection, _held().where(_i.ref == text))
        if not rows and rest:
            rows = _rows(connection, _held().where(_i.ref == rest.removeprefix("#"), _c.name == shop))
        if rows:
            return [_unread(connection, row) for row in rows]
        return [_unread(connection, row, named=True) for row in _naming(connection, text)]


def unread_of(db: Database, orders: Collection[tuple[str, str]]) -> list[Unread]:
    """Held messages of these orders (connection, channel's id): what they say is not in the order yet."""
    with db.read() as connection:
        rows = _rows(connection, _held().where(_i.ref.in_(sorted({ref for _, ref in orders}))))
        return [_unread(connection, row) for row in rows if (row.name, row.ref) in orders]


def _held() -> Select[Any]:
    query = (
        select(holds, _i.ref, _c.name).join(inbox, _i.id == _h.inbox_id).join(connections, _c.id == _i.connection_id)
    )
    return query.where(_h.state == "open").order_by(_i.id.desc())


def _rows(db: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    return db.execute(query.limit(LOOKED_INTO)).all()


def _naming(db: Connection, text: str) -> list[Row[Any]]:
    """Those in whose text the number stands as a word of its own."""
    if len(text) < SHORTEST:
        return []
    word = re.compile(rb"(?<!\w)" + re.escape(text.encode("utf-8", "replace")) + rb"(?!\w)")
    return [row for row in _rows(db, _held().add_columns(_i.raw)) if word.search(row.raw)]


def _unread(db: Connection, row: Row[Any], *, named: bool = False) -> Unread:
    cause = replace(cause_of(db, row.fingerprint), field=row.field, value=row.value, why=row.why)
    return Unread(row.name, row.ref, OrderHold(row.created_at, cause), named)
