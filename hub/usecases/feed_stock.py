"""Stock for those who ask themselves: what changed since they last acknowledged it, by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from hub.canonical.errors import BadInput, Conflict, NotAllowed, NotFound
from hub.ports.channel import Can
from hub.rules.ats import Offer
from hub.store import pushes
from hub.store.available import listing_offers
from hub.store.tables import connections, listings, stock_pushes
from hub.usecases.context import Context

_l, _p = listings.c, stock_pushes.c


@dataclass(frozen=True, slots=True)
class Change:
    """One listing whose newest number was not acknowledged. `available`: absolute, in the listing's units.

    sku: of one that was unlinked and is told 0, what it offers, or "". id: the listing's. as_of: when the number was
    worked out. version: what an acknowledgment has to name.
    """

    id: int
    listing_ref: str
    sku: str
    available: int
    as_of: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`done`: listings that are up to date now; `newer`: ids whose number changed meanwhile; `unknown`: ids that are
    none of this connection's."""

    done: int
    newer: tuple[int, ...]
    unknown: tuple[int, ...]


def connection_named(ctx: Context, name: str, only: int | None = None) -> int:
    """The id of a connection that fetches its numbers.

    Args:   only: the one connection that the asker may ask about; None: all of them.
    Raises: NotFound. NotAllowed: it is another's, or there is none. Conflict: its numbers are pushed.
    """
    with ctx.db.read() as db:
        found = db.scalar(select(connections.c.id).where(connections.c.name == name))
    if only is not None and found != only:
        raise NotAllowed(f"this key reads the stock of another connection than {name!r}")
    if found is None:
        raise NotFound(f"there is no connection named {name!r}")
    if Can.STOCK_FEED not in ctx.channel(found).spec.can:
        raise Conflict(f"the numbers of {name} are pushed to it: there is nothing to fetch")
    return int(found)


def stock_changes(
    ctx: Context, connection_id: int, *, after: int = 0, limit: int = 100
) -> tuple[list[Change], int | None]:
    """One page of what was not acknowledged, by listing id, and the id after which the next begins.

    Numbers that are not known, or too old to be told, are left out until they are better: unknown is not 0.
    """
    now = ctx.clock()
    query = _waiting(connection_id).where(_l.id > after).order_by(_l.id).limit(limit + 1)
    with ctx.db.read() as db:
        rows = db.execute(query).all()
        offers = _offers(db, rows[:limit], now)
    found = [
        Change(row.id, row.listing_ref, row.sku or row.offered_sku or "", value, now, row.seq)
        for row in rows[:limit]
        if (value := _value(row, offers)) is not None
    ]
    return found, rows[limit - 1].id if len(rows) > limit else None


def acknowledge(ctx: Context, connection_id: int, versions: Sequence[tuple[int, int]]) -> Acknowledged:
    """The dealer took these (listing id, version) over. A number that changed since stays to be fetched.

    Raises: BadInput: a version that was never given.
    """
    now, named = ctx.clock(), dict(versions)
    with ctx.db.write() as db:
        rows = {row.id: row for row in _locked(db, connection_id, named)}
        ahead = sorted(each for each, row in rows.items() if named[each] > row.seq)
        if ahead:
            raise BadInput(f"version {named[ahead[0]]} of {ahead[0]} was never given: it is at {rows[ahead[0]].seq}")
        offers = _offers(db, [row for row in rows.values() if named[row.id] == row.seq], now)
        sent = [
            pushes.Sent(row.listing_ref, named[each], _shown(row, offers, named[each]), pushes.measured(row, now))
            for each, row in rows.items() if named[each] > row.sent_seq
        ]  # fmt: skip
        pushes.settle_sent(db, connection_id, sent, now, now)
    newer = tuple(sorted(each for each, row in rows.items() if named[each] < row.seq))
    return Acknowledged(len(rows) - len(newer), newer, tuple(sorted(set(named) - set(rows))))


_COLUMNS = (*listings.c, _p.seq, _p.sent_seq, _p.sent_value, _p.changed_at, _p.latency_ms, pushes.ends().label("ends"))


def _listed(connection_id: int) -> Select[Any]:
    same = and_(_p.connection_id == _l.connection_id, _p.listing_ref == _l.listing_ref)
    return select(*_COLUMNS).join(stock_pushes, same).where(_l.connection_id == connection_id)


def _waiting(connection_id: int) -> Select[Any]:
    sells, ends = and_(_l.stocked.is_(True), _l.sku.is_not(None)), and_(pushes.ends(), _l.sku.is_(None))
    return _listed(connection_id).where(pushes.to_push(), or_(sells, ends))


def _locked(db: Connection, connection_id: int, named: dict[int, int]) -> Sequence[Row[Any]]:
    """The pushes of these listings, locked in the order in which everybody locks them."""
    query = _listed(connection_id).where(_l.id.in_(sorted(named))).order_by(_l.listing_ref)
    return db.execute(query.with_for_update(of=stock_pushes)).all()


def _offers(db: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[tuple[int, str], Offer]:
    return listing_offers(db, [row for row in rows if row.sku is not None], now)


def _value(row: Row[Any], offers: dict[tuple[int, str], Offer]) -> int | None:
    if row.sku is None:
        return 0 if row.ends else None
    return offers[row.connection_id, row.listing_ref].publish(row.sent_value)


def _shown(row: Row[Any], offers: dict[tuple[int, str], Offer], version: int) -> int:
    """What the dealer shows now; where the number changed meanwhile, what he showed before is all that is known."""
    value = _value(row, offers) if version == row.seq else None
    return int(row.sent_value or 0) if value is None else value
