"""Writes orders, lines and pieces: the one place that knows which columns a canonical order fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, exists, func, select, tuple_

from hub.canonical.amounts import to_micros
from hub.canonical.errors import BadRecord
from hub.canonical.order import Address, Order
from hub.rules.lifecycle import Counts
from hub.store import bulk
from hub.store.database import by_code_points, upsert
from hub.store.tables import fulfillment_orders, holds, order_lines, order_pieces, orders
from hub.usecases.resolve_lines import Problem, ResolvedLine

OrderKey = tuple[int, str]
"""(connection_id, channel_ref)"""


def known_orders(db: Connection, keys: Iterable[OrderKey]) -> set[OrderKey]:
    """Those of the keys that have an order by now; locks nothing."""
    wanted = sorted(set(keys))
    columns: dict[str, Sequence[Any]] = {
        "connection_id": [key[0] for key in wanted],
        "channel_ref": [key[1] for key in wanted],
    }
    return {(row[0], row[1]) for row in bulk.read(db, orders, columns, ("connection_id", "channel_ref"))}


def in_key_order(db: Connection) -> tuple[ColumnElement[Any], ...]:
    """How everybody sorts who locks several orders: by key, refs by code points as Python and SQLite compare them."""
    return (orders.c.connection_id, by_code_points(db, orders.c.channel_ref))


def lock_orders(db: Connection, keys: Iterable[OrderKey]) -> dict[OrderKey, Row[Any]]:
    """Lock the orders that exist already, in key order."""
    wanted = sorted(set(keys))
    query = select(orders).where(tuple_(orders.c.connection_id, orders.c.channel_ref).in_(wanted))
    rows = db.execute(query.order_by(*in_key_order(db)).with_for_update()).all() if wanted else []
    return {(row.connection_id, row.channel_ref): row for row in rows}


def check_total(order: Order) -> None:
    """Raises BadRecord: `total` does not fit its column."""
    if order.total is not None and order.total < 0:
        raise BadRecord("total", order.total, "expected an amount of 0 or more")
    if order.total is not None:
        to_micros(order.total)


def header(order: Order) -> dict[str, Any]:
    """The columns that every version of an order rewrites. Raises BadRecord: as `check_total`."""
    check_total(order)
    where = order.ship_to or Address()
    return {
        "number": order.number or order.channel_ref, "status": str(order.status),
        "payment": order.payment and str(order.payment), "fulfillment": order.fulfillment and str(order.fulfillment),
        "currency": order.currency, "total": None if order.total is None else to_micros(order.total),
        "country": where.country, "postal_code": where.postal_code, "city": where.city, "region": where.region,
        "district": where.district, "placed_at": order.placed_at, "ship_by": order.ship_by,
        "deliver_by": order.deliver_by, "ship_method": order.shipping.method if order.shipping else None,
        "source_updated_at": order.updated_at, "digest": order.digest(),
    }  # fmt: skip


def insert_lines(db: Connection, rows: Sequence[tuple[int, ResolvedLine, str]]) -> None:
    """Insert (order_id, line, quantity as ordered), and the lines' pieces."""
    ids = bulk.take_ids(db, order_lines, len(rows)) if rows else ()
    lines = [line_row(line_id, *row) for row, line_id in zip(rows, ids, strict=True)]
    bulk.insert(db, order_lines, bulk.columns_of(lines))
    numbered = zip(rows, ids, strict=True)
    pieces = [piece for (order_id, line, _), line_id in numbered for piece in piece_rows(order_id, line_id, line)]
    bulk.insert(db, order_pieces, bulk.columns_of(pieces))


def line_row(line_id: int, order_id: int, found: ResolvedLine, ordered: str) -> dict[str, Any]:
    """What a line fills when it is new; `ordered` is its quantity as first seen."""
    line, meaning = found.line, found.meaning
    return {
        "id": line_id, "order_id": order_id, "channel_ref": line.channel_ref, "position": found.position,
        "listing_ref": line.listing_ref, "offered_sku": line.sku, "sku": meaning and meaning.sku,
        "title": line.title or "", "uom": line.uom, "units": meaning.units if meaning else 1, "ordered": ordered,
        "wanted": found.wanted, "told": 0,
    }  # fmt: skip


def piece_rows(order_id: int, line_id: int, found: ResolvedLine) -> list[dict[str, Any]]:
    """One row per component of the line, none of it reserved."""
    return [
        {
            "order_id": order_id, "line_id": line_id, "sku": sku, "per_unit": each, "wanted": found.wanted * each,
            "reserved": 0, "shipped": 0,
        }
        for sku, each in (found.meaning.components if found.meaning else ())
    ]  # fmt: skip


def upsert_pieces(db: Connection, order_id: int, line_id: int, found: ResolvedLine) -> None:
    """One piece row per component; a component that is there already gets the new demand."""
    rows = piece_rows(order_id, line_id, found)
    if rows:
        statement = upsert(db, order_pieces)
        changed = {"wanted": statement.excluded.wanted, "per_unit": statement.excluded.per_unit}
        db.execute(statement.on_conflict_do_update(index_elements=["line_id", "sku"], set_=changed), rows)


@dataclass(frozen=True, slots=True)
class NewHold:
    """A problem, and whose it is: an order's or a message's."""

    connection_id: int
    problem: Problem
    order_id: int | None = None
    inbox_id: int | None = None


def insert_holds(db: Connection, found: Sequence[NewHold], now: datetime) -> None:
    """One open hold for each order or message and cause."""
    once = {(new.order_id, new.inbox_id, new.problem.fingerprint): new for new in found}
    rows = [
        {
            "connection_id": new.connection_id, "order_id": new.order_id, "inbox_id": new.inbox_id,
            "kind": new.problem.kind, "fingerprint": new.problem.fingerprint, "field": new.problem.field,
            "value": new.problem.value[:200], "why": new.problem.why[:500], "until": new.problem.until,
        }
        for new in once.values()
    ]  # fmt: skip
    bulk.insert(db, holds, bulk.columns_of(rows), {"state": "open", "created_at": now, "released_by": ""})


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


def keeps_pieces() -> ColumnElement[bool]:
    """Whether pieces are kept for an order until the rest of it is there; the column `kept` of a query of orders."""
    list_ = fulfillment_orders.c
    return exists().where(list_.order_id == orders.c.id, list_.status == "kept").label("kept")


def write_states(db: Connection, states: Mapping[int, str], now: datetime) -> None:
    """Set the orders' states; a waiting one may be placed from now on."""
    ids = sorted(states)
    bulk.update(db, orders, {"id": ids}, {"state": [states[i] for i in ids]}, {"place_at": now, "updated_at": now})
