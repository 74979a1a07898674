"""Moves stored credentials to the current key, a few rows per transaction, while the hub runs."""

from __future__ import annotations

from sqlalchemy import select, update

from hub.rules.permissions import SYSTEM
from hub.store.audit import record
from hub.store.secrets import SecretBox
from hub.store.tables.channels import connections
from hub.usecases.context import Context

BATCH = 100


def rotate_secrets(ctx: Context, box: SecretBox) -> int:
    """Rewrap every secret that another key than the box's current one wraps; returns how many were moved.

    Afterwards the older keys may leave STOCKLINE_SECRET_KEYS. Safe to repeat and to stop at any time.
    Raises: Misconfigured: a secret was sealed with a key that is not here; rows moved before it stay moved.
    """
    moved, after = 0, 0
    while True:
        with ctx.db.write() as connection:
            ask = select(connections.c.id, connections.c.secrets).where(connections.c.id > after)
            rows = connection.execute(ask.order_by(connections.c.id).limit(BATCH).with_for_update()).all()
            count = 0
            for row in rows:
                old = {name: sealed for name, sealed in row.secrets.items() if box.needs_rotation(sealed)}
                if old:
                    fresh = row.secrets | {name: box.rewrap(sealed) for name, sealed in old.items()}
                    connection.execute(update(connections).where(connections.c.id == row.id).values(secrets=fresh))
                    count += len(old)
            if count:
                record(connection, ctx.clock(), SYSTEM.actor, "secrets.rotated", "connections", count=count)
        moved += count
        if not rows:
            return moved
        after = rows[-1].id
