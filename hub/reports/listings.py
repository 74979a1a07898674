"""What the channels offer, page by page: each listing with the number it may sell and the number it was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select

from hub.reports.cursors import read_page
from hub.store.available import listing_numbers
from hub.store.database import Database
from hub.store.tables import connections, listings, stock_pushes

_l, _p, _c = listings.c, stock_pushes.c, connections.c
_PUSHED = (_p.seq, _p.sent_seq, _p.doubted_seq, _p.sent_value, _p.sent_at, _p.dead, _p.error)


@dataclass(frozen=True, slots=True)
class ListingFact:
    """One listing. `units`: base units in one of it. `ats`: what it may sell, None where it is not linked or stocked.

    `shown`: what the channel was last told (None: nothing yet); `pending`: a newer number is on its way (a 0 that waits
    for a person is not: `error` says so). `unlinked_at`: when a person took its link away.
    """

    id: int
    connection_id: int
    connection: str
    listing_ref: str
    sku: str | None
    offered_sku: str | None
    title: str
    barcode: str
    units: int
    buffer: int
    max_listed: int | None
    stocked: bool
    ats: int | None
    shown: int | None
    shown_at: datetime | None
    pending: bool
    error: str
    unlinked_at: datetime | None


def find_listings(
    db: Database, now: datetime, *, connection_id: int | None = None, sku: str = "", unlinked: bool = False,
    after: str = "", limit: int = 50,
) -> tuple[list[ListingFact], str | None]:  # fmt: skip
    """One page of listings, oldest first, and the cursor of the next."""
    query = _query()
    if connection_id is not None:
        query = query.where(_l.connection_id == connection_id)
    if sku:
        query = query.where(_l.sku == sku)
    if unlinked:
        query = query.where(_l.sku.is_(None))
    with db.read() as connection:
        shown, following = read_page(connection, query, _l.id, after, limit, newest_first=False)
        numbers = listing_numbers(connection, [row for row in shown if row.sku is not None and row.stocked], now)
    facts = [_fact(row, numbers.get((row.connection_id, row.listing_ref))) for row in shown]
    return facts, following


def _query() -> Select[Any]:
    same = and_(_p.connection_id == _l.connection_id, _p.listing_ref == _l.listing_ref)
    joined = listings.join(connections, _c.id == _l.connection_id).outerjoin(stock_pushes, same)
    columns = (_c.name.label("connection"), *_PUSHED)
    return select(listings, *columns).select_from(joined)


def _fact(row: Row[Any], ats: int | None) -> ListingFact:
    return ListingFact(
        id=row.id, connection_id=row.connection_id, connection=row.connection, listing_ref=row.listing_ref, sku=row.sku,
        offered_sku=row.offered_sku, title=row.title, barcode=row.barcode, units=row.units, buffer=row.buffer,
        max_listed=row.max_listed, stocked=row.stocked, ats=ats, shown=row.sent_value, shown_at=row.sent_at,
        pending=bool(row.seq is not None and row.seq > max(row.sent_seq, row.doubted_seq) and not row.dead),
        error=row.error or "", unlinked_at=row.unlinked_at,
    )  # fmt: skip
