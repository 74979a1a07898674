"""Stock pushes: one row per listing, raised by every change, leased while the channel is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, literal, or_, select

from hub.rules.lag import MEASURED
from hub.store import bulk
from hub.store.columns import Json, Utc
from hub.store.database import upsert
from hub.store.tables import kits, listings, stock_pushes

_p = stock_pushes.c


def mark_skus(db: Connection, skus: Iterable[str], now: datetime) -> None:
    """Every stocked listing that sells one of these SKUs, or a kit of them, should be pushed: one row each."""
    changed = sorted(set(skus))
    if changed:
        kit_skus = select(kits.c.sku).where(kits.c.component.in_(changed))
        _mark(db, or_(listings.c.sku.in_(changed), listings.c.sku.in_(kit_skus)), now)


def mark_listings(db: Connection, connection_id: int, refs: Iterable[str], now: datetime) -> None:
    """Push these listings again."""
    wanted = sorted(set(refs))
    if wanted:
        _mark(db, and_(listings.c.connection_id == connection_id, listings.c.listing_ref.in_(wanted)), now)


def mark_all(db: Connection, now: datetime, connection_id: int | None = None) -> None:
    """Push every listing again, of one connection or of all."""
    _mark(db, literal(True) if connection_id is None else listings.c.connection_id == connection_id, now)


def _mark(db: Connection, which: Any, now: datetime) -> None:
    source = (
        select(
            listings.c.connection_id, listings.c.listing_ref, literal(1), literal(0), literal(now, Utc),
            literal(now, Utc), literal(0), literal(""), literal(False),
        )
        .where(which, listings.c.stocked.is_(True), listings.c.sku.is_not(None))
        .order_by(listings.c.connection_id, listings.c.listing_ref)
    )  # fmt: skip
    names = ["connection_id", "listing_ref", "seq", "sent_seq", "changed_at", "due_at", "attempts", "error", "dead"]
    idle = _p.seq == _p.sent_seq
    db.execute(
        upsert(db, stock_pushes).from_select(names, source).on_conflict_do_update(
            index_elements=["connection_id", "listing_ref"],
            set_={
                "seq": _p.seq + 1, "changed_at": case((idle, literal(now, Utc)), else_=_p.changed_at),
                "due_at": case((idle, literal(now, Utc)), else_=_p.due_at), "dead": False,
                "attempts": case((_p.dead, 0), else_=_p.attempts),
            },
        )
    )  # fmt: skip


def lease(db: Connection, connection_id: int, limit: int, now: datetime, lease_s: float) -> Sequence[Row[Any]]:
    """Take up to `limit` waiting listings for one channel call; returns their rows, sorted by ref."""
    free = or_(_p.leased_until.is_(None), _p.leased_until < now)
    waiting = and_(_p.connection_id == connection_id, _p.seq > _p.sent_seq, _p.due_at <= now, _p.dead.is_(False), free)
    refs = db.scalars(
        select(_p.listing_ref).where(waiting).order_by(_p.changed_at, _p.listing_ref).limit(limit)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    if not refs:
        return []
    statement = (
        stock_pushes.update()
        .where(_p.connection_id == connection_id, _p.listing_ref.in_(refs))
        .values(leased_until=now + timedelta(seconds=lease_s))
        .returning(_p.listing_ref, _p.seq, _p.sent_value, _p.attempts, _p.changed_at, _p.latency_ms)
    )
    return sorted(db.execute(statement).all(), key=lambda row: row.listing_ref)


Sold = tuple[int, str | None, int]
"""(connection_id, listing_ref, units that the shop took off its number)"""


def note_sold(db: Connection, sold: Iterable[Sold]) -> None:
    """The shops themselves took these units off their numbers when they sold them (negative: put them back).

    What stands there is then what a compare-and-set has to expect. A wrong guess costs one stale answer, never stock.
    Called once, at the end of a transaction: whoever locks pushes asks for no order and no balance afterwards.
    """
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for connection_id, ref, units in sold:
        sums[connection_id, ref or ""] += units
    found = [(connection, ref, -units) for (connection, ref), units in sorted(sums.items()) if units]
    keys: bulk.Columns = {"connection_id": [row[0] for row in found], "listing_ref": [row[1] for row in found]}
    bulk.update(db, stock_pushes, keys, {"sent_value": [row[2] for row in found]}, add=("sent_value",))


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


@dataclass(frozen=True, slots=True)
class Sent:
    """A leased listing that the channel now shows `value` for. `latency_ms`: its measured times, the newest last."""

    listing_ref: str
    seq: int
    value: int
    latency_ms: Sequence[int]


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


def settle_unsent(
    db: Connection, connection_id: int, ref: str, *, tries: int, why: str, due: datetime,
    seen: int | None = None, given_up: bool = False,
) -> None:  # fmt: skip
    """The channel does not show it; try again at `due`, or never where `given_up`. `seen` is what stands there."""
    values = {"tries": tries, "why": why[:500], "due": due, "seen": seen, "given_up": given_up}
    db.execute(_UNSENT, {"b_connection": connection_id, "b_ref": ref, **values})
