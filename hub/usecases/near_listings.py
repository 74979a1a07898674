"""Whether a shop has a listing, as far as its listings were read; else which of its listings may be meant."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, or_, select

from hub.canonical.errors import NotFound
from hub.canonical.told import told
from hub.rules.similar import KnownSku, similar_skus
from hub.store.tables import connections, listings, order_lines, orders, streams

_l, _s, _c, _o = listings.c, streams.c, connections.c, order_lines.c
COMPARED = 20_000
"""At most so many listings are compared with one that is not there."""
NAMED = 3


def must_be_listed(db: Connection, connection_id: int, listing_ref: str) -> None:
    """A shop whose listings are read must have this one, or an order of it; of others, a dealer's files say, nothing is
    known.

    Raises: NotFound, with the listings that may be meant.
    """
    query = select(_c.name, _s.ok_at).join(streams, _s.connection_id == _c.id)
    shop = db.execute(query.where(_c.id == connection_id, _s.stream == "listings")).one_or_none()
    if shop is None or _is_known(db, connection_id, listing_ref):
        return
    name, pull = shop.name, f"stockline connection pull {shop.name}"
    if shop.ok_at is None:
        raise NotFound(f"no listing of {name} was read yet: read them first ({pull}), then link them")
    found = near_words(db, connection_id, listing_ref)
    raise NotFound(f"{name} has no listing {listing_ref!r}: {found}. If it is new there, read the listings: {pull}")


def _is_known(db: Connection, connection_id: int, ref: str) -> bool:
    """From the shop's listings, else from what its orders named."""
    here = (_l.connection_id == connection_id, _l.listing_ref == ref)
    return db.scalar(select(_l.id).where(*here)) is not None or ordered(db, connection_id, ref)


def ordered(db: Connection, connection_id: int, ref: str) -> bool:
    """Whether an order of the shop names this listing."""
    named = or_(_o.listing_ref == ref, and_(func.coalesce(_o.listing_ref, "") == "", _o.offered_sku == ref))
    query = select(_o.id).join(orders, orders.c.id == _o.order_id).where(orders.c.connection_id == connection_id, named)
    return db.scalar(query.limit(1)) is not None


def near_words(db: Connection, connection_id: int, text: str) -> str:
    """Which of the shop's listings may be meant, as "REF (SKU, title)"."""
    near = ", ".join(_near(db, connection_id, text))
    return told(f"called most alike: {near}") if near else told("none is called alike")


def _near(db: Connection, connection_id: int, text: str) -> list[str]:
    """By their reference, SKU or title; each is read as a title too, as a wrong digit may be a slip of the hand."""
    query = select(_l.listing_ref, _l.offered_sku, _l.title).where(_l.connection_id == connection_id)
    rows = db.execute(query.order_by(_l.listing_ref).limit(COMPARED)).all()
    names = {name: row for row in rows for name in (row.title, row.offered_sku, row.listing_ref) if name}
    found = similar_skus(text, [KnownSku(name, title=name) for name in names], title=text, top=9)
    near = {names[one.sku].listing_ref: names[one.sku] for one in found}
    return [_shown(row.listing_ref, row.offered_sku, row.title) for row in list(near.values())[:NAMED]]


def _shown(ref: str, sku: str | None, title: str) -> str:
    more = ", ".join(part for part in (sku, title) if part and part != ref)
    return f"{ref} ({more})" if more else ref
