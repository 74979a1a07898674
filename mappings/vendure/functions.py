"""What the YAML of Vendure cannot say: the unit of its whole numbers of money, and an order's newest change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.engine import readers


def unit(decimals: Any) -> Decimal:
    """What 1 is worth: 0.01 where the server keeps two decimals, as it does if the setting says nothing."""
    return Decimal(1).scaleb(-int(decimals or 2))


def newest(updated_at: Any, payments: Any, fulfillments: Any) -> datetime | None:
    """When the order or a part of it changed last: a refund alone does not touch Vendure's `updatedAt` of the order."""
    return max((moment for moment in _moments(updated_at, payments, fulfillments) if moment), default=None)


def _moments(updated_at: Any, payments: Any, fulfillments: Any) -> Iterator[datetime | None]:
    if updated_at is not None:
        yield readers.time(updated_at, "updatedAt", ())
    for place, row, at in [*_rows("payments", payments, ()), *_rows("fulfillments", fulfillments, ())]:
        yield _changed(place, row, at)
        for below, refund, spot in _rows(f"{place}.refunds", row.get("refunds"), at):
            yield _changed(below, refund, spot)


def _rows(place: str, value: Any, at: tuple[int, ...]) -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    for index, item in enumerate(readers.items(value, place, at)):
        yield f"{place}[{{}}]", readers.element(item, f"{place}[{{}}]", (*at, index)), (*at, index)


def _changed(place: str, row: Any, at: tuple[int, ...]) -> datetime | None:
    value = row.get("updatedAt")
    return None if value is None else readers.time(value, f"{place}.updatedAt", at)
