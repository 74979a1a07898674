"""What waits for a person, grouped by cause and page by page: in the order in which the causes first came up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from hub.reports.cursors import pack, page_size, unpack_id
from hub.store.database import Database
from hub.store.tables import connections, holds

_h = holds.c


@dataclass(frozen=True, slots=True)
class CauseLine:
    """All open holds of one fingerprint. `orders`, `messages`: how many wait; field, value, why, until: the oldest's.

    until: the day on which it ends by itself, such as that of a presale.
    """

    fingerprint: str
    kind: str
    connection_id: int
    connection: str
    field: str
    value: str
    why: str
    orders: int
    messages: int
    oldest: datetime
    newest: datetime
    until: date | None = None


def find_causes(
    db: Database, *, kind: str = "", after: str = "", limit: int = 50
) -> tuple[list[CauseLine], str | None]:
    """One page of open causes, oldest first, and the cursor of the next."""
    groups = _groups(kind, unpack_id(after) if after else 0).limit(page_size(limit) + 1)
    with db.read() as connection:
        found = _read(connection, groups)
    return [line for _, line in found[:limit]], pack(found[limit - 1][0]) if len(found) > limit else None


def _groups(kind: str, after: int) -> Any:
    query = select(
        func.min(_h.id).label("first"), func.count(_h.order_id.distinct()).label("orders"),
        func.count(_h.inbox_id.distinct()).label("messages"), func.min(_h.created_at).label("oldest"),
        func.max(_h.created_at).label("newest"),
    ).where(_h.state == "open").group_by(_h.fingerprint)  # fmt: skip
    query = query.where(_h.kind == kind) if kind else query
    return query.having(func.min(_h.id) > after).order_by(func.min(_h.id))


def _read(db: Connection, groups: Any) -> list[tuple[int, CauseLine]]:
    group = groups.subquery().c
    joined = holds.join(group.first.table, group.first == _h.id).outerjoin(
        connections, connections.c.id == _h.connection_id
    )
    columns = (_h.fingerprint, _h.kind, _h.connection_id, connections.c.name, _h.field, _h.value, _h.why)
    query = select(*columns, group.orders, group.messages, group.oldest, group.newest, _h.until, _h.id).select_from(
        joined
    )
    return [(row.id, CauseLine(*row[:3], row.name or "", *row[4:12])) for row in db.execute(query.order_by(_h.id))]
