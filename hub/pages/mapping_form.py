"""The form of a mapping's draft: rows of its tables as fields `t.status.0.1` (row, cell), YAML as `f.orders`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.pages.sent import Pairs
from hub.ports.mapping import BuiltIn

BLANK = 2
"""Empty rows that a table always has."""
_CELL = re.compile(r"t\.([\w-]{1,80})\.(\d{1,4})\.(\d{1,2})", re.ASCII)
_PLACE = re.compile(
    r"(?P<file>[^:\n]+?)(?:\.csv|\.yaml)? \(yours\):(?P<line>\d+):(?P<column>\d+): (?P<why>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where something is wrong. table: its name; else file: the mapping's; both empty: it is nowhere in the form."""

    file: str = ""
    table: str = ""
    line: int = 0
    column: int = 0
    why: str = ""


def mistake_of(message: str) -> Mistake:
    """The place and the words of a refused body."""
    found = _PLACE.fullmatch(message)
    if found is None:
        return Mistake(why=message)
    name = found["file"]
    table = name.removeprefix("tables/") if name.startswith("tables/") else ""
    return Mistake("" if table else name, table, int(found["line"]), int(found["column"]), found["why"])


@dataclass
class MappingForm:
    """files: name of a mapping -> YAML. tables: name -> rows that are not empty."""

    files: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> MappingForm:
        return cls(dict(body["files"]), {name: [list(row) for row in rows] for name, rows in body["tables"].items()})

    @classmethod
    def typed(cls, pairs: Pairs, built_in: BuiltIn) -> MappingForm:
        """What was typed; rows in which nothing stands are left out."""
        cells: dict[str, dict[int, dict[int, str]]] = {}
        for name, value in pairs:
            if found := _CELL.fullmatch(name):
                cells.setdefault(found[1], {}).setdefault(int(found[2]), {})[int(found[3])] = value
        tables = {
            table.name: _rows(cells.get(table.name, {}), len(table.columns)) for table in built_in.tables
        }  # fmt: skip
        given = dict(pairs)
        files = {name: given.get(f"f.{name}", "").replace("\r\n", "\n") for name in built_in.files}
        return cls({name: text for name, text in files.items() if text}, tables)

    def body(self) -> dict[str, Any]:
        return {"files": self.files, "tables": {name: rows for name, rows in self.tables.items() if rows}}

    def act(self, button: str, built_in: BuiltIn) -> None:
        """`add:status` adds an empty row to a table, `drop:status:0` takes one out; others do nothing."""
        word, _, rest = button.partition(":")
        name, _, number = rest.partition(":")
        width = {table.name: len(table.columns) for table in built_in.tables}.get(name, 0)
        rows = self.tables.setdefault(name, []) if width else []
        if word == "add" and width:
            rows.extend([""] * width for _ in range(BLANK))
        elif word == "drop" and number.isascii() and number.isdigit() and int(number) < len(rows):
            del rows[int(number)]

    def with_value(self, table: str, value: str, built_in: BuiltIn) -> None:
        """Put a row for the value into its table, where it has none."""
        width = {each.name: len(each.columns) for each in built_in.tables}.get(table, 0)
        rows = self.tables.setdefault(table, []) if width else []
        if width and all(row[0].lower() != value.lower() for row in rows):
            rows.append([value, *[""] * (width - 1)])

    def rows(self, table: str, width: int) -> list[list[str]]:
        """The rows to show: those that are there, and empty ones."""
        return [*self.tables.get(table, []), *([""] * width for _ in range(BLANK))]


def _rows(cells: Mapping[int, Mapping[int, str]], width: int) -> list[list[str]]:
    rows = ([row.get(at, "") for at in range(width)] for _, row in sorted(cells.items()))
    return [row for row in rows if any(row)]


def line_of(text: str, number: int) -> Sequence[str]:
    """One line of a text, counted from 1, in a list; none where it has no such line."""
    return text.split("\n")[number - 1 : number]
