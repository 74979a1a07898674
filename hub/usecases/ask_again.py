"""Has the channel asked which of two versions of an order holds, where both bear the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.canonical.order import Order
from hub.ports.channel import RawRecord
from hub.store.inbox import Arrival, store_arrivals
from hub.store.tables import streams
from hub.usecases.order_rows import OrderKey


@dataclass(frozen=True, slots=True)
class Tie:
    """An order of which two versions bear one time. version: the number of the one that was laid over the other."""

    key: OrderKey
    order_id: int
    version: int


def is_tie(before: datetime | None, order: Order) -> bool:
    """Whether a version bears the time of the one before it."""
    return before is not None and order.updated_at == before


def ask_again(db: Connection, ties: Iterable[Tie], now: datetime) -> None:
    """Note that these (locked) orders are to be read once more, where their channel can read one.

    Some channels keep time in whole seconds, and messages overtake each other: of two versions of one second the one
    that was handled last need not be the last.
    """
    found = list(ties)
    if not found:
        return
    s = streams.c
    asked = s.connection_id.in_({tie.key[0] for tie in found})
    able = set(db.scalars(select(s.connection_id).where(asked, s.stream == "refetch")))
    for tie in found:
        connection_id, ref = tie.key
        if connection_id in able:
            record = RawRecord(ref, b"", None, kind="refetch")
            store_arrivals(db, connection_id, [Arrival(f"tie:{tie.order_id}:{tie.version}", record, "refetch")], now)
