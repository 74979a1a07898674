"""Orders that are not there yet: numbered in memory first, then written with their lines, pieces and documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from hub.canonical.order import Order
from hub.store import bulk
from hub.store.events import Event
from hub.store.pushes import Sold
from hub.store.tables import order_documents, order_lines, order_pieces, orders
from hub.usecases.order_rows import NewHold, OrderKey, header, line_row, piece_rows
from hub.usecases.resolve_lines import Problem, ResolvedLine


class NewOrder(Struct, frozen=True):
    """An order that is not there yet: its first and its newest version, the state it begins in, and its lines.

    live:       whether its pieces are wanted from us, now or once it is paid.
    soft_until: until when it keeps stock though it is not paid; None: it keeps none, or needs no end.
    """

    key: OrderKey
    first: Order
    last: Order
    state: str
    lines: tuple[ResolvedLine, ...]
    live: bool
    problems: tuple[Problem, ...] = ()
    soft_until: datetime | None = None

    @property
    def skus(self) -> Sequence[str]:
        """What it takes from stock: one SKU for each piece."""
        return [sku for line in self.lines if line.meaning for sku, _ in line.meaning.components]

    @property
    def sold(self) -> Sequence[Sold]:
        """What the shop took off its own numbers with this order."""
        return [(self.key[0], line.line.listing_ref, line.units) for line in self.lines] if self.live else ()


class Numbered(Struct, frozen=True):
    """A new order with its rows of `orders`, `order_line`, `order_piece` and `order_document`; they may be changed."""

    new: NewOrder
    row: dict[str, Any]
    lines: list[dict[str, Any]]
    pieces: list[dict[str, Any]]
    document: dict[str, Any]

    @property
    def imported(self) -> Event:
        """The first entry of its timeline."""
        return (self.row["id"], "order_imported", {"number": self.row["number"], "state": self.row["state"]})

    @property
    def held(self) -> Sequence[NewHold]:
        return [NewHold(self.new.key[0], problem, self.row["id"]) for problem in self.new.problems]


def number(db: Connection, found: Sequence[NewOrder], now: datetime) -> list[Numbered]:
    """Give ids to the orders, their lines and pieces, and build their rows; nothing is written yet."""
    order_ids = iter(bulk.take_ids(db, orders, len(found)) if found else ())
    line_ids = iter(_ids(db, order_lines, sum(len(new.lines) for new in found)))
    pieces = sum(len(line.meaning.components) for new in found for line in new.lines if line.meaning)
    piece_ids = iter(_ids(db, order_pieces, pieces))
    return [_numbered(new, next(order_ids), line_ids, piece_ids, now) for new in found]


def _ids(db: Connection, table: Any, count: int) -> Sequence[int]:
    return bulk.take_ids(db, table, count) if count else ()


def _numbered(
    new: NewOrder, order_id: int, line_ids: Iterator[int], piece_ids: Iterator[int], now: datetime
) -> Numbered:
    at_first = {} if new.first is new.last else {line.channel_ref: line for line in new.first.lines}
    lines: list[dict[str, Any]] = []
    pieces: list[dict[str, Any]] = []
    for line in new.lines:
        ordered = str(at_first.get(line.line.channel_ref, line.line).quantity)
        line_id = next(line_ids)
        lines.append(line_row(line_id, order_id, line, ordered))
        for piece in piece_rows(order_id, line_id, line):
            piece["id"] = next(piece_ids)
            pieces.append(piece)
    return Numbered(new, _order_row(new, order_id, now), lines, pieces, _document(new, order_id))


def _order_row(new: NewOrder, order_id: int, now: datetime) -> dict[str, Any]:
    row = bulk.blank(orders)
    row.update(header(new.last))
    row.update(
        id=order_id, connection_id=new.key[0], channel_ref=new.key[1], state=new.state, place_at=now,
        soft_until=new.soft_until, created_at=now, updated_at=now,
    )  # fmt: skip
    return row


def _document(new: NewOrder, order_id: int) -> dict[str, Any]:
    return {"order_id": order_id, "first": new.first.to_json(), "current": new.last.to_json()}


def insert_orders(db: Connection, found: Sequence[Numbered]) -> list[Numbered]:
    """Insert the orders, sorted by key, with all that belongs to them; returns those that no other worker inserted.

    Whoever inserts the same orders does it in the same order, and so nobody waits in a circle.
    """
    rows = bulk.columns_of([each.row for each in found])
    written = bulk.insert_new(db, orders, rows, ("connection_id", "channel_ref"))
    mine = (
        rows.get("id", [])
        if written == len(found)
        else [row[0] for row in bulk.read(db, orders, {"id": rows["id"]}, ("id",))]
    )
    there = {*mine}
    created = [each for each in found if each.row["id"] in there]
    bulk.insert(db, order_documents, bulk.columns_of([each.document for each in created]))
    bulk.insert(db, order_lines, bulk.columns_of([line for each in created for line in each.lines]))
    bulk.insert(db, order_pieces, bulk.columns_of([piece for each in created for piece in each.pieces]))
    return created
