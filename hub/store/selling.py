"""Reads how stock is offered: policies with what is owed, pools, buffers, remaining life, paces, stale feeds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, exists, func, select, text, tuple_

from hub.canonical.order import Payment
from hub.rules.buffers import NO_BUFFER, BufferRule, first_fit
from hub.rules.lots import LifeRule, min_days
from hub.rules.pools import Pool
from hub.rules.selling import Policy, soft_minutes
from hub.store.tables import (
    buffer_rules,
    channel_pools,
    connections,
    holds,
    items,
    life_rules,
    listing_paces,
    order_pieces,
    orders,
    sell_policies,
    warehouses,
)

T = TypeVar("T")
CHUNK = 5000
"""Values in one IN list; SQLite takes 32,766."""
OWED = "backorder:"
"""The fingerprint of a hold for pieces that were sold beyond the stock: this, then the SKU."""


Owed = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that says how some SKUs are offered at one moment.

    policies: by (SKU, connection_id), 0 for all. owed: SKU -> connection_id -> pieces. pools: standing ones by
    (connection_id, SKU); exclusive: those of a SKU that keep pieces. tags: SKU -> its tags, read only where a rule asks
    for one. stale: warehouse -> "freeze" or "leave_out".
    """

    policies: Mapping[tuple[str, int], Policy]
    owed: Owed
    pools: Mapping[tuple[int, str], Pool]
    exclusive: Mapping[str, Sequence[Pool]]
    buffers: tuple[BufferRule, ...]
    lives: tuple[LifeRule, ...]
    tags: Mapping[str, frozenset[str]]
    stale: Mapping[str, str]

    def buffer(self, connection_id: int, warehouse: str, sku: str) -> BufferRule:
        if not self.buffers:
            return NO_BUFFER
        return first_fit(self.buffers, connection_id, warehouse, sku, self.tags.get(sku, frozenset()))

    def min_days(self, connection_id: int, sku: str) -> int:
        if not self.lives:
            return 0
        return min_days(self.lives, connection_id, sku, self.tags.get(sku, frozenset()))


NO_TERMS = Terms({}, {}, {}, {}, (), (), {}, {})
"""Everything is sold from stock, to everybody."""
_ANY_TERMS = text(
    "SELECT EXISTS (SELECT 1 FROM sell_policy) OR EXISTS (SELECT 1 FROM channel_pool) "
    "OR EXISTS (SELECT 1 FROM life_rule)"
)


def has_terms(db: Connection) -> bool:
    """Whether anything at all was said that plans must heed: a policy, a pool, a rule of remaining life."""
    return bool(db.scalar(_ANY_TERMS))


SoftTimes = Mapping[int, Mapping[Payment, int]]
"""connection_id -> payment state -> minutes that an order keeps its stock unpaid"""


def read_soft_times(db: Connection, connection_ids: Iterable[int]) -> SoftTimes:
    """The soft holds that these connections give; those that give none are left out."""
    table, wanted = connections.c, sorted(set(connection_ids))
    rows = db.execute(select(table.id, table.settings).where(table.id.in_(wanted)))
    found = {row.id: soft_minutes(row.settings.get("soft_minutes") or "") for row in rows}
    return {cid: minutes for cid, minutes in found.items() if minutes}


def read_terms(db: Connection, skus: Iterable[str], now: datetime) -> Terms:
    """The terms of these SKUs, in a few queries for many."""
    wanted = sorted(set(skus))
    policies, pools = read_policies(db, wanted), read_pools(db, wanted, now)
    buffers, lives = read_buffers(db), read_lives(db)
    tagged = any(rule.tag for rule in buffers) or any(rule.tag for rule in lives)
    return Terms(
        policies, read_owed(db, {sku for sku, _ in policies}), pools, exclusive_by_sku(pools), buffers, lives,
        _tags(db, wanted) if tagged else {}, read_stale(db, now),
    )  # fmt: skip


def read_policies(db: Connection, skus: Sequence[str], *, lock: bool = False) -> dict[tuple[str, int], Policy]:
    """(SKU, connection_id) -> policy; 0 stands for all connections. `lock`: for whoever is about to owe more."""
    table, found = sell_policies.c, dict[tuple[str, int], Policy]()
    for part in chunks(skus):
        query = select(sell_policies).where(table.sku.in_(part)).order_by(table.sku, table.connection_id)
        for row in db.execute(query.with_for_update() if lock else query):
            found[row.sku, row.connection_id] = Policy(row.mode, row.units, row.available_on)
    return found


def read_owed(db: Connection, skus: Collection[str]) -> dict[str, dict[int, int]]:
    """SKU -> connection_id -> pieces that were sold ahead of the stock and are still needed.

    An order that was woken and is about to be planned again needs them as well: its hold may be closed by now.
    """
    piece, found = order_pieces.c, dict[str, dict[int, int]]()
    sold_ahead = exists().where(
        holds.c.order_id == piece.order_id, holds.c.value == piece.sku, holds.c.kind == "backorder"
    )
    needed = func.sum(piece.wanted - piece.reserved - piece.shipped)
    query = (
        select(piece.sku, orders.c.connection_id, needed).join(orders, orders.c.id == piece.order_id)
        .where(orders.c.state.in_(("held", "waiting")), sold_ahead).group_by(piece.sku, orders.c.connection_id)
    )  # fmt: skip
    for part in chunks(sorted(set(skus))):
        for sku, connection_id, pieces in db.execute(query.where(piece.sku.in_(part))):
            found.setdefault(sku, {})[connection_id] = int(pieces)
    return found


def read_pools(db: Connection, skus: Sequence[str], now: datetime) -> dict[tuple[int, str], Pool]:
    """The pools that stand, of these SKUs and those for all SKUs, by (connection_id, SKU)."""
    found = dict[tuple[int, str], Pool]()
    for part in chunks(["", *skus]):
        for row in db.execute(select(channel_pools).where(channel_pools.c.sku.in_(part))):
            pool = pool_of(row)
            if pool.stands(now):
                found[pool.connection_id, pool.sku] = pool
    return found


def exclusive_by_sku(pools: Mapping[tuple[int, str], Pool]) -> dict[str, list[Pool]]:
    """The pools that keep pieces of a SKU, by SKU."""
    found = dict[str, list[Pool]]()
    for pool in pools.values():
        if pool.mode == "exclusive":
            found.setdefault(pool.sku, []).append(pool)
    return found


def read_keepers(db: Connection, skus: Sequence[str], now: datetime) -> dict[str, dict[int, str]]:
    """SKU -> connection_id -> "N for NAME": for whom exclusive pools keep pieces of it."""
    pools = exclusive_by_sku(read_pools(db, skus, now))
    owners = {pool.connection_id for found in pools.values() for pool in found}
    if not owners:
        return {}
    c = connections.c
    names = {row.id: row.name for row in db.execute(select(c.id, c.name).where(c.id.in_(sorted(owners))))}
    return {
        sku: {pool.connection_id: f"{pool.units} for {names.get(pool.connection_id, '?')}" for pool in found}
        for sku, found in pools.items()
    }


def pool_of(row: Row[Any]) -> Pool:
    """One row as the rules see it."""
    return Pool(row.id, row.connection_id, row.sku, row.mode, row.units, row.permille, row.max_listed, row.end_when,
                row.ends_at)  # fmt: skip


def read_buffers(db: Connection) -> tuple[BufferRule, ...]:
    """The active buffer rules, in the order in which they are asked."""
    table = buffer_rules.c
    rows = db.execute(select(buffer_rules).where(table.active.is_(True)).order_by(table.position, table.id))
    return tuple(
        BufferRule(row.id, row.position, row.connection_id, row.warehouse or None, row.tag or None, row.sku or None,
                   row.units, row.permille)
        for row in rows
    )  # fmt: skip


def read_lives(db: Connection) -> tuple[LifeRule, ...]:
    """All rules of remaining life."""
    rows = db.execute(select(life_rules).order_by(life_rules.c.id))
    return tuple(LifeRule(row.connection_id, row.sku, row.tag, row.min_days) for row in rows)


def read_stale(db: Connection, now: datetime) -> dict[str, str]:
    """Warehouses whose numbers come from outside and are too old -> what follows."""
    table = warehouses.c
    rows = db.execute(
        select(table.code, table.fresh_hours, table.fed_at, table.on_stale).where(table.fresh_hours.is_not(None))
    )
    return {
        row.code: row.on_stale
        for row in rows
        if row.fed_at is None or row.fed_at + timedelta(hours=row.fresh_hours) < now
    }  # fmt: skip


def read_paces(db: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[int, str], int]:
    """(connection_id, listing_ref) -> units that these listings keep back for what sells elsewhere."""
    table, found = listing_paces.c, dict[tuple[int, str], int]()
    for part in chunks([(row.connection_id, row.listing_ref) for row in rows], CHUNK // 2):
        query = select(table.connection_id, table.listing_ref, table.buffer)
        query = query.where(tuple_(table.connection_id, table.listing_ref).in_(part), table.buffer > 0)
        found |= {(row.connection_id, row.listing_ref): row.buffer for row in db.execute(query)}
    return found


def _tags(db: Connection, skus: Sequence[str]) -> dict[str, frozenset[str]]:
    found = dict[str, frozenset[str]]()
    for part in chunks(skus):
        rows = db.execute(select(items.c.sku, items.c.tags).where(items.c.sku.in_(part)))
        found |= {row.sku: frozenset(row.tags or ()) for row in rows}
    return found


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in slices that one IN list can carry."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
