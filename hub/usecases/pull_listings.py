"""Reads a shop's listings: exact SKUs link by themselves; all else, and what a person unlinked, waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hub.ports.channel import ListingOffer
from hub.store import pushes
from hub.store.database import insert_new
from hub.store.tables import items, kits, listings
from hub.usecases.context import Context
from hub.usecases.fix_holds import replay_linked
from hub.usecases.link_exact import link_exact
from hub.usecases.streams import extend, running

BATCH = 200


def pull_listings(ctx: Context, connection_id: int) -> int:
    """Store all listings of one shop; returns how many it has. One that is missing now is kept: missing is not gone."""
    count = 0
    with running(ctx, connection_id, "listings"):
        offers = ctx.channel(connection_id).pull_listings()
        while batch := list(islice(offers, BATCH)):
            count += len(batch)
            with ctx.db.write() as db:
                store_listings(db, connection_id, batch, ctx.clock())
                extend(db, ctx, connection_id, "listings")
    ctx.doorbell.ring("stock.push", connection_id)
    ctx.doorbell.ring("orders.place")
    return count


_l = listings.c
_SEEN = (
    listings.update()
    .where(_l.connection_id == bindparam("b_connection"), _l.listing_ref == bindparam("b_ref"))
    .values(
        offered_sku=bindparam("offered"), title=bindparam("name"), barcode=bindparam("code"),
        place=bindparam("where"), seen_at=bindparam("now"),
    )
)  # fmt: skip


def store_listings(db: Connection, connection_id: int, offers: Sequence[ListingOffer], now: datetime) -> None:
    """Insert new listings, refresh known ones, link exact SKUs, and run again what waited for them."""
    ordered = sorted({offer.listing_ref: offer for offer in offers}.values(), key=lambda offer: offer.listing_ref)
    insert_new(db, listings, [_row(connection_id, offer, now) for offer in ordered], ("connection_id", "listing_ref"))
    db.execute(_SEEN, [_seen(connection_id, offer, now) for offer in ordered])
    linked = _link_exact(db, connection_id, ordered)
    replay_linked(db, connection_id, linked, now)
    pushes.mark_listings(db, connection_id, linked, now)


def _row(connection_id: int, offer: ListingOffer, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection_id, "listing_ref": offer.listing_ref, "sku": None, "units": 1,
        "offered_sku": offer.sku, "title": offer.title or "", "barcode": offer.barcode or "",
        "place": dict(offer.place), "buffer": 0, "stocked": True, "seen_at": now,
    }  # fmt: skip


def _seen(connection_id: int, offer: ListingOffer, now: datetime) -> dict[str, Any]:
    return {
        "b_connection": connection_id, "b_ref": offer.listing_ref, "offered": offer.sku, "name": offer.title or "",
        "code": offer.barcode or "", "where": dict(offer.place), "now": now,
    }  # fmt: skip


def _link_exact(db: Connection, connection_id: int, offers: Iterable[ListingOffer]) -> list[str]:
    """Link these listings where they offer exactly one of our SKUs (kits too); returns their refs."""
    skus = sorted({offer.sku for offer in offers if offer.sku})
    known = set(db.scalars(select(items.c.sku).where(items.c.sku.in_(skus))))
    known |= set(db.scalars(select(kits.c.sku).where(kits.c.sku.in_(skus))))
    refs = [offer.listing_ref for offer in offers]
    here = (_l.connection_id == connection_id, _l.listing_ref.in_(refs))
    return [ref for _, ref in link_exact(db, known, *here)]
