"""What suppliers still have to bring of some SKUs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from hub.store.selling import chunks
from hub.store.tables import expected_receipts

_e = expected_receipts.c


@dataclass(frozen=True, slots=True)
class Coming:
    """Pieces that have not come yet. `due_on` None: nobody knows when. `ref`: what people call the purchase."""

    id: int
    sku: str
    warehouse: str
    pieces: int
    due_on: date | None
    ref: str


def read_coming(db: Connection, skus: Collection[str]) -> dict[str, list[Coming]]:
    """SKU -> what is expected of it, the earliest day first, days that nobody knows last."""
    open_pieces = _e.quantity - _e.received - _e.missing
    found: dict[str, list[Coming]] = defaultdict(list)
    for part in chunks(sorted(set(skus))):
        query = select(_e.id, _e.sku, _e.warehouse, open_pieces, _e.due_on, _e.ref)
        for row in db.execute(query.where(_e.sku.in_(part), _e.state == "open", open_pieces > 0).order_by(_e.id)):
            found[row.sku].append(Coming(*row))
    for rows in found.values():
        rows.sort(key=lambda row: (row.due_on or date.max, row.id))
    return dict(found)
