"""The timeline of orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from hub.store import bulk
from hub.store.tables import order_events

Event = tuple[int, str, dict[str, Any]]
"""(order_id, kind, data)"""


def add_events(db: Connection, events: Sequence[Event], now: datetime, actor: str = "hub") -> None:
    """Append to the timelines."""
    columns: dict[str, Sequence[Any]] = {
        "order_id": [order for order, _, _ in events],
        "kind": [kind for _, kind, _ in events],
        "data": [data for _, _, data in events],
    }
    bulk.insert(db, order_events, columns, {"actor": actor, "at": now})


STOCK_WORDS = ("order_routed", "order_short", "order_backordered", "hold_released")
"""What timelines say of how an order stands with the stock."""


def news(db: Connection, events: Iterable[Event]) -> list[Event]:
    """Those of these words on stock that are not what their order's timeline said last: planning again is no news."""
    asked = list(events)
    if not asked:
        return []
    e = order_events.c
    newest = (
        select(func.max(e.id)).where(e.order_id.in_({order for order, _, _ in asked}), e.kind.in_(STOCK_WORDS))
        .group_by(e.order_id)
    )  # fmt: skip
    said = {row.order_id: (row.kind, row.data) for row in db.execute(select(order_events).where(e.id.in_(newest)))}
    return [(order, kind, data) for order, kind, data in asked if said.get(order) != (kind, data)]
