"""Objects that keep the bytes in which they came, so that a record is stored as the channel wrote it."""

from __future__ import annotations

from typing import Any

from connectors.kit.values import Row
from connectors.kit.wire.exact_json import dumps_exact, elements
from connectors.kit.wire.http import Answer


class Kept(dict[str, Any]):
    """An object of an answer with its own bytes, `raw`."""

    def __init__(self, row: Row, raw: bytes) -> None:
        super().__init__(row)
        self.raw = raw


def raw_of(row: object) -> bytes:
    """An object's own bytes, where it has kept them; else compact JSON of it."""
    return row.raw if isinstance(row, Kept) else dumps_exact(row)


def kept_rows(answer: Answer, rows: list[Row]) -> list[Row]:
    """The rows of an answer, each with its bytes where the answer is the bare array of them, none left out."""
    raws = elements(answer.body) if isinstance(answer.data, list) else ()
    return [Kept(row, raw) for row, raw in zip(rows, raws, strict=True)] if len(raws) == len(rows) else rows
