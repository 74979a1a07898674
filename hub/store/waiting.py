"""Wakes orders that wait for stock: wherever pieces become free, the waiting ones are planned again."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select, union_all
from sqlalchemy.sql import ColumnElement

from hub.store import pushes
from hub.store.columns import Utc
from hub.store.selling import OWED
from hub.store.tables import holds, order_pieces, orders

_h, _o, _p = holds.c, orders.c, order_pieces.c
SHORT = "short:"
MANY = 500
"""Where more orders wait, nobody looks what each of them wants."""


def wake_short(db: Connection, skus: Iterable[str], now: datetime) -> int:
    """Close the holds of orders that miss one of these SKUs, or were sold it beyond the stock; returns how many.

    All of an order's holds for want of stock: pieces that must leave together are wanting in one place, not everywhere.

    The timelines say nothing yet: whether anything changed for an order is known once it was planned again.

    Takes no lock of an order, so it may run under locked stock: `resume_orders` does the rest. A hold that somebody
    else has locked is being closed by an edit, which plans the order again.
    """
    marks = [mark + sku for sku in sorted(set(skus)) for mark in (SHORT, OWED)]
    if not marks:
        return 0
    woken = select(_h.order_id).where(_h.fingerprint.in_(marks), _h.state == "open")
    waits = (_h.kind.in_(("short", "backorder")), _h.state == "open", _h.order_id.in_(woken))
    query = select(_h.id).where(*waits)
    rows = db.execute(query.order_by(_h.id).with_for_update(skip_locked=True)).all()
    if rows:
        closed = holds.update().where(_h.id.in_([row.id for row in rows]))
        db.execute(closed.values(state="released", released_at=now, released_by="hub"))
    return len(rows)


def mark_owed(db: Connection, fingerprints: Iterable[str], now: datetime) -> None:
    """Holds with these fingerprints were opened or closed: what may be sold ahead of the stock is another number."""
    owed = [mark.removeprefix(OWED) for mark in fingerprints if mark.startswith(OWED)]
    if owed:
        pushes.mark_skus(db, owed, now)


def wake_all(db: Connection, now: datetime) -> int:
    """`wake_short` for every SKU that an order waits for: a warehouse was opened, or serves other countries now."""
    waiting = (_h.kind.in_(("short", "backorder")), _h.state == "open")
    return wake_short(db, db.scalars(select(_h.value).where(*waiting).distinct()), now)


def needs_person() -> ColumnElement[bool]:
    """The condition of an open hold that waits for a person; what was sold ahead of the stock only waits for stock."""
    return (_h.state == "open") & (_h.kind != "backorder")


def nothing_holds() -> ColumnElement[bool]:
    """The condition of an order that is held though none of its holds is open any more."""
    return (_o.state == "held") & ~exists().where(_h.order_id == _o.id, _h.state == "open")


_CAME = union_all(
    select(
        select(_o.id).where(_o.state == "waiting", _o.place_at <= bindparam("now", type_=Utc)).limit(MANY + 1)
        .subquery().c.id
    ),
    select(select(_o.id).where(nothing_holds()).limit(MANY + 1).subquery().c.id),
)  # fmt: skip
"""Orders that came before: those that wait for their turn, and those that were held until a moment ago."""


def wanted_before(db: Connection, now: datetime) -> Set[str] | None:
    """SKUs that orders which came before (`_CAME`) still want.

    None where the orders are more than `MANY`: any SKU may be among them.
    """
    ids = db.scalars(_CAME, {"now": now}).all()
    if not ids or len(ids) > MANY:
        return None if ids else frozenset()
    lacking = (_p.order_id.in_(ids), _p.wanted > _p.reserved + _p.shipped)
    return set(db.scalars(select(_p.sku).where(*lacking).distinct()))
