"""A person's word on the zeros that the mass-zero breaker keeps back: they are meant, or let it look again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hub.canonical.errors import NotFound
from hub.store import pushes
from hub.store.audit import record
from hub.store.tables import connections
from hub.usecases.context import Context
from hub.usecases.streams import make_due

_c = connections.c


def allow_mass_zero(ctx: Context, connection_id: int, allowed: bool, actor: str) -> None:
    """Allowed: push the zeros that the breaker keeps back, and stop no others until it is switched on again.

    A stream that a person stopped stays stopped. Raises NotFound.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = db.execute(select(_c.settings).where(_c.id == connection_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"there is no connection {connection_id}")
        settings = {name: value for name, value in row.settings.items() if name != "allow_mass_zero"}
        settings |= {"allow_mass_zero": "yes"} if allowed else {}
        db.execute(connections.update().where(_c.id == connection_id).values(settings=settings, updated_at=now))
        if allowed:
            _let_go(db, connection_id, now)
        word = "breaker.allowed" if allowed else "breaker.armed"
        record(db, now, actor, word, f"connection:{connection_id}")
    if allowed:
        ctx.doorbell.ring("stock.push", connection_id)


def look_again(ctx: Context, connection_id: int, actor: str) -> int:
    """The stock was mended: the breaker judges anew what waits with 0; returns how many listings. Raises NotFound."""
    now = ctx.clock()
    with ctx.db.write() as db:
        if db.scalar(select(_c.id).where(_c.id == connection_id)) is None:
            raise NotFound(f"there is no connection {connection_id}")
        count = _let_go(db, connection_id, now)
        record(db, now, actor, "breaker.looks_again", f"connection:{connection_id}", listings=count)
    ctx.doorbell.ring("stock.push", connection_id)
    return count


def _let_go(db: Connection, connection_id: int, now: datetime) -> int:
    """What waits with 0 is pushed, or judged anew where the breaker watches; returns how many listings."""
    count = pushes.doubt_no_more(db, connection_id, now)
    make_due(db, connection_id, ["stock"], now)
    return count
