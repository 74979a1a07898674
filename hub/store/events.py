"""The timeline of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

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
