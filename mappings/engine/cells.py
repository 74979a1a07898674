"""Constants and the cells of tables, read as what their field takes when the mapping is loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hub.canonical.errors import BadRecord, Misconfigured
from mappings.engine import readers
from mappings.engine.nodes import Node, meant
from mappings.engine.shapes import ENUMS
from mappings.engine.tables import Table

_READERS: dict[str, Any] = {
    **{kind: getattr(readers, kind) for kind in ("money", "number", "quantity", "flag", "ref", "currency", "time")},
    **{kind: getattr(readers, kind) for kind in ("upper", "country", "label", "some_id", "cents", "epoch")},
    "utc": readers.time,
}


def constant(node: Node, kind: str) -> Any:
    """The constant written here, as a value of its kind. Raises Misconfigured: it is none."""
    text = node.text()
    try:
        return ENUMS[kind](text) if kind in ENUMS else _READERS.get(kind, readers.text)(text, "const", ())
    except BadRecord as bad:
        raise node.fault(f"{text!r} is no {kind}: {bad.why}") from None
    except ValueError:
        raise node.fault(_no_word(text, kind)) from None


def typed(table: Table, column: str, kind: str) -> Table:
    """The table with the cells of one column as members of the field's enumeration, where it has one.

    Raises: Misconfigured: a cell is none of its words; the cell's place is named.
    """
    rows = {key: {**row, column: _cell(table, key, column, kind)} for key, row in table.rows.items()}
    return replace(table, rows=rows)


def _cell(table: Table, key: str, column: str, kind: str) -> object:
    cell = table.rows[key][column]
    if kind not in ENUMS or cell is None:
        return cell
    try:
        return ENUMS[kind](str(cell))
    except ValueError:
        place = table.places[key][table.columns.index(column)]
        raise Misconfigured(f"{place}: {_no_word(str(cell), kind)}") from None


def _no_word(text: str, kind: str) -> str:
    words = [str(word) for word in ENUMS[kind]]
    return f"{text!r} is no {kind}{meant(text, words)}; there are: {', '.join(words)}"
