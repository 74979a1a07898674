"""Pieces on pick lists whose lot may no longer leave: it has expired, or is not good for as long as its order needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, select

from hub.canonical.errors import Conflict
from hub.rules.lots import good_until, lives_long_enough
from hub.store.selling import read_lives, read_terms
from hub.store.tables import (
    cancel_requests,
    fulfillment_lines,
    fulfillment_orders,
    orders,
    stock_balances,
    stock_lots,
)

_f, _o, _b, _l, _c = fulfillment_lines.c, fulfillment_orders.c, stock_balances.c, stock_lots.c, cancel_requests.c
AT_WORK = ("soft", "kept", "open", "picking", "packed")
"""The states of pick lists that hold stock."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """An open line of a pick list. last: the last good day of its lot; least: the day on which it should still be."""

    line: Row[Any]
    warehouse: str
    last: date
    least: date
    pieces: int


def unfit_lines(db: Connection, now: datetime, list_ids: Iterable[int] | None = None) -> list[Unfit]:
    """The unfit lines of these pick lists (None: of all), by id; not of orders that somebody asked to cancel."""
    latest = good_until(now.date(), max([0, *(rule.min_days for rule in read_lives(db))]))
    rows = db.execute(_ending(latest).where(_of(list_ids) if list_ids is not None else _held(db, latest))).all()
    if not rows:
        return []
    terms = read_terms(db, {row.sku for row in rows}, now)
    found = [
        Unfit(row, row.warehouse, row.expires_on, good_until(now.date(), terms.min_days(row.connection_id, row.sku)),
              row.quantity - row.shipped - row.cancelled)
        for row in rows
    ]  # fmt: skip
    return [one for one in found if not lives_long_enough(one.last, one.least, 0)]


def _ending(latest: date) -> Select[Any]:
    """Open lines of lots that end before that day."""
    lot = and_(_l.sku == _f.sku, _l.lot == _f.lot)
    asked = exists().where(_c.order_id == _f.order_id, _c.state == "asked")
    query = (
        select(fulfillment_lines, _o.warehouse, orders.c.connection_id, _l.expires_on)
        .join(fulfillment_orders, _o.id == _f.fulfillment_order_id)
        .join(orders, orders.c.id == _f.order_id)
        .join(stock_lots, lot)
    )
    still = (_f.lot != "", _f.quantity > _f.shipped + _f.cancelled, _l.expires_on < latest, ~asked)
    return query.where(_o.status.in_(AT_WORK), *still).order_by(_f.id)


def _of(list_ids: Iterable[int]) -> Any:
    return _f.fulfillment_order_id.in_(sorted(list_ids))


def _held(db: Connection, latest: date) -> Any:
    """The condition of a line that holds pieces of such lots; first looked for where they lie, which are few places."""
    there = and_(_b.sku == _l.sku, _b.lot == _l.lot, _b.reserved > 0)
    query = select(_b.warehouse, _l.sku).join(stock_balances, there).where(_l.expires_on < latest, _l.lot != "")
    rows = db.execute(query.distinct()).all()
    return and_(_o.warehouse.in_({row[0] for row in rows}), _f.sku.in_({row[1] for row in rows}))


def refuse_unfit(db: Connection, list_id: int, now: datetime, line_ids: Iterable[int] | None = None) -> None:
    """Raises Conflict where one of these open lines (None: any) of a (locked) pick list may no longer leave."""
    wanted = None if line_ids is None else set(line_ids)
    found = [one for one in unfit_lines(db, now, [list_id]) if wanted is None or one.line.id in wanted]
    if found:
        one = found[0]
        raise Conflict(
            f"lot {one.line.lot} of {one.line.sku} was good until {one.last}: put its {one.pieces} pieces aside, "
            "others are being looked for"
            if one.last < now.date()
            else f"lot {one.line.lot} of {one.line.sku} is good until {one.last}, and this order needs it good until "
            f"{one.least}: put its {one.pieces} pieces back, others are being looked for"
        )
