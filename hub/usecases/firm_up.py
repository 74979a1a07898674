"""Turns the stock that an unpaid order kept into a pick list once it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.order import Order, Payment
from hub.rules.lifecycle import UNSETTLED, intake
from hub.rules.selling import soft_until
from hub.store.events import Event
from hub.store.selling import read_soft_times
from hub.store.tables import fulfillment_orders, orders

_o, _f = orders.c, fulfillment_orders.c


def firm_up(db: Connection, fresh: Mapping[int, tuple[Row[Any], Order]], now: datetime) -> list[Event]:
    """Open the kept pick lists of (locked) orders that are paid by now; returns what their timelines say.

    An order that is authorized after it was unpaid gets the time that its connection gives an authorized one, whatever
    time the unpaid one had.
    """
    soft = {order_id: found for order_id, found in fresh.items() if found[0].soft_until or _is_newly_authorized(*found)}
    if not soft:
        return []
    paid = {order_id for order_id, (_, order) in soft.items() if order.payment not in UNSETTLED}
    _give_time(db, {order_id: found for order_id, found in soft.items() if order_id not in paid}, now)
    live = sorted(order_id for order_id in paid if intake(soft[order_id][1]) == "place")
    kept = set(db.scalars(select(_f.order_id).where(_f.order_id.in_(live), _f.status == "soft")))
    mine = _f.order_id.in_(sorted(kept))
    db.execute(fulfillment_orders.update().where(mine, _f.status == "soft").values(status="open", updated_at=now))
    db.execute(orders.update().where(_o.id.in_(sorted(paid))).values(soft_until=None))
    return [(order_id, "soft_firm", {}) for order_id in sorted(kept)]


def kept_for_authorized(db: Connection, fresh: Mapping[int, tuple[Row[Any], Order]]) -> set[int]:
    """Those of these orders that were unpaid, are authorized now, and have stock kept for them."""
    newly = sorted(order_id for order_id, found in fresh.items() if _is_newly_authorized(*found))
    return set(db.scalars(select(_f.order_id).where(_f.order_id.in_(newly), _f.status == "soft"))) if newly else set()


def _is_newly_authorized(row: Row[Any], order: Order) -> bool:
    return row.payment == Payment.UNPAID and order.payment is Payment.AUTHORIZED


def _give_time(db: Connection, soft: Mapping[int, tuple[Row[Any], Order]], now: datetime) -> None:
    changed = {order_id: found for order_id, found in soft.items() if found[0].payment != found[1].payment}
    times = read_soft_times(db, {row.connection_id for row, _ in changed.values()}) if changed else {}
    for order_id, (row, order) in sorted(changed.items()):
        until = soft_until(times.get(row.connection_id, {}), order.payment, now)
        if until is not None:
            db.execute(orders.update().where(_o.id == order_id).values(soft_until=until))
