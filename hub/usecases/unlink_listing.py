"""Takes the link of a listing away, or keeps it from ever having one: its channel hears of no number for it.

A person's word lasts until a person links the listing again: `unlinked_at` keeps it against an offered SKU of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import NotFound
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

    sku:  what it was; None: it had no link, and stays so. shown: what the channel was last told; None: nothing.
    gone: nobody but a person ever named it: it is no listing any more. zero: the channel is to be told 0 of it yet.
    """

    sku: str | None
    shown: int | None
    gone: bool
    zero: bool = False


def unlink_listing(
    ctx: Context, connection_id: int, listing_ref: str, *, zero: bool = False, actor: str
) -> Unlinked:  # fmt: skip
    """Orders that came stay as they were read; later ones of this listing wait for a person. Twice is as once.

    Args:   zero: tell the channel 0 of it, once; it goes out as every number does, past the mass-zero breaker, since a
                  person named it. Of what only a person ever named it is told where the channel took a number before.
    Raises: NotFound: no such listing, with those that may be meant.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, connection_id, listing_ref)
        shown, waits = pushes.last_word(db, connection_id, listing_ref)
        tells = zero and (shown is not None or not _only_a_person_named(db, row))
        done = Unlinked(row.sku, shown, not tells and _only_a_person_named(db, row), tells or (waits and not row.sku))
        _write(db, row, done, now)
        if tells:
            pushes.tell_zero(db, connection_id, listing_ref, now)
        elif row.sku:
            pushes.drop(db, connection_id, listing_ref)
        if tells or row.unlinked_at is None:
            words = {"sku": row.sku} | ({"told": 0} if tells else {})
            record(db, now, actor, "listing.unlinked", f"listing:{connection_id}:{listing_ref}", **words)
    if tells:
        ctx.doorbell.ring("stock.push", connection_id)
    return done


def _write(db: Connection, row: Row[Any], done: Unlinked, now: datetime) -> None:
    which = (_l.connection_id == row.connection_id, _l.listing_ref == row.listing_ref)
    kept = listings.update().where(*which).values(sku=None, units=1, unlinked_at=row.unlinked_at or now)
    db.execute(listings.delete().where(*which) if done.gone else kept)


def _only_a_person_named(db: Connection, row: Row[Any]) -> bool:
    """No reading showed it, no order named it, and it is not called as a SKU of ours, which an order may name yet.

    A person names one by linking it: one without a link came from a reading.
    """
    read = row.sku is None or row.offered_sku or row.title or row.barcode or row.place
    named = read or known_skus(db, [row.listing_ref]) or ordered(db, row.connection_id, row.listing_ref)
    return not named


def _locked(db: Connection, connection_id: int, listing_ref: str) -> Row[Any]:
    which = (_l.connection_id == connection_id, _l.listing_ref == listing_ref)
    row = db.execute(select(listings).where(*which).with_for_update()).one_or_none()
    if row is None:
        name = db.scalar(select(connections.c.name).where(connections.c.id == connection_id))
        found = near_words(db, connection_id, listing_ref)
        raise NotFound(f"{name} has no listing {listing_ref!r}: {found}")
    return row
