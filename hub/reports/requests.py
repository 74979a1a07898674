"""What somebody asked about an order (cancel it, cut it), and what the warehouse answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hub.reports.names import actor_names
from hub.store.database import Database
from hub.store.tables import cancel_requests

_c = cancel_requests.c


@dataclass(frozen=True, slots=True)
class RequestFact:
    """kind: cancel, edit. state: asked, accepted, refused, overtaken. answer_by: silence agrees then."""

    id: int
    kind: str
    state: str
    asked_by: str
    reason: str
    answer: str
    answer_by: datetime | None
    answered_by: str
    answered_at: datetime | None
    created_at: datetime


def order_requests(db: Database, order_id: int) -> tuple[RequestFact, ...]:
    """All requests about an order, newest first."""
    with db.read() as connection:
        query = select(cancel_requests).where(_c.order_id == order_id).order_by(_c.id.desc())
        rows = connection.execute(query).all()
        names = actor_names(connection, {name for row in rows for name in (row.asked_by, row.answered_by)})
    return tuple(
        RequestFact(row.id, row.kind, row.state, names[row.asked_by], row.reason, row.answer, row.answer_by,
                    names[row.answered_by], row.answered_at, row.created_at)
        for row in rows
    )  # fmt: skip


def open_requests(db: Database, order_id: int) -> tuple[RequestFact, ...]:
    """Those that wait for an answer (at most one)."""
    return tuple(request for request in order_requests(db, order_id) if request.state == "asked")
