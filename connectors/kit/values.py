"""Reads the dirty values of shop systems: ids, stock numbers and bodies, however they were written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.kit.exact_json import loads_exact
from hub.canonical.errors import BadRecord


def text_id(value: Any) -> str:
    """An id as text, "" where there is none (null, 0, "")."""
    return "" if value in (None, 0, "0", "") else str(value).strip()


def plain_number(typed: str) -> str:
    """An order's number without the `#` that people write before it."""
    return typed.strip().removeprefix("#").strip()


def named_so(row: Mapping[str, Any], field: str, typed: str) -> bool:
    """Whether the order's number is exactly the one that somebody typed; a search finds what only holds it, too."""
    return plain_number(text_id(row.get(field))) == plain_number(typed) != ""


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


def object_in(raw: bytes) -> Mapping[str, Any]:
    """The JSON object that is the body of a webhook, numbers exact. Raises BadRecord."""
    shown = raw[:200].decode("utf-8", "replace")
    try:
        body = loads_exact(raw)
    except ValueError as error:
        raise BadRecord("body", shown, f"expected JSON: {error}") from None
    if not isinstance(body, Mapping):
        raise BadRecord("body", shown, "expected a JSON object")
    return body


def part_of(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of this name in an object. Raises BadRecord."""
    found = body.get(name)
    if not isinstance(found, Mapping):
        raise BadRecord(name, found, "expected an object")
    return found
