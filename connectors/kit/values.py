"""Reads the dirty values of shop systems written in PHP: ids and stock numbers, however they were written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.canonical.errors import BadRecord


def text_id(value: Any) -> str:
    """An id as text, "" where there is none (null, 0, "")."""
    return "" if value in (None, 0, "0", "") else str(value).strip()


def whole(value: Any, field: str) -> int | None:
    """A stock number however it was written (5, "5", "1.5", ""): whole units, rounded down; None for none.

    Raises: BadRecord naming `field`.
    """
    if isinstance(value, bool) or value is None or str(value).strip() == "":
        return None
    try:
        return math.floor(Decimal(str(value).strip()))
    except (InvalidOperation, ValueError, OverflowError):
        raise BadRecord(field, value, "expected a number") from None


def rows_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list that may be missing."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
