"""Reads the dirty values of shop systems written in PHP: ids and stock numbers, however they were written."""

from __future__ import annotations

import math
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
