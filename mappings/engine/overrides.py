"""What one connection says differently: YAML laid over the built-in files, rows added to the built-in tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.canonical.errors import Misconfigured
from mappings.engine.nodes import Node, read_yaml
from mappings.engine.shapes import ROOTS

OVERRIDES = "(mapping)"
"""The setting under which a connection's overrides reach its mappings; nobody can type it."""
LONGEST = 64 * 1024
"""Characters of one file."""
MOST_ROWS = 2_000
MINE = " (yours)"
"""What messages add to the name of a file or table that is not the built-in one."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """files:  name of a mapping, e.g. "orders" -> YAML with `order:` (or `refund:`) and `zone:`, as far as they differ.
    tables: name of a table -> rows: the channel's value, then a cell for each other column.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Overrides:
        """From JSON data as `to_dict` gives it. Raises Misconfigured: it has another form, or is too large."""
        if set(body) - {"files", "tables"}:
            raise Misconfigured("overrides:1:1: expected an object with `files` and `tables`, nothing else")
        files, tables = body.get("files") or {}, body.get("tables") or {}
        if not _texts(files) or not isinstance(tables, Mapping) or not all(map(_rows, tables.values())):
            raise Misconfigured("overrides:1:1: expected files as texts by name, and tables as lists of rows of texts")
        return cls(
            {name: text for name, text in files.items() if text.strip()},
            {name: tuple(map(tuple, rows)) for name, rows in tables.items() if rows},
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "files": dict(self.files),
            "tables": {name: [list(row) for row in rows] for name, rows in self.tables.items()},
        }

    def to_text(self) -> str:
        """As the value of the setting `OVERRIDES`."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for pair in value.items() for each in pair)


def _rows(value: Any) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(row, Sequence) and not isinstance(row, str) and all(isinstance(cell, str) for cell in row)
        for row in value
    )


def laid_over(base: Node, text: str, file: str) -> Node:
    """A built-in file with an override over it.

    What is written replaces what the built-in file says of that field; below `make:` and `extra:` field by field.
    `field: null` takes a field out. A list of several entries (`- each: …`) is replaced as a whole.

    Raises: Misconfigured naming file, line and column.
    """
    if len(text) > LONGEST:
        raise Misconfigured(f"{file}:1:1: longer than {LONGEST} characters")
    over = read_yaml(text, file)
    root = next(name for name in ROOTS if name in base.mapping())
    keys = over.only(("zone", root))
    values = {**base.mapping(), **keys}
    if root in keys:
        values[root] = _fields(base.needed(root), keys[root])
    return replace(base, value=values)


def _fields(base: Node, over: Node) -> Node:
    values = dict(base.mapping())
    for name, node in over.mapping().items():
        if node.value in ("null", "~", ""):
            values.pop(name, None)
        else:
            values[name] = _field(name, values.get(name), node)
    return replace(over, value=values)


def _field(name: str, base: Node | None, over: Node) -> Node:
    if base is None or not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    if name == "extra":
        return _fields(base, over)
    if "make" in base.value and "make" in over.value:
        return replace(
            over, value={**base.value, **over.value, "make": _fields(base.value["make"], over.value["make"])}
        )
    return over
