"""Versions of what people write and activate: at most one is active, and what was active never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select


def lock(db: Connection, table: Table, **of: Any) -> dict[int, Row[Any]]:
    """Lock all versions of one thing, in order; whoever changes which one is active holds them."""
    mine = [table.c[name] == value for name, value in of.items()]
    db.execute(select(table.c.version).where(*mine).order_by(table.c.version).with_for_update()).all()
    return {row.version: row for row in db.execute(select(table).where(*mine).order_by(table.c.version))}


def active_of(versions: Mapping[int, Row[Any]]) -> int:
    """The version that is active; 0 where none is: what the program comes with."""
    return next((version for version, row in versions.items() if row.active), 0)


def insert(db: Connection, table: Table, now: datetime, actor: str, **values: Any) -> int:
    """Add a draft; returns its version."""
    row = {"state": "draft", "active": False, "created_by": actor, "created_at": now, "activated_by": "", **values}
    return int(db.execute(table.insert().values(row).returning(table.c.version)).scalar_one())


def make_active(db: Connection, table: Table, version: int, actor: str, now: datetime, **of: Any) -> None:
    """Retire the active version, if there is one, and make another active."""
    mine = [table.c[name] == value for name, value in of.items()]
    off = {"active": False, "state": "retired", "updated_at": now}
    db.execute(table.update().where(*mine, table.c.active.is_(True)).values(off))
    on = {"active": True, "state": "active", "activated_by": actor, "activated_at": now, "updated_at": now}
    db.execute(table.update().where(*mine, table.c.version == version).values(on))
