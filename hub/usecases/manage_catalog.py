"""Items, kits and warehouses: what can be stocked, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.warehouses import check_warehouse
from hub.store import capacity, pushes
from hub.store.audit import record
from hub.store.database import upsert
from hub.store.known import must_be_skus
from hub.store.routing_snapshot import calendar_of
from hub.store.stock import lock_balances
from hub.store.tables import items, kits, warehouses
from hub.store.waiting import wake_all, wake_short
from hub.usecases.context import Context
from hub.usecases.fix_holds import replay_linked, replay_named
from hub.usecases.link_exact import link_exact


def add_item(
    ctx: Context, sku: str, *, title: str | None = None, barcode: str | None = None, weight_g: int | None = None,
    value: int | None = None, tags: Sequence[str] | None = None, components: Mapping[str, int] | None = None,
    actor: str,
) -> int:  # fmt: skip
    """Add a SKU, or change what is given of it (None: as it was); returns how many that waited for it run again.

    Listings that offer exactly this SKU are linked with it, so that no order takes a piece that no channel hears of.

    Args:   weight_g, value: of one piece, in grams and micros. components: what a kit is made of, as in `set_kit`.
    Raises: BadInput: an empty or padded SKU, a negative weight or value. Conflict: another SKU has this barcode.
            And what `set_kit` raises; the SKU is not added then.
    """
    if not sku or sku != sku.strip() or len(sku) > 200:
        raise BadInput(f"SKU {sku!r}: use 1 to 200 characters without blanks around them")
    if min(weight_g or 0, value or 0) < 0:
        raise BadInput(f"SKU {sku!r}: weight {weight_g} and value {value} may not be negative")
    now = ctx.clock()
    with ctx.db.write() as db:
        _must_be_free(db, sku, barcode or "")
        told = {"title": title, "barcode": barcode, "weight_g": weight_g, "value": value,
                "tags": None if tags is None else _checked(tags)}  # fmt: skip
        given = {name: what for name, what in told.items() if what is not None}
        statement = upsert(db, items).values({"title": "", "barcode": "", **given, "sku": sku, "created_at": now})
        changed = given or {"sku": sku}
        db.execute(statement.on_conflict_do_update(index_elements=["sku"], set_=changed))
        record(db, now, actor, "item.saved", f"sku:{sku}")
        if components is not None:
            _write_kit(db, sku, components, now, actor)
        linked = _link(db, sku, now)
        waiting = replay_named(db, sku, now)
    if waiting or linked:
        ctx.doorbell.ring("orders.place")
    for connection_id in linked:
        ctx.doorbell.ring("stock.push", connection_id)
    return waiting


def _link(db: Connection, sku: str, now: datetime) -> list[int]:
    """Link the listings that offer a SKU, as their own reading does; returns their connections."""
    refs: dict[int, list[str]] = defaultdict(list)
    for connection_id, ref in link_exact(db, [sku]):
        refs[connection_id].append(ref)
    for connection_id, found in refs.items():
        replay_linked(db, connection_id, found, now)
        pushes.mark_listings(db, connection_id, found, now)
    return list(refs)


def _must_be_free(db: Connection, sku: str, barcode: str) -> None:
    """A scan means one SKU: raises Conflict where another has the barcode already, as such or as its name.

    What stands there since before stays: a SKU may be saved again with the barcode that it has.
    """
    mine = select(items.c.sku).where(items.c.sku == sku, items.c.barcode == barcode)
    if not barcode or db.scalar(mine) is not None:
        return
    same = (items.c.barcode == barcode) | (items.c.sku == barcode)
    other = db.scalar(select(items.c.sku).where(same, items.c.sku != sku).order_by(items.c.sku).limit(1))
    if other is not None:
        raise Conflict(f"barcode {barcode!r} means the SKU {other} already: give {sku} another one, or change {other}")


def tag_item(ctx: Context, sku: str, tags: Collection[str], *, actor: str) -> None:
    """Give a SKU these tags (and no others): rules of routing and selling name them.

    Raises: NotFound: an unknown SKU. BadInput: an empty, padded or very long tag.
    """
    told, now = _checked(tags), ctx.clock()
    with ctx.db.write() as db:
        must_be_skus(db, [sku])
        db.execute(items.update().where(items.c.sku == sku).values(tags=told))
        pushes.mark_skus(db, [sku], now)
        waiting = wake_short(db, [sku], now)
        record(db, now, actor, "item.saved", f"sku:{sku}", tags=told)
    if waiting:
        ctx.doorbell.ring("orders.place")


def _checked(tags: Collection[str]) -> list[str]:
    wrong = sorted(tag for tag in tags if not tag or tag != tag.strip() or len(tag) > 50 or not tag.isprintable())
    if wrong:
        raise BadInput(f"tag {wrong[0][:50]!r}: use 1 to 50 printable characters without blanks around them")
    return sorted(set(tags))


def set_kit(ctx: Context, sku: str, components: Mapping[str, int], *, actor: str) -> None:
    """Say what a kit is made of (replaces what it was made of); an empty mapping makes it a plain SKU again.

    Raises: NotFound: an unknown SKU. BadInput: a kit in a kit, itself, or a quantity below 1.
            Conflict: it is a component of another kit, or has stock of its own.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        _write_kit(db, sku, components, now, actor)


def _write_kit(db: Connection, sku: str, components: Mapping[str, int], now: datetime, actor: str) -> None:
    _check_components(db, sku, components)
    if components:
        _must_be_no_component(db, sku)
        _must_have_no_stock(db, sku)
    db.execute(kits.delete().where(kits.c.sku == sku))
    rows = [{"sku": sku, "component": part, "quantity": quantity} for part, quantity in sorted(components.items())]
    if rows:
        db.execute(kits.insert(), rows)
    pushes.mark_skus(db, [sku, *components], now)
    record(db, now, actor, "kit.saved", f"sku:{sku}", components=dict(components))


def _check_components(db: Connection, sku: str, components: Mapping[str, int]) -> None:
    known = set(db.scalars(select(items.c.sku).where(items.c.sku.in_([sku, *components]))))
    unknown = sorted({sku, *components} - known)
    if unknown:
        raise NotFound(f"unknown SKU: {', '.join(unknown)}: add it first")
    nested = set(db.scalars(select(kits.c.sku).where(kits.c.sku.in_(list(components)))))
    if sku in components or nested or any(quantity < 1 for quantity in components.values()):
        raise BadInput(f"kit {sku}: components are plain SKUs, 1 or more of each (not itself, no kit in a kit)")


def _must_be_no_component(db: Connection, sku: str) -> None:
    whole = db.scalar(select(kits.c.sku).where(kits.c.component == sku).order_by(kits.c.sku).limit(1))
    if whole is not None:
        raise Conflict(
            f"{sku} is a component of the kit {whole}, and a kit may not be part of another: give {whole} the pieces "
            f"that {sku} is made of instead"
        )


def _must_have_no_stock(db: Connection, sku: str) -> None:
    """Pieces of a kit could neither be sold nor counted. Locks the balances that there are."""
    there = next((row for row in lock_balances(db, [sku]) if row.on_hand or row.incoming or row.in_transit), None)
    if there is not None:
        raise Conflict(
            f"{sku} has stock of its own in {there.warehouse} ({there.on_hand} on hand, {there.reserved} reserved, "
            f"{there.incoming} incoming, {there.in_transit} in transit), and a kit has none: move or cancel its "
            "orders, finish its transfers, and count it to 0 first"
        )


def save_warehouse(ctx: Context, code: str, *, actor: str, **values: Any) -> None:
    """Add or change a warehouse; what is not given stays as it is.

    Args:   values: columns of the table: where it is, whom it serves, when it works, how many orders it can take.
    Raises: BadInput: an empty code, an unknown setting, or a value that it may not have. Conflict: another warehouse
            has this code but for large and small letters, and people would take one for the other.
    """
    unknown = sorted(set(values) - {c.name for c in warehouses.columns} | ({"code"} & set(values)))
    if not code.strip() or unknown:
        raise BadInput(f"warehouse {code!r}: needs a code; unknown fields: {unknown}")
    check_warehouse(values)
    now = ctx.clock()
    blank = {"title": code, "priority": 1, "active": True, "ships_to": []}
    with ctx.db.write() as db:
        _must_differ(db, code)
        row = blank | values | {"code": code, "created_at": now}
        statement = upsert(db, warehouses).values(row)
        changed = {name: value for name, value in row.items() if name in values} or {"code": code}
        db.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed))
        record(db, now, actor, "warehouse.saved", f"warehouse:{code}", **{k: str(v) for k, v in values.items()})
        if "daily_orders" in values:
            saved = db.execute(select(warehouses).where(warehouses.c.code == code)).one()
            capacity.reset(db, code, values["daily_orders"], calendar_of(saved).today(now))
        if "active" in values or "daily_orders" in values:
            skus = db.scalars(select(items.c.sku)).all()
            pushes.mark_skus(db, skus, now)
        waiting = wake_all(db, now)
    if waiting:
        ctx.doorbell.ring("orders.place")


def _must_differ(db: Connection, code: str) -> None:
    codes = db.scalars(select(warehouses.c.code)).all()
    twin = next((other for other in sorted(codes) if other.casefold() == code.casefold()), code)
    if code not in codes and twin != code:
        raise Conflict(f"there is a warehouse {twin}, which differs from {code} only in large and small letters: write "
                       "that to change it, or choose another code")  # fmt: skip
