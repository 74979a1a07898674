"""What the rules say about an order that cannot be served: who waits, and until which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from hub.rules.routing import Decision
from hub.store.tables import orders

KEPT = frozenset({"backorder", "wait_until", "cancel_after", "transfer_request"})
"""Leftover actions under which an order waits, even where its shop refuses what it cannot serve at once."""


def note_deadlines(db: Connection, decided: Sequence[tuple[Any, Decision, str]]) -> None:
    """Write the day on which an order that waits is called off; the first such day stays until it is served.

    Args: decided: (row of `orders`, its decision, what its shop does with a shortage).
    """
    for row, decision, on_shortage in decided:
        until = _until(decision, on_shortage) if decision.outcome == "short" else None
        if decision.outcome == "routed" and row.give_up_on is not None:
            _write(db, row.id, None)
        elif until is not None and row.give_up_on is None:
            _write(db, row.id, until)


def _until(decision: Decision, on_shortage: str) -> date | None:
    """cancel_after ends by itself; wait_until ends where the shop would have refused at once."""
    ends = decision.leftover == "cancel_after" or (decision.leftover == "wait_until" and on_shortage == "refuse")
    return date.fromisoformat(decision.until) if ends and decision.until else None


def _write(db: Connection, order_id: int, day: date | None) -> None:
    db.execute(orders.update().where(orders.c.id == order_id).values(give_up_on=day))
