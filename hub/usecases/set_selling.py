"""Says how stock is offered: policies beyond the stock, pools, buffers and remaining life; the numbers follow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from hub.canonical.errors import BadInput, NotFound
from hub.rules import pools, selling
from hub.rules.incoming import promise
from hub.store import pushes
from hub.store.audit import record
from hub.store.database import upsert
from hub.store.expected import read_coming
from hub.store.known import must_be_skus, must_be_stocked, must_be_warehouses
from hub.store.tables import (
    buffer_rules,
    channel_pools,
    connections,
    life_rules,
    sell_policies,
)
from hub.store.waiting import wake_all, wake_short
from hub.usecases.change_stock import LARGEST
from hub.usecases.context import Context


def set_policy(
    ctx: Context, sku: str, connection_id: int = 0, *, mode: str, units: int = 0, available_on: date | None = None,
    note: str = "", actor: str,
) -> None:  # fmt: skip
    """What may be sold of a SKU beyond its stock, on one connection (0: on all without a policy of their own).

    A presale whose pieces or day are left out promises what suppliers are expected to bring.

    Raises: NotFound: unknown SKU or connection. BadInput: no such mode, a kit, or numbers that the mode has no use for.
    """
    if mode not in selling.MODES:
        raise BadInput(f"mode = {mode!r}: use one of {', '.join(selling.MODES)}")
    now = ctx.clock()
    _pieces("units", units)
    with ctx.db.write() as db:
        if mode == "presale" and not (units and available_on):
            coming = read_coming(db, [sku]).get(sku, ())
            units, available_on = promise(units, available_on, [(row.due_on, row.pieces) for row in coming])
        _check_promise(mode, units, available_on, now.date())
        must_be_stocked(db, [sku])
        _known_connection(db, connection_id)
        row = {"sku": sku, "connection_id": connection_id, "mode": mode, "units": units, "available_on": available_on,
               "note": note, "updated_at": now}  # fmt: skip
        _put(db, sell_policies, row, ("sku", "connection_id"))
        _policy_changed(db, sku, now)
        record(db, now, actor, "sell_policy.saved", f"sku:{sku}", connection_id=connection_id, mode=mode, units=units)
    ctx.doorbell.ring("orders.place")


def _check_promise(mode: str, units: int, available_on: date | None, today: date) -> None:
    if mode == "stock" and (units or available_on):
        raise BadInput("mode = 'stock' sells what there is: leave units and available_on out")
    if mode != "stock" and not units:
        raise BadInput(f"units = 0: say how many pieces may be sold as {mode}, 1 or more")
    if mode == "presale" and available_on is None:
        raise BadInput("available_on is empty: a presale needs the day that buyers are promised, or a delivery that is "
                       "expected by a known day")  # fmt: skip
    if available_on is not None and available_on < today:
        raise BadInput(f"available_on = {available_on} is over: name a day that can still be promised")


def drop_policy(ctx: Context, sku: str, connection_id: int = 0, *, actor: str) -> None:
    """Forget a policy; what is owed stays owed. Raises NotFound."""
    now, table = ctx.clock(), sell_policies.c
    with ctx.db.write() as db:
        _drop(db, sell_policies, (table.sku == sku) & (table.connection_id == connection_id), f"policy for {sku!r}")
        _policy_changed(db, sku, now)
        record(db, now, actor, "sell_policy.dropped", f"sku:{sku}", connection_id=connection_id)
    ctx.doorbell.ring("orders.place")


def _policy_changed(db: Connection, sku: str, now: datetime) -> None:
    """Orders that wait for the SKU are judged anew: they may be owed now, or leave."""
    pushes.mark_skus(db, [sku], now)
    wake_short(db, [sku], now)


def set_pool(
    ctx: Context, connection_id: int, sku: str = "", *, mode: str = "shared", units: int = 0, permille: int = 1000,
    max_listed: int | None = None, end_when: int | None = None, ends_at: datetime | None = None, note: str = "",
    actor: str,
) -> None:  # fmt: skip
    """A connection's part of the stock of a SKU ("" = of every SKU without a pool of its own there).

    Raises: NotFound: unknown SKU or connection. BadInput: no such mode, a number out of range, or an exclusive pool
            that names no plain SKU.
    """
    if mode not in pools.MODES:
        raise BadInput(f"mode = {mode!r}: use one of {', '.join(pools.MODES)}")
    if not 0 <= permille <= 1000:
        raise BadInput(f"permille = {permille}: use 0 to 1000 of what is free")
    for name, value in (("units", units), ("max_listed", max_listed), ("end_when", end_when)):
        _pieces(name, value)
    if mode == "exclusive" and not units:
        raise BadInput("units = 0: say how many pieces an exclusive pool keeps, 1 or more")
    now = ctx.clock()
    if ends_at is not None and ends_at <= now:
        raise BadInput(f"ends_at = {ends_at:%Y-%m-%d %H:%M} is over: name a later moment, or forget the pool")
    with ctx.db.write() as db:
        _known_connection(db, connection_id, whole=False)
        if sku:
            must_be_skus(db, [sku])
        if mode == "exclusive":
            _must_keep_pieces(db, sku)
        row = {
            "connection_id": connection_id, "sku": sku, "mode": mode, "units": units if mode == "exclusive" else 0,
            "permille": permille if mode == "ratio" else 1000, "max_listed": max_listed, "end_when": end_when,
            "ends_at": ends_at, "note": note, "created_at": now,
        }  # fmt: skip
        _put(db, channel_pools, row, ("connection_id", "sku"), keep=("created_at",))
        _pool_changed(db, connection_id, sku, now)
        record(db, now, actor, "channel_pool.saved", f"connection:{connection_id}", sku=sku, mode=mode, units=units,
               permille=permille)  # fmt: skip
    ctx.doorbell.ring("orders.place")


def _must_keep_pieces(db: Connection, sku: str) -> None:
    if not sku:
        raise BadInput("an exclusive pool keeps pieces of one plain SKU: name it")
    must_be_stocked(db, [sku])


def drop_pool(ctx: Context, connection_id: int, sku: str = "", *, actor: str) -> None:
    """Forget a pool: its pieces are everybody's again. Raises NotFound."""
    now, table = ctx.clock(), channel_pools.c
    with ctx.db.write() as db:
        which = (table.connection_id == connection_id) & (table.sku == sku)
        _drop(db, channel_pools, which, f"pool of connection {connection_id} for {sku!r}")
        _pool_changed(db, connection_id, sku, now)
        record(db, now, actor, "channel_pool.dropped", f"connection:{connection_id}", sku=sku)
    ctx.doorbell.ring("orders.place")


def _pool_changed(db: Connection, connection_id: int, sku: str, now: datetime) -> None:
    if sku:
        pushes.mark_skus(db, [sku], now)
        wake_short(db, [sku], now)
    else:
        pushes.mark_all(db, now, connection_id)


def add_buffer(
    ctx: Context, *, units: int = 0, permille: int = 0, position: int = 0, connection_id: int | None = None,
    warehouse: str | None = None, tag: str | None = None, sku: str | None = None, note: str = "", actor: str,
) -> int:  # fmt: skip
    """Add a rule that keeps pieces back; returns its id. What is left out fits everything.

    Raises: NotFound: unknown SKU, warehouse or connection. BadInput: a number out of range.
    """
    _pieces("units", units)
    if not 0 <= permille <= 1000:
        raise BadInput(f"permille = {permille}: use 0 to 1000 of what is free")
    if not (units or permille or connection_id or warehouse or tag or sku):
        raise BadInput("the rule keeps nothing back and names nothing: say units or permille")
    now = ctx.clock()
    with ctx.db.write() as db:
        _known_connection(db, connection_id or 0)
        if sku:
            must_be_skus(db, [sku])
        must_be_warehouses(db, [warehouse] if warehouse else [])
        row = {
            "position": position, "connection_id": connection_id or None, "warehouse": warehouse or None,
            "tag": tag or None, "sku": sku or None, "units": units, "permille": permille, "note": note, "active": True,
            "created_at": now,
        }  # fmt: skip
        found = int(db.execute(buffer_rules.insert().returning(buffer_rules.c.id), row).scalar_one())
        _rule_changed(db, connection_id or 0, sku or "", now)
        record(db, now, actor, "buffer_rule.added", f"buffer_rule:{found}", units=units, permille=permille)
    return found


def drop_buffer(ctx: Context, rule_id: int, *, actor: str) -> None:
    """Forget a buffer rule. Raises NotFound."""
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _drop(db, buffer_rules, buffer_rules.c.id == rule_id, f"buffer rule {rule_id}")
        _rule_changed(db, row.connection_id or 0, row.sku or "", now)
        record(db, now, actor, "buffer_rule.dropped", f"buffer_rule:{rule_id}")


def set_life(
    ctx: Context, min_days: int, *, connection_id: int = 0, sku: str = "", tag: str = "", actor: str
) -> None:  # fmt: skip
    """A lot must be good for `min_days` after today to be sold; 0, "" and "" fit everything.

    Raises: NotFound: unknown SKU or connection. BadInput: days out of range, or both SKU and tag.
    """
    if not 0 <= min_days <= LONGEST_LIFE:
        raise BadInput(f"min_days = {min_days}: use 0 to {LONGEST_LIFE} days")
    if sku and tag:
        raise BadInput("name a SKU or a tag, not both: the rule for the SKU is the closer one anyway")
    now = ctx.clock()
    with ctx.db.write() as db:
        _known_connection(db, connection_id)
        if sku:
            must_be_skus(db, [sku])
        row = {"connection_id": connection_id, "sku": sku, "tag": tag, "min_days": min_days}
        _put(db, life_rules, row, ("connection_id", "sku", "tag"))
        _rule_changed(db, connection_id, sku, now)
        record(db, now, actor, "life_rule.saved", f"connection:{connection_id}", sku=sku, tag=tag, days=min_days)
    ctx.doorbell.ring("orders.place")


def drop_life(ctx: Context, *, connection_id: int = 0, sku: str = "", tag: str = "", actor: str) -> None:
    """Forget a rule of remaining life. Raises NotFound."""
    now, table = ctx.clock(), life_rules.c
    with ctx.db.write() as db:
        which = (table.connection_id == connection_id) & (table.sku == sku) & (table.tag == tag)
        _drop(db, life_rules, which, f"rule of remaining life for {_fits(connection_id, sku, tag)}")
        _rule_changed(db, connection_id, sku, now)
        record(db, now, actor, "life_rule.dropped", f"connection:{connection_id}", sku=sku, tag=tag)
    ctx.doorbell.ring("orders.place")


def _fits(connection_id: int, sku: str, tag: str) -> str:
    given = (("connection", connection_id), ("SKU", sku), ("tag", tag))
    return ", ".join(f"{name} {value}" for name, value in given if value) or "everything"


LONGEST_LIFE = 3650


def _rule_changed(db: Connection, connection_id: int, sku: str, now: datetime) -> None:
    if sku:
        pushes.mark_skus(db, [sku], now)
        wake_short(db, [sku], now)
    else:
        pushes.mark_all(db, now, connection_id or None)
        wake_all(db, now)


def _pieces(name: str, value: int | None) -> None:
    if value is not None and not 0 <= value < LARGEST:
        raise BadInput(f"{name} = {value}: expected a number from 0 on")


def _known_connection(db: Connection, connection_id: int, *, whole: bool = True) -> None:
    """`whole`: 0 stands for all connections."""
    if whole and connection_id == 0:
        return
    if db.scalar(select(connections.c.id).where(connections.c.id == connection_id)) is None:
        raise NotFound(f"there is no connection {connection_id}: see stockline connection")


def _put(
    db: Connection, table: Any, row: dict[str, Any], unique: tuple[str, ...], keep: tuple[str, ...] = ()
) -> None:  # fmt: skip
    changed = {name: value for name, value in row.items() if name not in unique and name not in keep}
    statement = upsert(db, table).values(row)
    db.execute(statement.on_conflict_do_update(index_elements=list(unique), set_=changed))


def _drop(db: Connection, table: Any, which: ColumnElement[bool], what: str) -> Any:
    row = db.execute(table.delete().where(which).returning(table)).first()
    if row is None:
        raise NotFound(f"there is no {what}")
    return row
