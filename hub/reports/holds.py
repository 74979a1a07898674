"""What waits for a person, one entry per cause: how many orders and messages, and what may mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from hub.canonical.errors import NotFound
from hub.reports.cursors import like
from hub.rules.similar import KnownSku, Similar, similar_skus
from hub.store.database import Database
from hub.store.inbox import PUT_ASIDE
from hub.store.tables import connections, holds, inbox, items, listings, order_lines, orders

_h, _l = holds.c, order_lines.c
KINDS = ("unknown_sku", "not_whole", "bad_record", "short", "backorder", "crashed", "package_fault", "by_hand")
SAMPLE = 20_000
"""Bytes of a message that are shown beside its hold."""

_UNKNOWN = re.compile(r"unknown [\w -]+: add a row to tables/([\w-]+)\.csv", re.ASCII)
COMPARED = 200
"""At most so many SKUs are compared with an unknown one: of a larger catalog those that share most words with it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A SKU that may be meant. `score` from 0 to 1; `by`: what was alike (barcode, sku, title)."""

    sku: str
    title: str
    score: float
    by: str


@dataclass(frozen=True, slots=True)
class Cause:
    """All open holds of one fingerprint. id: that of the oldest of them.

    orders, messages: how many wait. examples: (order id, number) of the oldest few. oldest: since when.
    For unknown_sku and not_whole also the line as the channel wrote it: listing_ref, offered_sku, title, its base units
    per listing unit, and when a person took the listing's link away (unlinked_at). For backorder `until`, the day of a
    presale. For what failed or cannot be read: `inbox_ids`, the oldest few messages, and `sample`, the beginning of the
    first one as it came; of: what they all are where they are no orders: file, refund (else "").
    """

    fingerprint: str
    kind: str
    connection_id: int
    connection: str
    channel: str
    field: str
    value: str
    why: str
    orders: int
    messages: int
    oldest: datetime
    newest: datetime
    until: date | None = None
    examples: tuple[tuple[int, str], ...] = ()
    inbox_ids: tuple[int, ...] = ()
    listing_ref: str | None = None
    offered_sku: str | None = None
    title: str = ""
    units: int = 1
    unlinked_at: datetime | None = None
    suggestions: tuple[Suggestion, ...] = ()
    sample: bytes = b""
    of: str = ""
    id: int = 0

    @property
    def may_be_dismissed(self) -> bool:
        """Whether a person may put it aside: nobody can read it, and no order waits for it."""
        return self.kind == "bad_record" and self.of in PUT_ASIDE

    @property
    def table(self) -> str:
        """The table of the mapping that wants a row for `value`; empty where that is not what is wrong."""
        found = _UNKNOWN.match(self.why) if self.kind == "bad_record" else None
        return found[1] if found else ""

    @property
    def addable(self) -> str:
        """The SKU that the listing offers and that is none of ours: added, it is linked by itself; empty where none."""
        is_free = self.kind == "unknown_sku" and self.unlinked_at is None
        return (self.offered_sku or "") if is_free else ""


@dataclass(frozen=True, slots=True)
class OrderHold:
    """One thing that holds an order, and since when it holds this one."""

    since: datetime
    cause: Cause


def order_holds(db: Database, order_id: int) -> list[OrderHold]:
    """What holds an order now, the oldest first; field and why are those of this order."""
    mine = (_h.order_id == order_id, _h.state == "open")
    with db.read() as connection:
        own = {row.fingerprint: row for row in connection.execute(select(holds).where(*mine).order_by(_h.id.desc()))}
        rows = connection.execute(_grouped().where(_h.fingerprint.in_(own))).all()
        causes = {row.fingerprint: _cause(connection, row, True) for row in rows}
    return [
        OrderHold(row.created_at, replace(causes[mark], field=row.field, why=row.why))
        for mark, row in sorted(own.items(), key=lambda found: found[1].id)
    ]


def fingerprint_of(db: Database, cause: str) -> str:
    """The fingerprint that is meant by the number of any of its open holds, or by itself. Raises NotFound."""
    if not (cause.isascii() and cause.isdigit() and len(cause) <= 18):
        return cause
    with db.read() as connection:
        found: str | None = connection.scalar(select(_h.fingerprint).where(_h.id == int(cause), _h.state == "open"))
    if found is None:
        raise NotFound(f"nothing is held with the number {cause} (any more): stockline holds lists what is")
    return found


def newest_hold(db: Database) -> int:
    """The id of the hold that was made last; 0 where there is none."""
    with db.read() as connection:
        return int(connection.scalar(select(func.max(_h.id))) or 0)


def held_after(db: Database, hold_id: int, connection_id: int) -> int:
    """How many orders and messages of a connection are held by holds that were made after this one."""
    new = (_h.id > hold_id, _h.connection_id == connection_id, _h.state == "open")
    query = select(func.count(_h.order_id.distinct()) + func.count(_h.inbox_id.distinct())).where(*new)
    with db.read() as connection:
        return int(connection.scalar(query) or 0)


def hold_counts(db: Database) -> dict[str, int]:
    """Kind -> how many causes are open, "all" in all."""
    with db.read() as connection:
        query = select(_h.kind, func.count(_h.fingerprint.distinct())).where(_h.state == "open").group_by(_h.kind)
        found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {"all": sum(found.values())} | {kind: found.get(kind, 0) for kind in KINDS}


def hold_causes(db: Database, *, kind: str = "", limit: int = 20, offset: int = 0, suggest: bool = True) -> list[Cause]:
    """Open causes, the one with most waiting orders first."""
    query = _grouped().order_by(func.count().desc(), func.min(_h.id)).limit(limit).offset(offset)
    with db.read() as connection:
        rows = connection.execute(query.where(_h.kind == kind) if kind else query).all()
        return [_cause(connection, row, suggest) for row in rows]


def hold_cause(db: Database, fingerprint: str) -> Cause:
    """One open cause. Raises NotFound: nothing waits with this fingerprint (any more)."""
    with db.read() as connection:
        return cause_of(connection, fingerprint)


def cause_of(db: Connection, fingerprint: str) -> Cause:
    """`hold_cause` within a transaction."""
    row = db.execute(_grouped().where(_h.fingerprint == fingerprint)).one_or_none()
    if row is None:
        raise NotFound(f"nothing is held with the fingerprint {fingerprint!r} (any more)")
    return _cause(db, row, True)


def _grouped() -> Any:
    return (
        select(
            _h.fingerprint, func.min(_h.kind).label("kind"), func.min(_h.connection_id).label("connection_id"),
            func.count(_h.order_id.distinct()).label("orders"), func.count(_h.inbox_id.distinct()).label("messages"),
            func.min(_h.created_at).label("oldest"), func.max(_h.created_at).label("newest"),
            func.min(_h.id).label("first"),
        )
        .where(_h.state == "open")
        .group_by(_h.fingerprint)
    )  # fmt: skip


def _cause(db: Connection, row: Row[Any], suggest: bool) -> Cause:
    first = db.execute(select(holds).where(_h.id == row.first)).one()
    query = select(connections.c.name, connections.c.channel).where(connections.c.id == first.connection_id)
    shop = db.execute(query).one_or_none()
    line = _line(db, first)
    found = _suggestions(db, line) if suggest and line is not None and row.kind == "unknown_sku" else ()
    inbox_ids = _messages(db, row.fingerprint)
    return Cause(
        fingerprint=row.fingerprint, kind=row.kind, connection_id=first.connection_id,
        connection=shop.name if shop else "",
        channel=shop.channel if shop else "", field=first.field, value=first.value, why=first.why, orders=row.orders,
        messages=row.messages, oldest=row.oldest, newest=row.newest, until=first.until,
        examples=_examples(db, row.fingerprint), inbox_ids=inbox_ids,
        sample=_sample(db, inbox_ids[0]) if inbox_ids else b"", of=_kind(db, inbox_ids),
        listing_ref=line.listing_ref if line else None,
        offered_sku=line.offered_sku if line else None, title=line.title if line else "",
        units=line.units if line else 1, suggestions=found, id=first.id,
        unlinked_at=_unlinked_at(db, first.connection_id, line) if line else None,
    )  # fmt: skip


def _examples(db: Connection, fingerprint: str) -> tuple[tuple[int, str], ...]:
    query = select(orders.c.id, orders.c.number).join(holds, _h.order_id == orders.c.id)
    query = query.where(_h.fingerprint == fingerprint, _h.state == "open").order_by(orders.c.id).limit(5)
    return tuple((row.id, row.number) for row in db.execute(query))


def _messages(db: Connection, fingerprint: str) -> tuple[int, ...]:
    query = select(_h.inbox_id).where(_h.fingerprint == fingerprint, _h.state == "open", _h.inbox_id.is_not(None))
    return tuple(int(found) for found in db.scalars(query.order_by(_h.id).limit(5)) if found is not None)


def _kind(db: Connection, inbox_ids: Sequence[int]) -> str:
    kinds = set(db.scalars(select(inbox.c.kind).where(inbox.c.id.in_(inbox_ids))))
    return str(kinds.pop()) if len(kinds) == 1 and kinds <= {*PUT_ASIDE} else ""


def _sample(db: Connection, inbox_id: int) -> bytes:
    raw: bytes | None = db.scalar(select(inbox.c.raw).where(inbox.c.id == inbox_id))
    return (raw or b"")[:SAMPLE]


_POSITION = re.compile(r"lines\[(\d+)\]")


def _line(db: Connection, hold: Row[Any]) -> Any:
    """The line that a hold is about; its field names the position."""
    at = _POSITION.match(hold.field)
    if hold.order_id is None or at is None:
        return None
    here = (_l.order_id == hold.order_id, _l.position == int(at.group(1)))
    return db.execute(select(order_lines).where(*here).order_by(_l.id.desc()).limit(1)).one_or_none()


def _suggestions(db: Connection, line: Any) -> tuple[Suggestion, ...]:
    barcode = _barcode(db, line.listing_ref)
    text = line.offered_sku or ""
    known = list(_known(db, (text, line.title, barcode)))
    titles = {item.sku: item.title or "" for item in known}
    found: Iterable[Similar] = similar_skus(text, known, barcode=barcode, title=line.title, top=4)
    return tuple(Suggestion(one.sku, titles[one.sku], one.score, one.by) for one in found)


def _unlinked_at(db: Connection, connection_id: int | None, line: Any) -> datetime | None:
    ref = line.listing_ref or line.offered_sku or ""
    here = (listings.c.connection_id == connection_id, listings.c.listing_ref == ref)
    found: datetime | None = db.scalar(select(listings.c.unlinked_at).where(*here))
    return found


def _barcode(db: Connection, listing_ref: str | None) -> str | None:
    query = select(listings.c.barcode).where(listings.c.listing_ref == (listing_ref or ""), listings.c.barcode != "")
    found: str | None = db.scalar(query.limit(1))
    return found


def _known(db: Connection, texts: Iterable[str | None]) -> list[KnownSku]:
    query = select(items.c.sku, items.c.barcode, items.c.title).order_by(items.c.sku).limit(COMPARED)
    if (db.scalar(select(func.count()).select_from(items)) or 0) > COMPARED:
        query = query.order_by(None).order_by(_alike(list(texts)).desc(), items.c.sku)
    return [KnownSku(row.sku, row.barcode or None, row.title) for row in db.execute(query)]


def _alike(texts: Sequence[str | None]) -> ColumnElement[int]:
    """How many words, or beginnings of words, of these texts stand in a SKU or title; an equal barcode beats all."""
    words = {word for text in texts for word in re.split(r"[\W_]+", text or "") if len(word) >= 2}
    parts = sorted(words | {word[:3] for word in words if len(word) > 3})[:12]
    found = [column.ilike(f"%{like(part)}%", escape="\\") for part in parts for column in (items.c.sku, items.c.title)]
    points = [case((hit, 1), else_=0) for hit in found]
    barcode = case((items.c.barcode.in_([text for text in texts if text]), 100), else_=0)
    return reduce(add, points, barcode)
