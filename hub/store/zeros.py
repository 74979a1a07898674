"""Zeros of the last hour: which listings were told one, and whose stock somebody wrote down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from hub.store.tables import listings, stock_ledger, stock_pushes

_p, _l = stock_pushes.c, stock_ledger.c
BY_HAND = ("adjust", "count")
"""Kinds of the ledger by which a person, a file or another system writes stock down; orders, parcels, transfers and
what a picker misses on a shelf are no reason for doubt."""


def count_told(db: Connection, connection_id: int, since: datetime) -> int:
    """How many of the channel's listings were told 0 since then."""
    return int(db.scalar(_told(connection_id, since, func.count())) or 0)


def told_written_down(db: Connection, connection_id: int, since: datetime) -> dict[str, str]:
    """Listing -> SKU, of those that were told 0 since then and whose pieces were written down since then."""
    down = select(_l.id).where(_l.sku == listings.c.sku, *_down(since)).exists()
    found = db.execute(_told(connection_id, since, _p.listing_ref, listings.c.sku).where(down))
    return {row.listing_ref: row.sku for row in found}


def written_down(db: Connection, skus: Iterable[str], since: datetime) -> set[str]:
    """Those of the SKUs whose pieces were written down since then."""
    return set(db.scalars(select(_l.sku).where(_l.sku.in_(sorted(skus)), *_down(since)).distinct()))


def _told(connection_id: int, since: datetime, *what: Any) -> Select[Any]:
    here = and_(listings.c.connection_id == _p.connection_id, listings.c.listing_ref == _p.listing_ref)
    told = (_p.connection_id == connection_id, _p.sent_value == 0, _p.sent_at >= since)
    kept = (listings.c.stocked.is_(True), listings.c.sku.is_not(None))
    return select(*what).select_from(stock_pushes.join(listings, here)).where(*told, *kept)


def _down(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_l.at >= since, _l.kind.in_(BY_HAND), _l.on_hand < 0)
