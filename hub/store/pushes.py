"""Stock pushes: one row per listing, raised by every change, leased while the channel is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, or_, select

from hub.rules.lag import MEASURED
from hub.store import bulk
from hub.store.columns import Json, Utc
from hub.store.database import at_end
from hub.store.tables import kits, listings, stock_pushes

_p = stock_pushes.c


Key = tuple[int, str]
"""(connection_id, listing_ref)"""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a listing is due that waits for a person."""

Sold = tuple[int, str | None, int]
"""(connection_id, listing_ref, units that the shop took off its number)"""


def to_push() -> ColumnElement[bool]:
    """The condition of a listing whose number is to go out: newer than the confirmed one, not doubted, not given up."""
    return and_(_p.seq > _p.sent_seq, _p.seq > _p.doubted_seq, _p.dead.is_(False))


def doubted() -> ColumnElement[bool]:
    """The condition of a listing whose 0 waits for a person; any change of its number has it looked at again."""
    return and_(_p.seq > _p.sent_seq, _p.seq == _p.doubted_seq)


def ends() -> ColumnElement[bool]:
    """The condition of a listing of which 0 is to be told although, or because, it is no SKU any more."""
    return _p.zero_seq > _p.sent_seq


def mark_skus(db: Connection, skus: Iterable[str], now: datetime) -> None:
    """Every stocked listing that sells one of these SKUs, or a kit of them, should be pushed: one row each."""
    at_end(db, _touch, [("sku", sku, now) for sku in sorted(set(skus))])


def mark_listings(db: Connection, connection_id: int, refs: Iterable[str], now: datetime) -> None:
    """Push these listings again."""
    at_end(db, _touch, [("listing", (connection_id, ref), now) for ref in sorted(set(refs))])


def mark_all(db: Connection, now: datetime, connection_id: int | None = None) -> None:
    """Push every listing again, of one connection or of all."""
    at_end(db, _touch, [("all", connection_id, now)])


def note_sold(db: Connection, sold: Iterable[Sold], now: datetime) -> None:
    """The shops themselves took these units off their numbers when they sold them (negative: put them back).

    What stands there is then what a compare-and-set has to expect. A wrong guess costs one stale answer, never stock.
    """
    at_end(db, _touch, [("sold", (connection_id, ref or "", units), now) for connection_id, ref, units in sold])


_IDLE = "d.seq > 0 AND (t.seq = t.sent_seq OR t.seq = t.doubted_seq)"
_EMPTIED = "t.sent_value + d.sent_value <= 0"
_STARTS = f"{_IDLE} OR (t.seq = t.doubted_seq AND {_EMPTIED})"
_TOUCHED = (
    *bulk.adding("seq", "sent_value"),
    ("doubted_seq", f"CASE WHEN {_EMPTIED} THEN 0 ELSE t.doubted_seq END"),
    ("changed_at", f"CASE WHEN {_STARTS} THEN d.changed_at ELSE t.changed_at END"),
    ("due_at", f"CASE WHEN {_STARTS} THEN d.changed_at ELSE t.due_at END"),
    ("attempts", "CASE WHEN t.dead AND d.seq > 0 THEN 0 ELSE t.attempts END"),
    ("dead", "t.dead AND d.seq = 0"),
)
"""`d.seq` is 1 where the listing should be pushed, 0 where only its shop's own number changed. A shop that sold its
last piece by itself shows 0 already: there is nothing to doubt any more."""


def _touch(db: Connection, notes: Sequence[tuple[str, Any, datetime]]) -> None:
    """What a transaction noted of listings: locked in key order at its end, then changed in one statement.

    So whoever locks pushes asks for no order and no balance afterwards, and nobody waits in a circle.
    """
    marked, sold, now = _marked(db, notes), _sums(notes), notes[-1][2]
    keys = sorted(marked | sold.keys())
    columns = _columns(keys)
    there = _lock(db, keys)
    blank = {"seq": 0, "sent_seq": 0, "changed_at": now, "due_at": now, "attempts": 0, "error": "", "dead": False}
    missing = _columns([key for key in keys if key in marked and key not in there])
    bulk.insert_new(db, stock_pushes, missing, tuple(columns), blank)
    values: bulk.Columns = {
        "seq": [int(key in marked) for key in keys], "sent_value": [-sold.get(key, 0) for key in keys],
        "changed_at": [now] * len(keys),
    }  # fmt: skip
    bulk.update(db, stock_pushes, columns, values, sets=_TOUCHED)


def _marked(db: Connection, notes: Sequence[tuple[str, Any, datetime]]) -> set[Key]:
    """The stocked, linked listings that should be pushed."""
    skus = sorted({what for kind, what, _ in notes if kind == "sku"})
    made_of_them = {row[0] for row in bulk.read(db, kits, {"component": skus}, ("sku",))}
    names, stocked = ("connection_id", "listing_ref"), "AND t.stocked AND t.sku IS NOT NULL"
    found = [*bulk.read(db, listings, {"sku": sorted(made_of_them.union(skus))}, names, stocked)]
    refs = sorted({what for kind, what, _ in notes if kind == "listing"})
    found += bulk.read(db, listings, _columns(refs), names, stocked)
    for only in {what for kind, what, _ in notes if kind == "all"}:
        query = select(listings.c.connection_id, listings.c.listing_ref).where(
            listings.c.stocked.is_(True), listings.c.sku.is_not(None)
        )
        found += db.execute(query if only is None else query.where(listings.c.connection_id == only)).all()
    return {(connection_id, ref) for connection_id, ref in found}


def _sums(notes: Sequence[tuple[str, Any, datetime]]) -> dict[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for kind, what, _ in notes:
        if kind == "sold":
            sums[what[0], what[1]] += what[2]
    return {key: units for key, units in sums.items() if units}


def _columns(keys: Sequence[Key]) -> dict[str, Sequence[Any]]:
    return {"connection_id": [key[0] for key in keys], "listing_ref": [key[1] for key in keys]}


def lock(db: Connection, connection_id: int, refs: Iterable[str]) -> None:
    """Lock these listings' rows in key order, before several of them are changed in any other: no circle of waiting."""
    _lock(db, [(connection_id, ref) for ref in sorted(refs)])


def _lock(db: Connection, keys: Sequence[Key]) -> set[Key]:
    """Lock rows in key order, refs by code points; returns which there are. SQLite has one writer and needs no lock."""
    columns = _columns(keys)
    order = 'ORDER BY t.connection_id, t.listing_ref COLLATE "C" FOR UPDATE OF t'
    tail = "" if db.dialect.name == "sqlite" else order
    return {(row[0], row[1]) for row in bulk.read(db, stock_pushes, columns, tuple(columns), tail)}


_LEASED = (
    _p.listing_ref, _p.seq, _p.sent_seq, _p.doubted_seq, _p.sent_value, _p.attempts, _p.changed_at, _p.latency_ms,
    ends().label("ends"),
)  # fmt: skip


def lease(
    db: Connection, connection_id: int, limit: int, now: datetime, lease_s: float, only: Sequence[str] | None = None
) -> Sequence[Row[Any]]:
    """Take up to `limit` waiting listings for one channel call; returns their rows, sorted by ref.

    only: of these refs, whether they are due or not. Those whose 0 waited go first: no other 0 is judged without them.
    """
    free = or_(_p.leased_until.is_(None), _p.leased_until < now)
    wanted = _p.due_at <= now if only is None else _p.listing_ref.in_(only)
    waiting = and_(_p.connection_id == connection_id, to_push(), wanted, free)
    first = (_p.doubted_seq > _p.sent_seq).desc()
    refs = db.scalars(
        select(_p.listing_ref).where(waiting).order_by(first, _p.changed_at, _p.listing_ref).limit(limit)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    if not refs:
        return []
    statement = (
        stock_pushes.update()
        .where(_p.connection_id == connection_id, _p.listing_ref.in_(refs))
        .values(leased_until=now + timedelta(seconds=lease_s))
        .returning(*_LEASED)
    )
    return sorted(db.execute(statement).all(), key=lambda row: row.listing_ref)


def count_shown(db: Connection, connection_id: int) -> int:
    """How many listings of a channel that are kept in stock show more than 0 there, as last known."""
    here = and_(listings.c.connection_id == _p.connection_id, listings.c.listing_ref == _p.listing_ref)
    ours = (listings.c.stocked.is_(True), listings.c.sku.is_not(None))
    query = select(func.count()).select_from(stock_pushes.join(listings, here))
    return int(db.scalar(query.where(_p.connection_id == connection_id, _p.sent_value > 0, *ours)) or 0)


_ONE = and_(_p.connection_id == bindparam("b_connection"), _p.listing_ref == bindparam("b_ref"))
_SENT = (
    stock_pushes.update()
    .where(_ONE)
    .values(
        sent_seq=case((_p.sent_seq > bindparam("b_seq"), _p.sent_seq), else_=bindparam("b_seq")),
        sent_value=bindparam("value"), sent_at=bindparam("now"), leased_until=None, attempts=0, error="",
        due_at=bindparam("now"), latency_ms=bindparam("latencies", type_=Json),
        changed_at=case((_p.seq > bindparam("b_seq"), bindparam("b_leased", type_=Utc)), else_=_p.changed_at),
    )
)  # fmt: skip
_HELD = (
    stock_pushes.update()
    .where(_ONE)
    .values(
        sent_seq=case((_p.sent_seq > bindparam("b_seq"), _p.sent_seq), else_=bindparam("b_seq")),
        leased_until=None, attempts=0, error=bindparam("why"),
    )
)  # fmt: skip
_UNSENT = (
    stock_pushes.update()
    .where(_ONE)
    .values(
        sent_value=func.coalesce(bindparam("seen"), _p.sent_value), leased_until=None, attempts=bindparam("tries"),
        error=bindparam("why"), due_at=bindparam("due"), dead=bindparam("given_up"),
    )
)  # fmt: skip
_DOUBTED = (
    stock_pushes.update()
    .where(_ONE)
    .values(doubted_seq=bindparam("b_seq"), due_at=NEVER, leased_until=None, error=bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A leased listing that the channel now shows `value` for. `latency_ms`: its measured times, the newest last."""

    listing_ref: str
    seq: int
    value: int
    latency_ms: Sequence[int]


_WAITED = (("changed_at", "CASE WHEN t.seq = t.doubted_seq THEN d.changed_at ELSE t.changed_at END"),)
"""The time that a 0 waited for a person is none of the channel's."""


def measured(row: Row[Any], now: datetime) -> list[int]:
    """The times from change to confirmation of a leased listing that was confirmed `now`, the last ones."""
    elapsed = max(0, round((now - row.changed_at).total_seconds() * 1000))
    return [*(row.latency_ms or ()), elapsed][-MEASURED:]


def settle_sent(
    db: Connection, connection_id: int, sent: Sequence[Sent], now: datetime, leased_at: datetime
) -> None:  # fmt: skip
    """The channel shows these. A change after the lease keeps the row waiting; it came no earlier than `leased_at`."""
    rows = [
        {"b_connection": connection_id, "b_ref": one.listing_ref, "b_seq": one.seq, "value": one.value, "now": now,
         "latencies": list(one.latency_ms), "b_leased": leased_at}
        for one in sorted(sent, key=lambda one: one.listing_ref)
    ]  # fmt: skip
    if rows:
        db.execute(_SENT, rows)


def settle_held(db: Connection, connection_id: int, held: Sequence[tuple[str, int, str]]) -> None:
    """These (listing_ref, seq, why) have nothing to tell: their numbers are unknown, or too old to raise anything."""
    rows = [
        {"b_connection": connection_id, "b_ref": ref, "b_seq": seq, "why": why[:500]} for ref, seq, why in sorted(held)
    ]
    if rows:
        db.execute(_HELD, rows)


def settle_doubted(db: Connection, connection_id: int, seqs: Mapping[str, int], why: str) -> None:
    """The 0 of these leased listings (listing_ref -> seq) is told when a person says so, or their number changes."""
    rows = [
        {"b_connection": connection_id, "b_ref": ref, "b_seq": seq, "why": why} for ref, seq in sorted(seqs.items())
    ]
    if rows:
        db.execute(_DOUBTED, rows)


def lock_unsent(db: Connection, connection_id: int) -> list[str]:
    """Lock the listings whose newest number is not told yet, once no batch judges them any more; returns their refs."""
    mine = and_(_p.connection_id == connection_id, _p.seq > _p.sent_seq)
    refs = sorted(db.scalars(select(_p.listing_ref).where(mine)))
    lock(db, connection_id, refs)
    return refs


def doubt_no_more(db: Connection, connection_id: int, now: datetime) -> int:
    """What waits for a person with 0 is due now; returns how many listings. Call it before streams are changed.

    It waits for a batch that is being judged: whose zeros are doubted just then are let go too.
    """
    columns = _columns([(connection_id, ref) for ref in lock_unsent(db, connection_id)])
    values = {"changed_at": [now] * len(columns["listing_ref"])}
    shared = {"doubted_seq": 0, "due_at": now, "error": ""}
    return bulk.update(db, stock_pushes, columns, values, shared, sets=_WAITED, guard="t.doubted_seq > t.sent_seq")


_FRESH = {"doubted_seq": 0, "dead": False, "attempts": 0, "error": ""}


def last_word(db: Connection, connection_id: int, ref: str) -> tuple[int | None, bool]:
    """Lock a listing's row; returns what its channel shows, as last known, and whether a last 0 is on its way."""
    lock(db, connection_id, [ref])
    query = select(_p.sent_value, and_(ends(), _p.dead.is_(False)).label("waits"))
    row = db.execute(query.where(_p.connection_id == connection_id, _p.listing_ref == ref)).one_or_none()
    return (row.sent_value, bool(row.waits)) if row else (None, False)


def drop(db: Connection, connection_id: int, ref: str) -> None:
    """Nothing is to be told of a listing any more, nor was anything given up. Lock its row before (`last_word`)."""
    one = (_p.connection_id == connection_id, _p.listing_ref == ref)
    db.execute(stock_pushes.update().where(*one).values(**_FRESH, sent_seq=_p.seq, leased_until=None))


def tell_zero(db: Connection, connection_id: int, ref: str, now: datetime) -> None:
    """A listing that is no SKU any more is told 0, once, whatever waited of it. Lock its row before (`last_word`).

    A call that is under way goes first: its lease stays, so that its number does not come after the 0.
    """
    key = _columns([(connection_id, ref)])
    bulk.insert_new(db, stock_pushes, key, tuple(key), {"seq": 0, "changed_at": now, "due_at": now})
    one = (_p.connection_id == connection_id, _p.listing_ref == ref)
    newest = {"seq": _p.seq + 1, "zero_seq": _p.seq + 1, "changed_at": now, "due_at": now}
    db.execute(stock_pushes.update().where(*one).values(**_FRESH, **newest))


def settle_unsent(
    db: Connection, connection_id: int, ref: str, *, tries: int, why: str, due: datetime,
    seen: int | None = None, given_up: bool = False,
) -> None:  # fmt: skip
    """The channel does not show it; try again at `due`, or never where `given_up`. `seen` is what stands there."""
    values = {"tries": tries, "why": why[:500], "due": due, "seen": seen, "given_up": given_up}
    db.execute(_UNSENT, {"b_connection": connection_id, "b_ref": ref, **values})
