"""Gives orders that are here the refunds that were told apart from them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import OperationalError

from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from hub.canonical.refund import refund_from_dict
from hub.rules.lifecycle import intake, is_called_off
from hub.store import pushes
from hub.store.cancel_requests import open_requests
from hub.store.catalog import read_catalog
from hub.store.events import Event, add_events
from hub.store.pushes import Sold
from hub.store.refunds import lock_waiting, settle_refunds, waiting_orders
from hub.store.tables import order_documents
from hub.usecases.amend_orders import Candidates, amend_orders
from hub.usecases.context import Context
from hub.usecases.order_rows import OrderKey, lock_orders
from hub.usecases.told_apart import joined

log = logging.getLogger(__name__)
AT_ONCE = 200


def join_refunds(ctx: Context) -> int:
    """Join up to `AT_ONCE` waiting refunds to their orders; returns how many. Those without an order wait on.

    Refunds are locked before orders, as everywhere. A refund that came with its order already only leaves its mark on
    the timeline. Where one cannot be joined, the others are all the same, each order by itself.
    """
    try:
        return _join(ctx)
    except OperationalError:
        raise
    except Exception:
        log.exception("refunds could not be joined; trying their orders one by one")
    with ctx.db.read() as db:
        found = waiting_orders(db)
    return sum(_try(ctx, key) for key in found)


def _try(ctx: Context, key: OrderKey) -> int:
    try:
        return _join(ctx, key)
    except OperationalError:
        raise
    except Exception:
        log.exception("the refunds of order %s of connection %s could not be joined", key[1], key[0])
        return 0


def _join(ctx: Context, only: OrderKey | None = None) -> int:
    now = ctx.clock()
    with ctx.db.write() as db:
        told = lock_waiting(db, AT_ONCE, only)
        rows = lock_orders(db, [_of(one) for one in told])
        waits = _amend(db, rows, now) if rows else False
        settled = [one for one in told if _of(one) in rows]
        add_events(db, [_event(rows[_of(one)].id, one) for one in settled if _moved(one)], now)
        settle_refunds(db, settled)
    if waits:
        ctx.doorbell.ring("orders.place")
    return len(settled)


def _of(told: Row[Any]) -> OrderKey:
    return (told.connection_id, told.order_ref)


def _amend(db: Connection, rows: Mapping[OrderKey, Row[Any]], now: datetime) -> bool:
    """What a refund leaves as wanted as it was concerns no warehouse; of the others they are asked, as always."""
    ids = {row.id: key for key, row in rows.items()}
    current = select(order_documents.c.order_id, order_documents.c.current)
    stored = db.execute(current.where(order_documents.c.order_id.in_(sorted(ids))))
    here = {ids[row.order_id]: order_from_dict(row.current) for row in stored}
    refunded = joined(db, here)
    ends = {key for key, order in here.items() if _asks(refunded[key]) != _asks(order)}
    waiting = open_requests(db, [rows[key].id for key in ends])
    newest = {key: order_from_dict(waiting[rows[key].id].document) for key in ends if _told(waiting, rows[key].id)}
    sold: list[Sold] = []
    quiet = _candidates(rows, {key: order for key, order in here.items() if key not in ends})
    ending = _candidates(rows, {key: newest.get(key, here[key]) for key in ends})
    found = [
        amend_orders(db, those, read_catalog(db, _lines(those)), now, sold, agreed=those is quiet, known=True)
        for those in (quiet, ending)
        if those
    ]
    pushes.note_sold(db, sold, now)
    return any(found)


def _asks(order: Order) -> tuple[str, bool]:
    """What the order asks of us."""
    return intake(order), is_called_off(order)


def _told(waiting: Mapping[int, Row[Any]], order_id: int) -> bool:
    """Whether a version of the channel's waits for a warehouse's answer: it is newer than the order as it stands."""
    return order_id in waiting and waiting[order_id].document is not None


def _candidates(rows: Mapping[OrderKey, Row[Any]], orders: Mapping[OrderKey, Order]) -> Candidates:
    return {key: (rows[key], order) for key, order in sorted(orders.items())}


def _lines(candidates: Candidates) -> Sequence[tuple[int, str | None, str | None]]:
    return [(key[0], line.listing_ref, line.sku) for key, (_, order) in candidates.items() for line in order.lines]


def _moved(told: Row[Any]) -> bool:
    """Whether money went back; what only moves fees is nobody's news."""
    return bool(refund_from_dict(told.body).amount)


def _event(order_id: int, told: Row[Any]) -> Event:
    words = {name: told.body[name] for name in ("amount", "currency", "reason") if told.body[name] is not None}
    return (order_id, "money_back", {"ref": told.ref, **words})
