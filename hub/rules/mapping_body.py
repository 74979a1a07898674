"""Changes in what a connection's mapping says differently: files, rows added or changed, rows taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = tuple[str, Sequence[str]]
"""Name of a table, and cells: the channel's value first."""


def with_changes(
    body: Mapping[str, Any], *, files: Mapping[str, str], rows: Iterable[Row] = (), drop: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The body with files replaced, rows put in place of those of the same value (in any case), and rows taken out.

    drop: (table, value).
    """
    tables = {name: {row[0].lower(): list(row) for row in own} for name, own in body["tables"].items()}
    for name, cells in rows:
        tables.setdefault(name, {})[cells[0].lower()] = list(cells)
    for name, value in drop:
        tables.get(name, {}).pop(value.lower(), None)
    kept = {name: list(own.values()) for name, own in tables.items() if own}
    return {"files": {**body["files"], **files}, "tables": kept}
