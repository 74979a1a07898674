"""What is still wanted of each line after refunds: pure, from the payload alone."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from connectors.kit.values import rows_of, text_id
from hub.canonical.amounts import exact, plain
from hub.canonical.order import Order


def with_current(order: Order, row: Any) -> Order:
    """`order` with `extra["current"]` for lines of which pieces were refunded. Raises BadRecord for a bad quantity."""
    taken = _refunded(row)
    left = {
        line.channel_ref: plain(max(Decimal(0), line.quantity - taken[line.channel_ref]))
        for line in order.lines
        if taken.get(line.channel_ref)
    }
    if not left:
        return order
    return replace(order, extra={**order.extra, "current": {**order.extra.get("current", {}), **left}})


def _refunded(row: Any) -> dict[str, Decimal]:
    """Order line -> pieces refunded; a refund's line names the order's in its meta data."""
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for at, refund in enumerate(rows_of(row, "refunds")):
        for place, line in enumerate(rows_of(refund, "line_items")):
            pieces = abs(exact(line.get("quantity") or 0, f"refunds[{at}].line_items[{place}].quantity"))
            for meta in rows_of(line, "meta_data"):
                if meta.get("key") == "_refunded_item_id":
                    taken[text_id(meta.get("value"))] += pieces
    return taken
