"""What is stopped on active connections, and what waits with 0 where the mass-zero breaker did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.rules.ats import Offer
from hub.rules.stopped import by_breaker, in_words
from hub.store.available import listing_offers, read_listings
from hub.store.database import Database
from hub.store.tables import connections, stock_pushes, streams

_c, _s, _p = connections.c, streams.c, stock_pushes.c
SHOWN = 10
"""So many SKUs are named."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """One stopped stream of a connection. `why`: in words, "" where a person stopped a healthy one."""

    connection_id: int
    connection: str
    stream: str
    why: str
    breaker: bool


@dataclass(frozen=True, slots=True)
class Zeros:
    """What waits with 0 on a connection, though its channel shows more.

    listings: how many. skus: theirs, by code, the first `SHOWN`. more: SKUs that are not among these.
    """

    listings: int
    skus: tuple[str, ...]
    more: int


def read_stopped(db: Database, connection_id: int | None = None) -> list[Stopped]:
    """The stopped streams of all active connections, or of one, in whatever state it is; by name."""
    query = select(_s.connection_id, _c.name, _s.stream, _s.error).join(connections, _c.id == _s.connection_id)
    which = _c.state == "active" if connection_id is None else _c.id == connection_id
    query = query.where(_s.paused.is_(True), which).order_by(_c.name, _s.stream)
    with db.read() as connection:
        return [
            Stopped(row.connection_id, row.name, row.stream, in_words(row.error), by_breaker(True, row.error))
            for row in connection.execute(query)
        ]


def read_unwatched(db: Database) -> list[str]:
    """Connections whose mass-zero breaker a person switched off, by name."""
    with db.read() as connection:
        rows = connection.execute(select(_c.name, _c.settings).order_by(_c.name)).all()
    return [row.name for row in rows if row.settings.get("allow_mass_zero") == "yes"]


def read_zeros(db: Database, connection_id: int, now: datetime) -> Zeros:
    """The listings that the next pushes would set to 0, as the stock is now."""
    with db.read() as connection:
        skus = _falling(connection, connection_id, now)
    different = sorted(set(skus))
    return Zeros(len(skus), tuple(different[:SHOWN]), len(different[SHOWN:]))


def _falling(db: Connection, connection_id: int, now: datetime) -> list[str]:
    """The SKU of each listing that shows more than 0 and waits with 0."""
    waiting = (_p.connection_id == connection_id, _p.seq > _p.sent_seq, _p.dead.is_(False), _p.sent_value > 0)
    sent = {
        row.listing_ref: row.sent_value for row in db.execute(select(_p.listing_ref, _p.sent_value).where(*waiting))
    }
    rows = [row for row in read_listings(db, connection_id) if row.listing_ref in sent] if sent else []
    offers = listing_offers(db, rows, now)
    return [row.sku for row in rows if _falls(offers[row.connection_id, row.listing_ref], sent[row.listing_ref])]


def _falls(offer: Offer, sent: int) -> bool:
    number = offer.publish(sent)
    return number is not None and number <= 0
