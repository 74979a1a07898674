"""The list of orders: tabs with counts, search, and pages by cursor, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, union

from hub.canonical.amounts import from_micros
from hub.reports.cursors import like, read_page
from hub.store.database import Database
from hub.store.tables import connections, order_lines, order_pieces, orders, shipments

_o = orders.c

TABS: dict[str, tuple[str, ...]] = {
    "all": (),
    "to_ship": ("routed", "partial"),
    "waiting": ("waiting",),
    "held": ("held",),
    "unpaid": ("unpaid",),
    "shipped": ("shipped",),
    "refused": ("refused",),
    "cancelled": ("cancelled",),
    "closed": ("closed",),
}
"""Tab -> the states that it shows (none: all of them)."""


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One order in a list. `units`: base units wanted, of which `shipped` left; `skus`: the first few."""

    id: int
    number: str
    channel_ref: str
    connection_id: int
    connection: str
    channel: str
    state: str
    payment: str | None
    currency: str | None
    total: Decimal | None
    country: str | None
    city: str | None
    placed_at: datetime | None
    ship_by: datetime | None
    created_at: datetime
    updated_at: datetime
    units: int
    shipped: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders, newest first; `next` is the cursor of the page after, None on the last."""

    rows: tuple[OrderSummary, ...]
    next: str | None


def order_counts(db: Database) -> dict[str, int]:
    """Tab -> how many orders it shows, for every tab of `TABS`."""
    with db.read() as connection:
        rows = connection.execute(select(_o.state, func.count().label("number")).group_by(_o.state)).all()
    states: dict[str, int] = {row.state: row.number for row in rows}
    return {tab: sum(states.get(state, 0) for state in shown or states) for tab, shown in TABS.items()}


def find_orders(
    db: Database, *, tab: str = "all", q: str = "", connection_id: int | None = None, after: str = "", limit: int = 50
) -> OrderPage:
    """One page of orders.

    Args:    tab: a key of `TABS`, or a single state. q: a number (or its beginning), the channel's own id, a SKU,
             a tracking number; never a name or an e-mail address. after: the cursor of the page before.
    Raises:  BadInput: a cursor that is not ours, or a limit outside 1 to 500.
    """
    query = select(orders)
    states = TABS.get(tab, (tab,))
    if states:
        query = query.where(_o.state.in_(states))
    if connection_id is not None:
        query = query.where(_o.connection_id == connection_id)
    if q.strip():
        query = query.where(_o.id.in_(_matching(q.strip()[:200])))
    with db.read() as connection:
        rows, following = read_page(connection, query, _o.id, after, limit)
        return OrderPage(_summaries(connection, rows), following)


def _matching(text: str) -> Select[tuple[int]]:
    """Ids of the orders that a person may mean with `text`; each part is one step on an index or one scan."""
    bare = text.lstrip("#")
    numbers = or_(*(_o.number.like(f"{like(start)}%", escape="\\") for start in sorted({bare, f"#{bare}", text})))
    shops = select(connections.c.id)
    parts = [
        select(_o.id).where(numbers) if bare else select(_o.id).where(_o.number == text),
        select(_o.id).where(_o.connection_id.in_(shops), _o.channel_ref.in_(sorted({text, bare}))),
        select(shipments.c.order_id).where(shipments.c.tracking_no == text),
        select(order_pieces.c.order_id).where(order_pieces.c.sku == text),
        select(order_lines.c.order_id).where(or_(order_lines.c.offered_sku == text, order_lines.c.sku == text)),
    ]
    matches = union(*parts).subquery()
    return select(matches.c[0])


def summaries_of(db: Connection, order_ids: Collection[int]) -> dict[int, OrderSummary]:
    """Order id -> its summary, for those that exist."""
    rows = db.execute(select(orders).where(_o.id.in_(sorted(order_ids)))).all()
    return {found.id: found for found in _summaries(db, rows)}


def _summaries(db: Connection, rows: Sequence[Row[Any]]) -> tuple[OrderSummary, ...]:
    ids = [row.id for row in rows]
    query = select(connections.c.id, connections.c.name, connections.c.channel)
    shops: dict[int, Any] = {row.id: row for row in db.execute(query)}
    counts = _counts(db, ids)
    skus = _skus(db, ids)
    return tuple(_summary(row, shops.get(row.connection_id), counts.get(row.id, (0, 0)), skus.get(row.id, ()))
                 for row in rows)  # fmt: skip


def _counts(db: Connection, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    piece = order_pieces.c
    query = select(piece.order_id, func.sum(piece.wanted), func.sum(piece.shipped)).where(piece.order_id.in_(ids))
    return {row[0]: (int(row[1]), int(row[2])) for row in db.execute(query.group_by(piece.order_id))}


def _skus(db: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    line = order_lines.c
    query = select(line.order_id, func.coalesce(line.sku, line.offered_sku, line.title)).where(line.order_id.in_(ids))
    found: dict[int, list[str]] = {}
    for order_id, sku in db.execute(query.order_by(line.order_id, line.position)):
        found.setdefault(order_id, []).append(sku)
    return {order_id: tuple(skus) for order_id, skus in found.items()}


def _summary(row: Row[Any], shop: Any, counts: tuple[int, int], skus: tuple[str, ...]) -> OrderSummary:
    return OrderSummary(
        id=row.id, number=row.number, channel_ref=row.channel_ref, connection_id=row.connection_id,
        connection=shop.name if shop else "", channel=shop.channel if shop else "", state=row.state,
        payment=row.payment, currency=row.currency, total=None if row.total is None else from_micros(row.total),
        country=row.country, city=row.city, placed_at=row.placed_at, ship_by=row.ship_by, created_at=row.created_at,
        updated_at=row.updated_at, units=counts[0], shipped=counts[1], skus=skus,
    )  # fmt: skip
