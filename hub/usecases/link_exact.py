"""Links listings that offer exactly a SKU of ours; what a person unlinked stays so."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, bindparam

from hub.store.database import by_code_points
from hub.store.tables import listings

_l = listings.c
_LINK = (
    listings.update()
    .where(_l.connection_id == bindparam("b_connection"), _l.listing_ref == bindparam("b_ref"))
    .values(sku=_l.offered_sku)
)


def link_exact(db: Connection, skus: Collection[str], *which: ColumnElement[bool]) -> list[tuple[int, str]]:
    """Link what never had a link and offers one of these SKUs; returns (connection_id, listing_ref), sorted.

    Args: skus: of ours, kits too. which: more conditions of the listings.
    """
    free = (_l.sku.is_(None), _l.unlinked_at.is_(None), _l.offered_sku.in_(sorted(skus)), *which)
    query = listings.select().with_only_columns(_l.connection_id, _l.listing_ref).where(*free)
    rows = db.execute(query.order_by(_l.connection_id, by_code_points(db, _l.listing_ref)).with_for_update()).all()
    if rows:
        db.execute(_LINK, [{"b_connection": row.connection_id, "b_ref": row.listing_ref} for row in rows])
    return [(row.connection_id, row.listing_ref) for row in rows]
