"""Orders as the plan sees them: what they still need, where they go, who refused them already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, Row, and_, exists, or_, select

from hub.rules.routing import Demand, Piece
from hub.store.places import point_of
from hub.store.routing_snapshot import World, zones_of
from hub.store.tables import connections, fulfillment_orders, items, order_lines, order_pieces, stock_ledger

TOGETHER = "together"
"""Tag of a kit that is packed in one parcel."""
USUAL_PRIORITY = 5
"""The plan serves 1 first; an order's own priority counts the other way, 0 being usual."""


class Claimed(Struct, frozen=True):
    """One waiting order with the pieces that it still needs, and all its SKUs: a refusal gives back the others too.

    row:    what `orders` says of it, by its columns' names: a row that was read, or one about to be written.
    pieces: rows of `order_piece` in the same way.
    lines:  line id -> SKU of lines that are about to be written; those that are there already are read.
    """

    row: Any
    pieces: tuple[Any, ...]
    skus: frozenset[str]
    lines: Mapping[int, str] = field(default_factory=dict)


def claim_pieces(db: Connection, rows: Sequence[Row[Any]]) -> list[Claimed]:
    """What these (locked) orders still need."""
    piece = order_pieces.c
    pieces: dict[int, list[Row[Any]]] = defaultdict(list)
    query = select(order_pieces).where(piece.order_id.in_([row.id for row in rows])).order_by(piece.id)
    for found in db.execute(query):
        pieces[found.order_id].append(found)
    return [claimed(row, pieces[row.id]) for row in rows]


def claimed(row: Any, pieces: Sequence[Any], lines: Mapping[int, str] | None = None) -> Claimed:
    """An order, given all its pieces; `lines` as in `Claimed`."""
    needed = tuple(piece for piece in pieces if piece.wanted > piece.reserved + piece.shipped)
    return Claimed(row, needed, frozenset(piece.sku for piece in pieces), lines or {})


class Shop(Struct, frozen=True):
    """A connection, as far as a plan looks at it."""

    id: int
    name: str
    channel: str
    on_shortage: str


_SHOPS = select(*(connections.c[name] for name in Shop.__struct_fields__))
Shops = Mapping[int, Shop]
"""By connection_id."""


def read_shops(db: Connection) -> Shops:
    """All connections."""
    return {row[0]: Shop(*row) for row in db.execute(_SHOPS)}


def read_refusers(db: Connection, order_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Warehouses that are not asked again: they rejected their share, or did not find its pieces on their shelves.

    Who did not find pieces is asked again once that shelf was counted, adjusted or filled.
    """
    if not order_ids:
        return {}
    table, missed, later = fulfillment_orders.c, stock_ledger.c, stock_ledger.alias("later").c
    rejected = select(table.order_id, table.warehouse).where(
        table.order_id.in_(order_ids), table.request_status == "rejected"
    )
    looked_at = and_(
        later.sku == missed.sku, later.warehouse == missed.warehouse, later.id > missed.id,
        or_(later.kind == "count", later.on_hand > 0),
    )  # fmt: skip
    not_found = select(missed.order_id, missed.warehouse).where(
        missed.order_id.in_(order_ids), missed.kind == "missing", ~exists().where(looked_at)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for query in (rejected, not_found):
        for row in db.execute(query):
            found[row.order_id].add(row.warehouse)
    return {order: frozenset(codes) for order, codes in found.items()}


def read_together(db: Connection, orders: Sequence[Claimed]) -> frozenset[int]:
    """The lines that are kits whose pieces must leave in one parcel: the kit's own SKU has the tag "together"."""
    parts = Counter(piece.line_id for order in orders for piece in order.pieces)
    kits = {line_id for line_id, count in parts.items() if count > 1}
    if not kits:
        return frozenset()
    told = {line_id: sku for order in orders for line_id, sku in order.lines.items()}
    table = order_lines.c
    rows = db.execute(select(table.id, table.sku).where(table.id.in_(sorted(kits - told.keys()))))
    sold = {row.id: row.sku for row in rows} | {line_id: told[line_id] for line_id in kits & told.keys()}
    tags = db.execute(select(items.c.sku, items.c.tags).where(items.c.sku.in_(sorted(set(sold.values())))))
    one_parcel = {row.sku for row in tags if TOGETHER in (row.tags or ())}
    return frozenset(line_id for line_id, sku in sold.items() if sku in one_parcel)


def demand_of(
    order: Claimed, world: World, shops: Shops, refusers: Mapping[int, frozenset[str]],
    together: frozenset[int] = frozenset(), pinned: str | None = None,
) -> Demand:  # fmt: skip
    """One order as the plan sees it.

    Args: together: lines whose pieces come from one place. pinned: the only place that may give, even if it refused.
    """
    row, shop = order.row, shops[order.row.connection_id]
    codes = (place.code for place in world.snapshot.places)
    excluded = refusers.get(row.id, frozenset())
    return Demand(
        str(row.id), _pieces(order, world, together), row.country, point_of(row), excluded - {pinned or ""},
        zones=zones_of(world.known.zones, codes, row), channel=shop.channel, connection=shop.name,
        ship_method=row.ship_method or "", payment=row.payment or "", placed_at=row.placed_at,
        deliver_by=row.deliver_by and row.deliver_by.date(),
        priority=USUAL_PRIORITY - row.priority, value=row.total or 0, pinned=pinned,
    )  # fmt: skip


def _pieces(order: Claimed, world: World, together: frozenset[int]) -> tuple[Piece, ...]:
    return tuple([
        Piece(
            str(piece.id), piece.sku, piece.wanted - piece.reserved - piece.shipped,
            *world.known.items.get(piece.sku, (0, 0)), group=str(piece.line_id) if piece.line_id in together else "",
        )
        for piece in order.pieces
    ])  # fmt: skip
