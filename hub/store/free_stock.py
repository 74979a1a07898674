"""What of the balances of one place may be promised: all lots together that are still good, less the safety stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from hub.rules.lots import lives_long_enough
from hub.store.tables import stock_lots

_t = stock_lots.c
Free = tuple[str, str, str, int, int]
"""(warehouse, sku, lot, free pieces with the safety stock, safety stock)"""
Place = tuple[str, str]
"""(warehouse, sku)"""
Expiry = Mapping[tuple[str, str], date]
"""(sku, lot) -> last good day, of the lots that have one"""


def read_expiry(db: Connection, skus: Collection[str]) -> Expiry:
    """The last good days of all lots of these SKUs."""
    if not skus:
        return {}
    rows = db.execute(select(_t.sku, _t.lot, _t.expires_on).where(_t.sku.in_(sorted(skus)), _t.expires_on.is_not(None)))
    return {(row.sku, row.lot): row.expires_on for row in rows}


def free_of_places(rows: Sequence[Free], expiry: Expiry, today: date) -> dict[Place, int]:
    """Pieces that may be promised, by place; negative where less than the safety stock lies there.

    Args: rows: all balances of each place, for its safety stock is kept once, and not in every lot.
    """
    free: dict[Place, int] = defaultdict(int)
    for place, sku, lot, there, safety in rows:
        good = lives_long_enough(expiry.get((sku, lot)), today, 0)
        free[place, sku] += (there if good else 0) - safety
    return dict(free)
