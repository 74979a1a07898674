"""Values as PostgreSQL reads them in text: cells of COPY, and arrays for unnest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any

import orjson
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary, Numeric, Table

from hub.store.columns import Utc

Texts = list[str | None]


def cell(column: Column[Any], value: Any) -> str | None:
    """One value as a parameter that is cast to the column's type."""
    return _reader(column)([value])[0]


def array(column: Column[Any], values: Sequence[Any]) -> str:
    """Values as the text of an array of the column's type."""
    texts = _reader(column)(values)
    if isinstance(column.type, (Integer, Float, Numeric)):
        return "{" + ",".join(["NULL" if text is None else text for text in texts]) + "}"
    if texts and _clean(texts, '\\"'):
        return '{"' + '","'.join(texts) + '"}'  # type: ignore[arg-type]  # none of them is None
    return "{" + ",".join(map(_quoted, texts)) + "}"


def _clean(texts: Texts, marks: str) -> bool:
    """Every text is there, and none holds one of the marks: a whole column is looked through at once."""
    if None in texts:
        return False
    whole = "".join(texts)  # type: ignore[arg-type]
    return not any(mark in whole for mark in marks)


def _quoted(text: str | None) -> str:
    if text is None:
        return "NULL"
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def copy_lines(table: Table, columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any], count: int) -> str:
    """All rows as the text form of COPY."""
    sheet: list[Any] = [_cells(table.c[name], values) for name, values in columns.items()]
    sheet += [repeat(_cells(table.c[name], [value])[0], count) for name, value in same.items()]
    return "\n".join(map("\t".join, zip(*sheet, strict=True))) + "\n"


def _cells(column: Column[Any], values: Sequence[Any]) -> list[str]:
    texts = _reader(column)(values)
    if _clean(texts, "\\\t\n\r"):
        return texts  # type: ignore[return-value]  # none of them is None
    return [_escaped(text) for text in texts]


def _escaped(text: str | None) -> str:
    if text is None:
        return "\\N"
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


def _reader(column: Column[Any]) -> Callable[[Sequence[Any]], Texts]:
    kind: Any = column.type
    for classes, read in _READERS:
        if isinstance(kind, classes):
            return read
    return list


def _numbers(values: Sequence[Any]) -> Texts:
    if None in values:
        return [None if value is None else str(value) for value in values]
    return list(map(str, values))


def _times(values: Sequence[datetime | None]) -> Texts:
    """Aware times, to the microsecond. Raises ValueError: one without a zone."""
    if any(value is not None and value.tzinfo is None for value in values):
        raise ValueError("a time without zone cannot be stored")
    first = values[0] if values else None
    if first is not None and values.count(first) == len(values):
        return [first.isoformat()] * len(values)
    return [None if value is None else value.isoformat() for value in values]


def _dates(values: Sequence[date | None]) -> Texts:
    return [None if value is None else value.isoformat() for value in values]


def _documents(values: Sequence[Any]) -> Texts:
    return [value if isinstance(value, str) else orjson.dumps(value).decode() for value in values]


def _truths(values: Sequence[bool | None]) -> Texts:
    return [None if value is None else "t" if value else "f" for value in values]


def _bytes(values: Sequence[bytes | None]) -> Texts:
    return [None if value is None else f"\\x{value.hex()}" for value in values]


_READERS: tuple[tuple[Any, Callable[[Sequence[Any]], Texts]], ...] = (
    ((Integer, Float, Numeric), _numbers),
    (Utc, _times),
    (JSON, _documents),
    (Boolean, _truths),
    (Date, _dates),
    (LargeBinary, _bytes),
)
