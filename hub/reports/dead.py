"""Dead letters: messages in, messages out and stock pushes that were given up; each can be tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from hub.reports.cursors import page_size
from hub.reports.names import connection_names
from hub.store.database import Database
from hub.store.tables import inbox, orders, outbox, stock_pushes

KINDS = ("inbox", "outbox", "push")
_CARRIER = re.compile(r"knows no carrier (['\"])(.+?)\1: .*table carriers")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of them. `ref`: what to hand to `replay_dead` (a message's id; of a push the listing's reference).

    topic: what it was about; since: when it came or was written.
    """

    kind: str
    ref: str
    connection_id: int
    connection: str
    topic: str
    error: str
    attempts: int
    since: datetime
    order_id: int | None
    number: str

    @property
    def carrier(self) -> str:
        """The carrier for which the mapping's table of carriers wants a row; empty where that is not what is wrong."""
        found = _CARRIER.search(self.error) if self.kind == "outbox" else None
        return found[2] if found else ""


def dead_letters(
    db: Database, *, connection_id: int | None = None, kind: str = "", limit: int = 200
) -> list[DeadLetter]:  # fmt: skip
    """The newest dead letters of every kind, or of one, at most `limit` of each."""
    found: list[DeadLetter] = []
    with db.read() as connection:
        names = connection_names(connection)
        queries = _queries(page_size(limit))
        for each, query in queries.items() if not kind else [(kind, queries[kind])]:
            owner = query.selected_columns["connection_id"]
            asked = query if connection_id is None else query.where(owner == connection_id)
            found += [_letter(each, row, names) for row in connection.execute(asked)]
    return sorted(found, key=lambda letter: letter.since, reverse=True)


def dead_count(db: Database) -> int:
    """How many there are in all."""
    return sum(dead_counts(db).values())


def dead_counts(db: Database, connection_id: int | None = None) -> dict[str, int]:
    """Kind -> how many there are, of all connections or of one."""
    dead = {
        "inbox": (inbox, inbox.c.state == "dead"), "outbox": (outbox, outbox.c.state == "dead"),
        "push": (stock_pushes, stock_pushes.c.dead.is_(True)),
    }  # fmt: skip
    counts = dict[str, int]()
    with db.read() as connection:
        for kind, (table, gone) in dead.items():
            count = select(func.count()).select_from(table).where(gone)
            mine = count if connection_id is None else count.where(table.c.connection_id == connection_id)
            counts[kind] = int(connection.scalar(mine) or 0)
    return counts


def _queries(limit: int) -> dict[str, Select[Any]]:
    i, o, p = inbox.c, outbox.c, stock_pushes.c
    joined_in = inbox.outerjoin(orders, orders.c.id == i.order_id)
    joined_out = outbox.outerjoin(orders, orders.c.id == o.order_id)
    return {
        "inbox": select(
            i.id.label("ref"), i.connection_id, i.kind.label("topic"), i.error, i.attempts,
            i.received_at.label("since"), i.order_id, orders.c.number,
        ).select_from(joined_in).where(i.state == "dead").order_by(i.id.desc()).limit(limit),
        "outbox": select(
            o.id.label("ref"), o.connection_id, o.topic, o.error, o.attempts, o.created_at.label("since"), o.order_id,
            orders.c.number,
        ).select_from(joined_out).where(o.state == "dead").order_by(o.id.desc()).limit(limit),
        "push": select(
            p.listing_ref.label("ref"), p.connection_id, p.listing_ref.label("topic"), p.error, p.attempts,
            p.changed_at.label("since"),
        ).where(p.dead.is_(True)).order_by(p.changed_at.desc()).limit(limit),
    }  # fmt: skip


def _letter(kind: str, row: Row[Any], names: dict[int, str]) -> DeadLetter:
    values = row._mapping
    return DeadLetter(
        kind, str(row.ref), row.connection_id, names.get(row.connection_id, ""), row.topic, row.error, row.attempts,
        row.since, values.get("order_id"), values.get("number") or "",
    )  # fmt: skip
