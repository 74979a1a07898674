"""How stock is offered: policies with what is owed, pools, buffers and rules of remaining life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from hub.reports.cursors import pack, page_size, read_page, unpack
from hub.reports.names import connection_names
from hub.rules.selling import Policy, owed_under
from hub.store.database import Database
from hub.store.selling import read_owed
from hub.store.tables import buffer_rules, channel_pools, life_rules, sell_policies


@dataclass(frozen=True, slots=True)
class PolicyFact:
    """`connection_id` None: all that have no policy of their own. `owed`: pieces of `units` in use."""

    sku: str
    connection_id: int | None
    connection: str
    mode: str
    units: int
    available_on: date | None
    owed: int
    note: str


@dataclass(frozen=True, slots=True)
class PoolFact:
    """`sku` "": every SKU that has no pool of its own there. `over`: its end has come."""

    connection_id: int
    connection: str
    sku: str
    mode: str
    units: int
    permille: int
    max_listed: int | None
    end_when: int | None
    ends_at: datetime | None
    over: bool
    note: str


@dataclass(frozen=True, slots=True)
class BufferFact:
    """What is None fits everything."""

    id: int
    position: int
    connection_id: int | None
    connection: str
    warehouse: str | None
    tag: str | None
    sku: str | None
    units: int
    permille: int
    note: str


@dataclass(frozen=True, slots=True)
class LifeFact:
    """None and "" fit everything."""

    id: int
    connection_id: int | None
    connection: str
    sku: str
    tag: str
    min_days: int


def find_policies(db: Database, *, after: str = "", limit: int = 50) -> tuple[list[PolicyFact], str | None]:
    """One page of policies, by SKU and connection, and the cursor of the next."""
    t = sell_policies.c
    query = select(sell_policies).order_by(t.sku, t.connection_id).limit(page_size(limit) + 1)
    if after:
        connection_id, _, sku = unpack(after).partition(":")
        start = int(connection_id) if connection_id.isdigit() else 0
        query = query.where(or_(t.sku > sku, (t.sku == sku) & (t.connection_id > start)))
    with db.read() as reading:
        rows = reading.execute(query).all()
        facts = _policies(reading, rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return facts, pack(f"{last.connection_id}:{last.sku}") if last else None


def _policies(db: Connection, rows: Sequence[Row[Any]]) -> list[PolicyFact]:
    names, owed = connection_names(db), read_owed(db, {row.sku for row in rows})
    table = sell_policies.c
    known = {
        (row.sku, row.connection_id): Policy(row.mode, row.units, row.available_on)
        for row in db.execute(select(sell_policies).where(table.sku.in_({row.sku for row in rows})))
    }
    return [
        PolicyFact(
            row.sku, row.connection_id or None, names.get(row.connection_id, ""), row.mode, row.units,
            row.available_on, owed_under(known, owed.get(row.sku, {}), row.sku, row.connection_id), row.note,
        )
        for row in rows
    ]  # fmt: skip


def find_pools(
    db: Database, now: datetime, *, after: str = "", limit: int = 50
) -> tuple[list[PoolFact], str | None]:  # fmt: skip
    """One page of pools, oldest first: the order in which exclusive ones are filled."""
    rows, names, following = _page(db, channel_pools, after, limit)
    return [_pool(row, names, now) for row in rows], following


def _pool(row: Row[Any], names: dict[int, str], now: datetime) -> PoolFact:
    over = bool(row.ends_at and row.ends_at <= now)
    return PoolFact(row.connection_id, names.get(row.connection_id, ""), row.sku, row.mode, row.units, row.permille,
                    row.max_listed, row.end_when, row.ends_at, over, row.note)  # fmt: skip


def selling_of(db: Database, sku: str, now: datetime) -> tuple[list[PolicyFact], list[PoolFact]]:
    """The policies and pools of one SKU, and the pools of every SKU."""
    with db.read() as reading:
        mine = select(sell_policies).where(sell_policies.c.sku == sku).order_by(sell_policies.c.connection_id)
        policies = _policies(reading, reading.execute(mine).all())
        table = channel_pools.c
        wanted = select(channel_pools).where(table.sku.in_([sku, ""])).order_by(table.connection_id, table.id)
        names = connection_names(reading)
        return policies, [_pool(row, names, now) for row in reading.execute(wanted)]


def find_buffers(db: Database, *, after: str = "", limit: int = 50) -> tuple[list[BufferFact], str | None]:
    """One page of buffer rules by id; `position` says in which order they are asked."""
    rows, names, following = _page(db, buffer_rules, after, limit)
    facts = [
        BufferFact(row.id, row.position, row.connection_id, names.get(row.connection_id, ""), row.warehouse, row.tag,
                   row.sku, row.units, row.permille, row.note)
        for row in rows
    ]  # fmt: skip
    return facts, following


def find_lives(db: Database, *, after: str = "", limit: int = 50) -> tuple[list[LifeFact], str | None]:
    """One page of rules of remaining life, by id."""
    rows, names, following = _page(db, life_rules, after, limit)
    facts = [
        LifeFact(row.id, row.connection_id or None, names.get(row.connection_id, ""), row.sku, row.tag, row.min_days)
        for row in rows
    ]
    return facts, following


def _page(db: Database, table: Any, after: str, limit: int) -> tuple[Sequence[Row[Any]], dict[int, str], str | None]:
    with db.read() as reading:
        rows, following = read_page(reading, select(table), table.c.id, after, limit, newest_first=False)
        return rows, connection_names(reading), following
