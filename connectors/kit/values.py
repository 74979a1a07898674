"""Reads the dirty values of shop systems: ids, stock numbers and bodies, however they were written."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from connectors.kit.wire.exact_json import loads_exact
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time

Row = Mapping[str, Any]
"""An object as a channel sends it."""
T = TypeVar("T")


def text_id(value: Any) -> str:
    """An id as text, "" where there is none (null, 0, "")."""
    return "" if value in (None, 0, "0", "") else str(value).strip()


def digits_of(ref: str) -> str:
    """An id of a platform that numbers its things; "" where it is no such number."""
    return ref if ref.isascii() and ref.isdigit() else ""


def number_of(ref: str) -> int:
    """The same as a number; 0 where it is none."""
    return int(digits_of(ref) or 0)


def ids_in(value: Any) -> tuple[str, ...]:
    """The ids in a list that may be missing."""
    return tuple(filter(None, map(text_id, value))) if isinstance(value, list) else ()


def id_in(body: Mapping[str, Any], name: str = "id") -> str:
    """The id that an object must have. Raises BadRecord naming the field."""
    found = text_id(body.get(name))
    if not found:
        raise BadRecord(name, body.get(name), "expected an object with an id")
    return found


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


def some_number(value: Any) -> int | None:
    """A stock number as `whole` reads it; None also where it is unreadable."""
    try:
        return whole(value, "number")
    except BadRecord:
        return None


def words(*values: Any) -> str | None:
    """Texts that may be missing, with a blank between them; None where nothing is left."""
    return " ".join(str(value).strip() for value in values if value is not None and str(value).strip()) or None


def label(value: Any) -> str | None:
    """A text without its HTML entities: `Tea &amp; Milk` is Tea & Milk; None where nothing is left."""
    return html.unescape(value).strip() or None if isinstance(value, str) else None


def inside(value: Any, *names: str) -> Any:
    """What stands below these names, one below the other; None where something on the way is missing or no object."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def rows_of(value: Any, *names: str) -> list[Row]:
    """The objects in a list that may be missing; `names`: those that it stands below."""
    found = inside(value, *names)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def moment(value: Any, field: str, zone: tzinfo = UTC) -> datetime | None:
    """A time, seconds since 1970 where it is a number, else in `zone` if it names none; None where it is unreadable."""
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else parse_time(value, field, zone)
    except (BadRecord, ValueError, OverflowError, OSError):
        return None


def millis(at: datetime) -> str:
    """An aware time in UTC with milliseconds, for platforms that want them: 2026-11-23T08:00:00.000Z."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def filled(fields: Mapping[str, T | None]) -> dict[str, T]:
    """The fields that hold something, for platforms that take none that is empty."""
    return {name: value for name, value in fields.items() if value}


def parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in runs of at most `size`, for platforms that take no more at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def json_in(raw: bytes | str, field: str) -> Any:
    """The JSON in a text, numbers exact. Raises BadRecord naming `field`."""
    try:
        return loads_exact(raw)
    except ValueError as error:
        raise BadRecord(field, shown(raw), f"expected JSON: {error}") from None


def object_in(raw: bytes) -> Row:
    """The JSON object that is the body of a webhook, numbers exact. Raises BadRecord."""
    body = json_in(raw, "body")
    if not isinstance(body, Mapping):
        raise BadRecord("body", shown(raw), "expected a JSON object")
    return body


def objects_in(raw: bytes, why: str) -> list[Row]:
    """The JSON objects in the body of a webhook: one, or a list of them. Raises BadRecord, with `why` where none is."""
    body = json_in(raw, "body")
    found = rows_of(body if isinstance(body, list) else [body])
    if not found:
        raise BadRecord("body", shown(raw), why)
    return found


def shown(raw: bytes | str) -> str:
    """The beginning of a payload, as messages show it."""
    return raw[:200] if isinstance(raw, str) else raw[:200].decode("utf-8", "replace")


def part_of(body: Row, name: str) -> Row:
    """The object of this name in an object. Raises BadRecord."""
    found = body.get(name)
    if not isinstance(found, Mapping):
        raise BadRecord(name, found, "expected an object")
    return found
