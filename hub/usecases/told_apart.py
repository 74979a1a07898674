"""Orders with the refunds that their channels tell apart from them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from hub.canonical.order import Order
from hub.rules.refunds import with_refunds
from hub.store.refunds import read_refunds
from hub.usecases.order_rows import OrderKey


def joined(db: Connection, found: Mapping[OrderKey, Order]) -> dict[OrderKey, Order]:
    """Each order with all refunds that are kept of it; it makes no difference how often an order is joined."""
    told = read_refunds(db, found)
    return {key: with_refunds(order, told.get(key, ())) for key, order in found.items()}
