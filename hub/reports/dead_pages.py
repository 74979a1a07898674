"""Dead letters page by page: first the messages in, then the messages out, then the stock pushes; oldest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from hub.canonical.errors import BadInput
from hub.reports.cursors import pack, page_size, unpack
from hub.reports.dead import KINDS, DeadLetter
from hub.reports.names import connection_names
from hub.store.database import Database
from hub.store.tables import inbox, orders, outbox, stock_pushes

Found = tuple[str, DeadLetter]
"""(where the next page would start, the letter)"""


def find_dead(
    db: Database, *, kind: str = "", connection_id: int | None = None, after: str = "", limit: int = 50
) -> tuple[list[DeadLetter], str | None]:
    """One page of dead letters, and the cursor of the next. Raises BadInput: a cursor that is not ours."""
    started, _, place = unpack(after).partition(" ") if after else ("", "", "")
    if after and started not in KINDS:
        raise BadInput(f"cursor {after[:40]!r}: take it from the page before, or leave it out to start again")
    first = KINDS.index(started) if started else 0
    kinds = [each for each in KINDS[first:] if kind in ("", each)]
    found: list[Found] = []
    with db.read() as connection:
        for each in kinds:
            left = page_size(limit) + 1 - len(found)
            if left > 0:
                found += _READ[each](connection, connection_id, place if each == started else "", left)
    return [letter for _, letter in found[:limit]], found[limit - 1][0] if len(found) > limit else None


def _messages_in(db: Connection, connection_id: int | None, place: str, limit: int) -> list[Found]:
    i = inbox.c
    query = select(i.id, i.connection_id, i.kind, i.error, i.attempts, i.received_at, i.order_id, orders.c.number)
    query = query.select_from(inbox.outerjoin(orders, orders.c.id == i.order_id)).where(i.state == "dead")
    return _numbered(db, "inbox", query, i, connection_id, place, limit)


def _messages_out(db: Connection, connection_id: int | None, place: str, limit: int) -> list[Found]:
    o = outbox.c
    query = select(o.id, o.connection_id, o.topic, o.error, o.attempts, o.created_at, o.order_id, orders.c.number)
    query = query.select_from(outbox.outerjoin(orders, orders.c.id == o.order_id)).where(o.state == "dead")
    return _numbered(db, "outbox", query, o, connection_id, place, limit)


def _numbered(
    db: Connection, kind: str, query: Select[Any], columns: Any, connection_id: int | None, place: str, limit: int
) -> list[Found]:
    query = query.where(columns.id > (int(place) if place.isdigit() else 0))
    if connection_id is not None:
        query = query.where(columns.connection_id == connection_id)
    names = connection_names(db)
    rows = db.execute(query.order_by(columns.id).limit(limit))
    return [(pack(f"{kind} {row[0]}"), _letter(kind, row, names)) for row in rows]


def _letter(kind: str, row: Row[Any], names: dict[int, str]) -> DeadLetter:
    ref, owner, topic, error, attempts, since, order_id, number = tuple(row)
    name = names.get(owner, "")
    return DeadLetter(kind, str(ref), owner, name, topic, error, attempts, since, order_id, number or "")


def _pushes(db: Connection, connection_id: int | None, place: str, limit: int) -> list[Found]:
    p = stock_pushes.c
    query = select(p.listing_ref, p.connection_id, p.error, p.attempts, p.changed_at).where(p.dead.is_(True))
    owner, _, ref = place.partition(" ")
    if owner.isdigit():
        query = query.where(tuple_(p.connection_id, p.listing_ref) > (int(owner), ref))
    if connection_id is not None:
        query = query.where(p.connection_id == connection_id)
    names = connection_names(db)
    return [
        (
            pack(f"push {row.connection_id} {row.listing_ref}"),
            DeadLetter("push", row.listing_ref, row.connection_id, names.get(row.connection_id, ""), row.listing_ref,
                       row.error, row.attempts, row.changed_at, None, ""),
        )
        for row in db.execute(query.order_by(p.connection_id, p.listing_ref).limit(limit))
    ]  # fmt: skip


_READ: dict[str, Callable[[Connection, int | None, str, int], list[Found]]] = {
    "inbox": _messages_in,
    "outbox": _messages_out,
    "push": _pushes,
}
