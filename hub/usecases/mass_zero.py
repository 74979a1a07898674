"""A person's word on the mass-zero breaker: the zeros are meant, or the breaker watches again."""

from __future__ import annotations

from sqlalchemy import select

from hub.canonical.errors import NotFound
from hub.store.audit import record
from hub.store.tables import connections, streams
from hub.usecases.context import Context
from hub.usecases.streams import make_due

_c, _s = connections.c, streams.c


def allow_mass_zero(ctx: Context, connection_id: int, allowed: bool, actor: str) -> None:
    """Allowed: push the zeros that the breaker stopped, until it is switched on again. Raises NotFound."""
    now = ctx.clock()
    with ctx.db.write() as db:
        row = db.execute(select(_c.settings).where(_c.id == connection_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"there is no connection {connection_id}")
        settings = {name: value for name, value in row.settings.items() if name != "allow_mass_zero"}
        settings |= {"allow_mass_zero": "yes"} if allowed else {}
        db.execute(connections.update().where(_c.id == connection_id).values(settings=settings, updated_at=now))
        if allowed:
            stopped = (_s.connection_id == connection_id, _s.stream == "stock")
            db.execute(streams.update().where(*stopped).values(paused=False, error="", failures=0))
            make_due(db, connection_id, ["stock"], now)
        word = "breaker.allowed" if allowed else "breaker.armed"
        record(db, now, actor, word, f"connection:{connection_id}")
    if allowed:
        ctx.doorbell.ring("stock.push", connection_id)
