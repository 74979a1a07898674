"""Writes down how far the stock of a SKU in a place is believed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from hub.rules.confidence import WHOLE, after_miss
from hub.store import bulk
from hub.store.database import upsert
from hub.store.tables import place_confidences

Key = tuple[str, str]
"""(warehouse, sku)"""

_c = place_confidences.c


def read_confidence(db: Connection, skus: Iterable[str]) -> dict[Key, int]:
    """(warehouse, sku) -> permille, where it is not believed wholly."""
    names, doubted = ("warehouse", "sku", "permille"), f"AND t.permille < {WHOLE}"
    rows = bulk.read(db, place_confidences, {"sku": sorted(set(skus))}, names, doubted)
    return {(warehouse, sku): permille for warehouse, sku, permille in rows}


def lose(db: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Pieces were not where the books said; the balances of these SKUs are locked by the caller."""
    wanted = sorted(set(keys))
    known = {
        (row.warehouse, row.sku): row
        for row in db.execute(select(place_confidences).where(tuple_(_c.warehouse, _c.sku).in_(wanted)))
    }
    for key in wanted:
        before, misses = (known[key].permille, known[key].misses) if key in known else (WHOLE, 0)
        row = {"permille": after_miss(before), "misses": misses + 1, "updated_at": now}
        statement = upsert(db, place_confidences).values(row | {"warehouse": key[0], "sku": key[1]})
        db.execute(statement.on_conflict_do_update(index_elements=["warehouse", "sku"], set_=row))


def regain(db: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Somebody counted these: the books are believed wholly again."""
    whole = {"permille": WHOLE, "misses": 0, "updated_at": now}
    db.execute(place_confidences.update().where(tuple_(_c.warehouse, _c.sku).in_(sorted(set(keys)))).values(whole))
