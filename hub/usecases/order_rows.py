"""Writes orders, lines and pieces: the one place that knows which columns a canonical order fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, select, tuple_

from hub.canonical.amounts import plain, to_micros
from hub.canonical.errors import BadRecord
from hub.canonical.order import Address, Order
from hub.rules.lifecycle import Counts
from hub.store.database import upsert
from hub.store.tables import holds, order_documents, order_lines, order_pieces, orders
from hub.usecases.resolve_lines import Problem, ResolvedLine

OrderKey = tuple[int, str]
"""(connection_id, channel_ref)"""


def known_orders(db: Connection, keys: Iterable[OrderKey]) -> set[OrderKey]:
    """Those of the keys that have an order by now; locks nothing."""
    _key = (orders.c.connection_id, orders.c.channel_ref)
    rows = db.execute(select(*_key).where(tuple_(*_key).in_(sorted(set(keys)))))
    return {(row.connection_id, row.channel_ref) for row in rows}


def in_key_order(db: Connection) -> tuple[ColumnElement[Any], ...]:
    """How everybody sorts who locks several orders: by key, refs by code points as Python and SQLite compare them."""
    ref: ColumnElement[Any] = orders.c.channel_ref
    return (orders.c.connection_id, ref if db.dialect.name == "sqlite" else ref.collate("C"))


def lock_orders(db: Connection, keys: Iterable[OrderKey]) -> dict[OrderKey, Row[Any]]:
    """Lock the orders that exist already, in key order."""
    wanted = sorted(set(keys))
    query = select(orders).where(tuple_(orders.c.connection_id, orders.c.channel_ref).in_(wanted))
    rows = db.execute(query.order_by(*in_key_order(db)).with_for_update()).all() if wanted else []
    return {(row.connection_id, row.channel_ref): row for row in rows}


def header(order: Order) -> dict[str, Any]:
    """The columns that every version of an order rewrites. Raises BadRecord: `total` does not fit."""
    where = order.ship_to or Address()
    if order.total is not None and order.total < 0:
        raise BadRecord("total", order.total, "expected an amount of 0 or more")
    return {
        "number": order.number or order.channel_ref, "status": str(order.status),
        "payment": order.payment and str(order.payment), "fulfillment": order.fulfillment and str(order.fulfillment),
        "currency": order.currency, "total": None if order.total is None else to_micros(order.total),
        "country": where.country, "postal_code": where.postal_code, "city": where.city, "region": where.region,
        "district": where.district, "placed_at": order.placed_at, "ship_by": order.ship_by,
        "source_updated_at": order.updated_at, "digest": order.digest(),
    }  # fmt: skip


def insert_order(db: Connection, connection_id: int, order: Order, state: str, now: datetime) -> int | None:
    """Insert one order; returns its id, None where another worker was faster."""
    row = header(order) | {
        "connection_id": connection_id, "channel_ref": order.channel_ref, "state": state, "version": 1, "attempts": 0,
        "answered": "", "place_at": now, "created_at": now, "updated_at": now,
    }  # fmt: skip
    statement = upsert(db, orders).on_conflict_do_nothing(index_elements=["connection_id", "channel_ref"])
    found: int | None = db.execute(statement.returning(orders.c.id), row).scalar()
    return found


def insert_documents(db: Connection, rows: Sequence[tuple[int, Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Keep (order_id, first version, current version)."""
    if rows:
        db.execute(
            order_documents.insert(),
            [{"order_id": order, "first": first, "current": current} for order, first, current in rows],
        )


def insert_line(db: Connection, order_id: int, found: ResolvedLine, ordered: str | None = None) -> None:
    """Insert one line and its pieces."""
    line, meaning = found.line, found.meaning
    row = {
        "order_id": order_id, "channel_ref": line.channel_ref, "position": found.position,
        "listing_ref": line.listing_ref, "offered_sku": line.sku, "sku": meaning and meaning.sku,
        "title": line.title or "", "uom": line.uom, "units": meaning.units if meaning else 1,
        "ordered": ordered or plain(line.quantity), "wanted": found.wanted, "told": 0,
    }  # fmt: skip
    line_id = db.execute(order_lines.insert().returning(order_lines.c.id), row).scalar_one()
    insert_pieces(db, order_id, line_id, found)


def insert_pieces(db: Connection, order_id: int, line_id: int, found: ResolvedLine) -> None:
    """One piece row per component; a component that is there already gets the new demand."""
    if found.meaning is None:
        return
    rows = [
        {
            "order_id": order_id, "line_id": line_id, "sku": sku, "per_unit": per_unit,
            "wanted": found.wanted * per_unit, "reserved": 0, "shipped": 0,
        }
        for sku, per_unit in found.meaning.components
    ]  # fmt: skip
    statement = upsert(db, order_pieces)
    changed = {"wanted": statement.excluded.wanted, "per_unit": statement.excluded.per_unit}
    db.execute(statement.on_conflict_do_update(index_elements=["line_id", "sku"], set_=changed), rows)


def insert_holds(
    db: Connection, connection_id: int, problems: Sequence[Problem], now: datetime,
    *, order_id: int | None = None, inbox_id: int | None = None,
) -> None:  # fmt: skip
    """One open hold per cause."""
    for problem in {problem.fingerprint: problem for problem in problems}.values():
        db.execute(
            holds.insert().values(
                connection_id=connection_id, order_id=order_id, inbox_id=inbox_id, kind=problem.kind,
                fingerprint=problem.fingerprint, field=problem.field, value=problem.value[:200], why=problem.why[:500],
                state="open", created_at=now, released_by="",
            )
        )  # fmt: skip


def count_pieces(db: Connection, order_ids: Iterable[int]) -> dict[int, Counts]:
    """Sums of wanted, reserved and shipped per order (orders without pieces: all 0)."""
    wanted = sorted(set(order_ids))
    piece = order_pieces.c
    asked = case((piece.shipped > piece.wanted, piece.shipped), else_=piece.wanted)
    query = select(piece.order_id, func.sum(asked), func.sum(piece.reserved), func.sum(piece.shipped))
    rows = db.execute(query.where(piece.order_id.in_(wanted)).group_by(piece.order_id))
    found = {row[0]: Counts(int(row[1]), int(row[2]), int(row[3])) for row in rows}
    return {order: found.get(order, Counts(0, 0, 0)) for order in wanted}


def held_orders(db: Connection, order_ids: Iterable[int]) -> set[int]:
    """Those of the orders that have an open hold."""
    query = select(holds.c.order_id).where(holds.c.order_id.in_(sorted(set(order_ids))), holds.c.state == "open")
    return {order for order in db.scalars(query) if order is not None}


_STATE = (
    orders.update()
    .where(orders.c.id == bindparam("b_id"))
    .values(state=bindparam("b_state"), place_at=bindparam("b_place_at"), updated_at=bindparam("b_now"))
)


def write_states(db: Connection, states: Mapping[int, str], now: datetime) -> None:
    """Set the orders' states; a waiting one may be placed from now on."""
    if states:
        rows = [
            {"b_id": order, "b_state": state, "b_place_at": now, "b_now": now}
            for order, state in sorted(states.items())
        ]
        db.execute(_STATE, rows)
