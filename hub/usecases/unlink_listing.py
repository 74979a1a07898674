"""Takes the link of a listing away: it is no SKU of ours any more, and its channel hears of no number for it.

A person's word lasts until a person links the listing again: `unlinked_at` keeps it against an offered SKU of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import Conflict, NotFound
from hub.store import pushes
from hub.store.audit import record
from hub.store.known import known_skus
from hub.store.tables import connections, listings
from hub.usecases.context import Context
from hub.usecases.near_listings import near_words, ordered

_l = listings.c


@dataclass(frozen=True, slots=True)
class Unlinked:
    """What becomes of a listing without its link.

    sku:  what it was. shown: what the channel goes on showing; None where nothing was ever told.
    gone: nobody but a person ever named it: it is no listing any more.
    """

    sku: str
    shown: int | None
    gone: bool


def unlink_listing(ctx: Context, connection_id: int, listing_ref: str, *, actor: str) -> Unlinked:
    """Orders that came stay as they were read; later ones of this listing wait for a person.

    Raises: NotFound: no such listing, with those that may be meant. Conflict: it has no link.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, connection_id, listing_ref)
        gone = _only_a_person_named(db, row)
        which = (_l.connection_id == connection_id, _l.listing_ref == listing_ref)
        kept = listings.update().where(*which).values(sku=None, units=1, unlinked_at=now)
        db.execute(listings.delete().where(*which) if gone else kept)
        shown = pushes.drop(db, connection_id, listing_ref)
        record(db, now, actor, "listing.unlinked", f"listing:{connection_id}:{listing_ref}", sku=row.sku)
    return Unlinked(row.sku, shown, gone)


def _only_a_person_named(db: Connection, row: Row[Any]) -> bool:
    """No reading showed it, no order named it, and it is not called as a SKU of ours, which an order may name yet."""
    read = row.offered_sku or row.title or row.barcode or row.place
    named = read or known_skus(db, [row.listing_ref]) or ordered(db, row.connection_id, row.listing_ref)
    return not named


def _locked(db: Connection, connection_id: int, listing_ref: str) -> Row[Any]:
    which = (_l.connection_id == connection_id, _l.listing_ref == listing_ref)
    row = db.execute(select(listings).where(*which).with_for_update()).one_or_none()
    if row is None:
        name = db.scalar(select(connections.c.name).where(connections.c.id == connection_id))
        found = near_words(db, connection_id, listing_ref)
        raise NotFound(f"{name} has no listing {listing_ref!r}: {found}")
    if row.sku is None:
        raise Conflict(f"listing {listing_ref} is linked to no SKU")
    return row
