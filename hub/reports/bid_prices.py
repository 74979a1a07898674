"""The bid prices as they stand, dearest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hub.rules.bid_forecast import HORIZON
from hub.store.database import Database
from hub.store.tables import bid_prices

_b = bid_prices.c


@dataclass(frozen=True, slots=True)
class BidPriceFact:
    """What a piece of a SKU in a warehouse is worth for the orders to come.

    price: micros of the house currency. used: whether plans still look at it; it is too old otherwise.
    """

    warehouse: str
    sku: str
    price: int
    computed_at: datetime
    used: bool


def find_bid_prices(db: Database, now: datetime, sku: str | None = None, limit: int = 100) -> tuple[BidPriceFact, ...]:
    """All prices, or those of one SKU; at most `limit`, the dearest ones."""
    query = select(_b.warehouse, _b.sku, _b.price, _b.computed_at).order_by(_b.price.desc(), _b.sku, _b.warehouse)
    query = query if sku is None else query.where(_b.sku == sku)
    with db.read() as connection:
        rows = connection.execute(query.limit(limit)).all()
    return tuple(BidPriceFact(*row, used=row.computed_at > now - HORIZON) for row in rows)
