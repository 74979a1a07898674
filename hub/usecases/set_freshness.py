"""Says how old the numbers of a warehouse may be that somebody else counts, and what follows when they are older."""

from __future__ import annotations

from sqlalchemy import select

from hub.canonical.errors import BadInput, NotFound
from hub.store.audit import record
from hub.store.feeds import mark_warehouse
from hub.store.tables import warehouses
from hub.usecases.context import Context

ON_STALE = ("freeze", "leave_out")
LONGEST = 24 * 366


def set_freshness(
    ctx: Context, warehouse: str, hours: int | None, *, on_stale: str = "freeze", actor: str
) -> None:  # fmt: skip
    """Numbers of this warehouse older than `hours` are stale (None: they are ours and never are).

    freeze:    what channels show is not raised any more, only our own sales lower it; nothing is zeroed by silence.
    leave_out: its pieces do not count until numbers come again.

    Raises: NotFound. BadInput: hours out of range, or no such word.
    """
    if hours is not None and not 1 <= hours <= LONGEST:
        raise BadInput(f"fresh_hours = {hours}: use 1 to {LONGEST}, or leave it out for numbers of our own")
    if on_stale not in ON_STALE:
        raise BadInput(f"on_stale = {on_stale!r}: use {' or '.join(ON_STALE)}")
    now, table = ctx.clock(), warehouses.c
    with ctx.db.write() as db:
        fed = db.execute(select(table.fed_at).where(table.code == warehouse).with_for_update()).one_or_none()
        if fed is None:
            raise NotFound(f"there is no warehouse {warehouse!r}: see stockline warehouse")
        values = {"fresh_hours": hours, "on_stale": on_stale, "fed_at": fed.fed_at or now}
        db.execute(warehouses.update().where(table.code == warehouse).values(values))
        mark_warehouse(db, warehouse, now)
        record(db, now, actor, "warehouse.freshness", f"warehouse:{warehouse}", hours=hours, on_stale=on_stale)
