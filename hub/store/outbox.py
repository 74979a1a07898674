"""Messages to channels: written with the change they tell, sent in per-order order, settled by their exact id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select

from hub.store.database import insert_new
from hub.store.tables import outbox

_o = outbox.c


def put(db: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Add messages {connection_id, topic, key, order_id, body}; a key that is there already is not added again."""
    blank = {"state": "new", "attempts": 0, "due_at": now, "error": "", "created_at": now}
    return insert_new(db, outbox, [blank | dict(row) for row in sorted(rows, key=lambda row: row["key"])], ("key",))


def lease(db: Connection, connection_id: int, limit: int, now: datetime, lease_s: float) -> Sequence[Row[Any]]:
    """Take up to `limit` due messages of one connection; a message waits for the earlier ones of its order."""
    earlier = outbox.alias("earlier")
    blocked = exists().where(
        earlier.c.order_id == _o.order_id, earlier.c.id < _o.id, earlier.c.state == "new", _o.order_id.is_not(None)
    )
    free = or_(_o.leased_until.is_(None), _o.leased_until < now)
    due = and_(_o.connection_id == connection_id, _o.state == "new", _o.due_at <= now, free, ~blocked)
    rows = db.execute(select(outbox).where(due).order_by(_o.id).limit(limit).with_for_update(skip_locked=True)).all()
    if rows:
        until = now + timedelta(seconds=lease_s)
        db.execute(outbox.update().where(_o.id.in_([row.id for row in rows])).values(leased_until=until))
    return rows


def settle(db: Connection, message_id: int, *, state: str, now: datetime, error: str = "", tries: int = 0,
           due: datetime | None = None) -> bool:  # fmt: skip
    """Write what became of one message: sent, new (again at `due`) or dead.

    Returns: False where it has come to its end already: whoever took it over from us was faster.
    """
    done = db.execute(
        outbox.update().where(_o.id == message_id, _o.state == "new").values(
            state=state, error=error[:500], attempts=tries, leased_until=None, due_at=due or now,
            sent_at=now if state == "sent" else None,
        )
    )  # fmt: skip
    return bool(done.rowcount)


def release(db: Connection, ids: Sequence[int], due: datetime) -> None:
    """Give leased messages back untried, not before `due`."""
    if ids:
        db.execute(outbox.update().where(_o.id.in_(ids)).values(leased_until=None, due_at=due))
