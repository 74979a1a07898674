"""Tries dead letters again: a message in, a message out, or a stock push that was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update

from hub.canonical.errors import BadInput, NotFound
from hub.store.audit import record
from hub.store.tables import holds, inbox, outbox, stock_pushes
from hub.usecases.context import Context
from hub.usecases.crashes import CRASHED

WORK = {"inbox": "inbox.ingest", "outbox": "outbox.send", "push": "stock.push"}
"""Kind of dead letter -> the task that tries it again."""


def replay_dead(ctx: Context, kind: str, connection_id: int, ref: str = "", *, actor: str) -> int:
    """Set one dead letter to work again, or all of a kind of one connection (no `ref`); returns how many.

    Args:    kind: inbox, outbox or push. ref: a message's id; of a push the listing's reference.
    Raises:  BadInput: an unknown kind or a reference that is no number. NotFound: no such dead letter.
    """
    if kind not in WORK:
        raise BadInput(f"kind = {kind!r}: use inbox, outbox or push")
    if ref and kind != "push" and not (ref.isascii() and ref.isdigit()):
        raise BadInput(f"ref = {ref!r}: expected the message's id")
    now = ctx.clock()
    with ctx.db.write() as db:
        count = db.execute(_statement(kind, connection_id, ref, now)).rowcount
        if not count:
            raise NotFound(f"no dead letter {kind} {ref} on connection {connection_id}: it was tried again already")
        if kind == "inbox":
            _release_crashes(db, connection_id, ref, actor, now)
        record(db, now, actor, "dead.replayed", f"connection:{connection_id}", kind=kind, ref=ref, count=count)
    ctx.doorbell.ring(WORK[kind], None if kind == "inbox" else connection_id)
    return int(count)


def _statement(kind: str, connection_id: int, ref: str, now: datetime) -> Update:
    fresh: dict[str, Any] = {"attempts": 0, "error": ""}
    if kind == "push":
        p = stock_pushes.c
        which = [p.connection_id == connection_id, p.dead.is_(True), *([p.listing_ref == ref] if ref else [])]
        return stock_pushes.update().where(*which).values(**fresh, dead=False, due_at=now, leased_until=None)
    table = inbox if kind == "inbox" else outbox
    which = [table.c.connection_id == connection_id, table.c.state == "dead"]
    which += [table.c.id == int(ref)] if ref else []
    if kind == "outbox":
        fresh |= {"due_at": now, "leased_until": None}
    return table.update().where(*which).values(**fresh, state="new")


def _release_crashes(db: Connection, connection_id: int, ref: str, actor: str, now: datetime) -> None:
    """The holds of these messages are closed: what fails again is held anew."""
    which = [holds.c.connection_id == connection_id, holds.c.kind.in_(CRASHED), holds.c.state == "open"]
    if ref:
        which.append(holds.c.inbox_id == int(ref))
    db.execute(holds.update().where(*which).values(state="released", released_at=now, released_by=actor))
