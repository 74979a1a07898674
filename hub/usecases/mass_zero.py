"""A person's word on the zeros that the mass-zero breaker keeps back: they are meant, or let it look again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hub.canonical.errors import Conflict, NotFound
from hub.store import pushes, zeros
from hub.store.audit import record
from hub.store.tables import connections
from hub.usecases.context import Context
from hub.usecases.streams import make_due

_c = connections.c


def allow_mass_zero(
    ctx: Context, connection_id: int, allowed: bool, actor: str, *, waiting_only: bool = False
) -> dict[str, int]:
    """Allowed: push the zeros that the breaker keeps back, and stop no others until it is switched on again.

    A stream that a person stopped stays stopped.

    Args:    waiting_only: switch the breaker off only where zeros wait: else it would watch no more without a reason.
    Returns: SKU -> how many of its listings waited with 0 and are let go.
    Raises:  NotFound. Conflict: nothing waits, and only that was asked for.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = db.execute(select(_c.name, _c.settings).where(_c.id == connection_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"there is no connection {connection_id}")
        waited = _waiting(db, connection_id) if allowed else {}
        if waiting_only and allowed and not waited:
            raise Conflict(
                f"nothing waits with 0 at {row.name}: there is nothing to let go. To switch its mass-zero breaker off "
                f"on purpose: stockline connection allow-zeros {row.name} --off"
            )
        settings = {name: value for name, value in row.settings.items() if name != "allow_mass_zero"}
        settings |= {"allow_mass_zero": "yes"} if allowed else {}
        db.execute(connections.update().where(_c.id == connection_id).values(settings=settings, updated_at=now))
        if allowed:
            _let_go(db, connection_id, now)
        word = "breaker.allowed" if allowed else "breaker.armed"
        record(db, now, actor, word, f"connection:{connection_id}", listings=sum(waited.values()))
    if allowed:
        ctx.doorbell.ring("stock.push", connection_id)
    return waited


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


def _waiting(db: Connection, connection_id: int) -> dict[str, int]:
    """SKU -> listings that wait with 0; those that are being judged just now are waited for."""
    pushes.lock_unsent(db, connection_id)
    return zeros.doubted_skus(db, connection_id)


def _let_go(db: Connection, connection_id: int, now: datetime) -> int:
    """What waits with 0 is pushed, or judged anew where the breaker watches; returns how many listings."""
    count = pushes.doubt_no_more(db, connection_id, now)
    make_due(db, connection_id, ["stock"], now)
    return count
