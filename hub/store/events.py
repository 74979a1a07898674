"""The timeline of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from hub.store.tables import order_events

Event = tuple[int, str, dict[str, Any]]
"""(order_id, kind, data)"""


def add_events(db: Connection, events: Sequence[Event], now: datetime, actor: str = "hub") -> None:
    """Append to the timelines."""
    if events:
        rows = [
            {"order_id": order, "kind": kind, "data": data, "actor": actor, "at": now} for order, kind, data in events
        ]
        db.execute(order_events.insert(), rows)
