"""Why numbers fell to 0: which listings were told one, and what lowered the stock of their SKUs last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, exists, func, or_, select

from hub.store import pushes
from hub.store.tables import audit_log, kits, listings, stock_ledger, stock_pushes

_p, _l, _a = stock_pushes.c, stock_ledger.c, audit_log.c
BY_HAND = ("adjust", "count", "state", "safety")
"""Kinds of the ledger by which a person, a file or another system lowers what may be sold; transfers and what a picker
misses on a shelf are none of them."""
SOLD = "reserve"
_SAME = and_(listings.c.connection_id == _p.connection_id, listings.c.listing_ref == _p.listing_ref)
LISTED = stock_pushes.join(listings, _SAME)
_KEPT = (listings.c.stocked.is_(True), listings.c.sku.is_not(None))
IN_DOUBT = (pushes.doubted(), *_KEPT)
"""The conditions over `LISTED` of a listing that follows the stock and whose 0 waits for a person."""
FORGOTTEN = and_(pushes.doubted(), ~exists().where(_SAME, *_KEPT))
"""The condition of a push whose 0 was doubted before its listing was taken off the stock: it waits for nobody."""
LOOKED_AT = ("stock.breaker", "breaker.allowed", "breaker.armed")
"""Entries of the audit log since which a person has the zeros of a channel before him."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """What lowered a SKU's stock last: a kind of the ledger, and when."""

    kind: str
    at: datetime

    @property
    def by_hand(self) -> bool:
        return self.kind in BY_HAND


def last_lowered(db: Connection, skus: Iterable[str]) -> dict[str, Lowered]:
    """By SKU; one that was never lowered is missing."""
    rows = db.execute(select(_l.sku, _l.kind, _l.at).where(_l.id.in_(_newest(_l.sku.in_(sorted(skus))))))
    return {row.sku: Lowered(row.kind, row.at) for row in rows}


def sold_at(db: Connection, skus: Iterable[str], moments: Iterable[datetime]) -> set[tuple[str, datetime]]:
    """(SKU, moment) of these, where an order reserved pieces of that SKU right then."""
    which = (_l.sku.in_(sorted(skus)), _l.at.in_(sorted(moments)), _l.kind == SOLD, _l.reserved > 0)
    return {(row.sku, row.at) for row in db.execute(select(_l.sku, _l.at).where(*which))}


def looked_at(db: Connection, connection_id: int) -> datetime | None:
    """When the breaker of a channel stopped something last, or a person switched it."""
    mine = (_a.subject == f"connection:{connection_id}", _a.action.in_(LOOKED_AT))
    return db.scalar(select(_a.at).where(*mine).order_by(_a.id.desc()).limit(1))


def any_doubted(db: Connection, connection_id: int) -> bool:
    """Whether a 0 of the channel waits for a person."""
    waits = select(_p.listing_ref).select_from(LISTED).where(_p.connection_id == connection_id, *IN_DOUBT)
    return db.scalar(waits.limit(1)) is not None


def doubted_skus(db: Connection, connection_id: int) -> dict[str, int]:
    """SKU -> how many of its listings wait for a person with 0 on one channel."""
    query = select(listings.c.sku, func.count()).select_from(LISTED).group_by(listings.c.sku)
    rows = db.execute(query.where(_p.connection_id == connection_id, *IN_DOUBT).order_by(listings.c.sku))
    return {row[0]: row[1] for row in rows}


def count_doubted(db: Connection) -> dict[int, int]:
    """Connection -> how many of its listings wait for a person with 0; without those where none does."""
    query = select(_p.connection_id, func.count()).select_from(LISTED).where(*IN_DOUBT).group_by(_p.connection_id)
    return {row[0]: row[1] for row in db.execute(query)}


def count_told(db: Connection, connection_id: int, since: datetime) -> int:
    """How many of the channel's listings were told 0 since then."""
    return int(db.scalar(select(func.count()).select_from(LISTED).where(*_told(connection_id, since))) or 0)


def told_by_hand(db: Connection, connection_id: int, since: datetime) -> dict[str, str]:
    """Listing -> SKU, of those that were told 0 since then because that SKU, or part of a kit, was lowered by hand."""
    part = func.coalesce(kits.c.component, listings.c.sku).label("part")
    parts = LISTED.outerjoin(kits, kits.c.sku == listings.c.sku)
    told = select(_p.listing_ref, part).select_from(parts).where(*_told(connection_id, since)).subquery()
    query = select(told.c.listing_ref, told.c.part).join(stock_ledger, _l.sku == told.c.part)
    by_hand = (_l.id.in_(_newest(_l.sku.in_(select(told.c.part)))), _l.kind.in_(BY_HAND), _l.at >= since)
    return {row.listing_ref: row.part for row in db.execute(query.where(*by_hand))}


def _told(connection_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_p.connection_id == connection_id, _p.sent_value == 0, _p.sent_at > since, *_KEPT)


def _newest(of_skus: ColumnElement[bool]) -> ScalarSelect[Any]:
    """The last entry of each SKU that lowered what may be sold of it."""
    put_aside = and_(_l.kind.in_(("state", "safety")), _l.actor != "hub")
    more = or_(_l.damaged > 0, _l.quality_hold > 0, _l.safety > 0)
    lowered = or_(and_(_l.kind == SOLD, _l.reserved > 0), and_(_l.on_hand < 0, _l.kind != "ship"), put_aside & more)
    return select(func.max(_l.id)).where(of_skus, lowered).group_by(_l.sku).scalar_subquery()
