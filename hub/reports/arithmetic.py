"""How each listing of a SKU comes to its number: from the shelves to what the channel may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from hub.canonical.errors import NotFound
from hub.reports.names import connection_names
from hub.rules.ats import Offer
from hub.rules.pools import unfilled
from hub.store.available import listing_offers
from hub.store.database import Database
from hub.store.expected import Coming, read_coming
from hub.store.selling import exclusive_by_sku, read_pools
from hub.store.tables import connections, items, listing_paces, listings, stock_ledger, stock_pushes

SOURCES = {"count": "counted", "import": "imported"}
"""Kind of the newest ledger row of a shelf -> where its number comes from; any other: computed."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the number of one SKU in one warehouse comes from, and as of when."""

    sku: str
    warehouse: str
    as_of: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One listing's number with everything behind it.

    publishes: what a push would tell the channel now, None: nothing (`offer.held_back` says why). shown: what it was
    last told. pace: the arithmetic of the lag buffer, {} where none was computed. pools_unfilled: connection -> pieces
    that its exclusive pools lack. coming: what suppliers are to bring of its components; nothing of it counts before it
    is here, and what may be sold ahead of it a policy says.
    """

    connection_id: int
    connection: str
    listing_ref: str
    sku: str
    offer: Offer
    publishes: int | None
    shown: int | None
    shown_at: datetime | None
    as_of: datetime
    shelves: tuple[Shelf, ...]
    pace: dict[str, Any]
    pools_unfilled: dict[str, int]
    coming: tuple[Coming, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready but for times."""
        shelves = [{"sku": s.sku, "warehouse": s.warehouse, "as_of": s.as_of, "source": s.source} for s in self.shelves]
        return {
            "connection_id": self.connection_id, "connection": self.connection, "listing_ref": self.listing_ref,
            "sku": self.sku, **self.offer.to_dict(), "publishes": self.publishes, "shown": self.shown,
            "shown_at": self.shown_at, "as_of": self.as_of, "shelves": shelves, "pace": self.pace,
            "pools_unfilled": self.pools_unfilled, "coming": [asdict(row) for row in self.coming],
        }  # fmt: skip


def explain_sku(db: Database, sku: str, now: datetime, connection: str = "") -> list[Arithmetic]:
    """The numbers of all listings that sell a SKU, or of one connection's. Raises NotFound: unknown SKU."""
    with db.read() as reading:
        if reading.scalar(select(items.c.sku).where(items.c.sku == sku)) is None:
            raise NotFound(f"there is no SKU {sku!r}")
        rows = _listings(reading, sku, connection)
        offers = listing_offers(reading, rows, now)
        names = connection_names(reading)
        return [_explained(reading, row, offers[row.connection_id, row.listing_ref], names, now) for row in rows]


def _listings(db: Connection, sku: str, connection: str) -> Sequence[Row[Any]]:
    same = and_(
        stock_pushes.c.connection_id == listings.c.connection_id, stock_pushes.c.listing_ref == listings.c.listing_ref
    )
    joined = listings.join(connections, connections.c.id == listings.c.connection_id).outerjoin(stock_pushes, same)
    query = select(listings, stock_pushes.c.sent_value, stock_pushes.c.sent_at).select_from(joined)
    query = query.where(listings.c.sku == sku, listings.c.stocked.is_(True))
    if connection:
        query = query.where(connections.c.name == connection)
    return db.execute(query.order_by(connections.c.name, listings.c.listing_ref)).all()


def _explained(
    db: Connection, row: Row[Any], offer: Offer, names: dict[int, str], now: datetime
) -> Arithmetic:  # fmt: skip
    table = listing_paces.c
    mine = (table.connection_id == row.connection_id, table.listing_ref == row.listing_ref)
    skus = [part.sku for part in offer.parts]
    pools = exclusive_by_sku(read_pools(db, skus, now))
    lacking = {
        names.get(owner, str(owner)): pieces
        for part in offer.parts
        for owner, pieces in unfilled(part.free, pools.get(part.sku, ())).items()
    }
    return Arithmetic(
        connection_id=row.connection_id, connection=names.get(row.connection_id, ""), listing_ref=row.listing_ref,
        sku=row.sku, offer=offer, publishes=offer.publish(row.sent_value), shown=row.sent_value, shown_at=row.sent_at,
        as_of=now, shelves=_shelves(db, skus),
        pace=db.scalar(select(table.arithmetic).where(*mine)) or {}, pools_unfilled=lacking,
        coming=tuple(row for rows in read_coming(db, skus).values() for row in rows),
    )  # fmt: skip


def _shelves(db: Connection, skus: Sequence[str]) -> tuple[Shelf, ...]:
    """The newest ledger row of every shelf says where its number comes from."""
    t = stock_ledger.c
    newest = select(func.max(t.id)).where(t.sku.in_(skus)).group_by(t.sku, t.warehouse)
    rows = db.execute(select(stock_ledger).where(t.id.in_(newest)).order_by(t.sku, t.warehouse))
    return tuple(Shelf(row.sku, row.warehouse, row.at, _source(row)) for row in rows)


def _source(row: Row[Any]) -> str:
    return "imported" if row.cause.startswith("import:") else SOURCES.get(row.kind, "computed")
