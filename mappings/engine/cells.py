"""Constants and the cells of tables, read as what their field takes when the mapping is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.told import told
from mappings.engine import readers
from mappings.engine.nodes import Node, meant
from mappings.engine.shapes import CELLS, ENUMS
from mappings.engine.tables import Table

_READERS: dict[str, Any] = {
    **{kind: getattr(readers, kind) for kind in ("money", "number", "quantity", "flag", "ref", "currency", "time")},
    **{kind: getattr(readers, kind) for kind in ("upper", "country", "label", "some_id", "cents", "epoch")},
    "utc": readers.time,
}


def _whole(text: str) -> int:
    """From 1 on. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError
    return int(text)


_KINDS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "whole": (_whole, told("use a whole number from 1 on")),
    "zone": (lambda text: readers.zone_of({"zone": text}, "zone"), told("use an IANA name such as America/Chicago")),
}
"""Kind of a column that `tables:` names -> what reads its cells, and what they may be."""


def declared(node: Node | None, tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables, their cells read as a file's `tables:` says: `{dates: {rank: whole, deadline: [ship_by, late]}}`.

    A column is `whole` (an int), `zone` (a tzinfo), or a list of the words that there are; an empty cell stays None.
    Raises: Misconfigured: no such table, column or kind; a cell is something else, and its place is named.
    """
    found = dict(tables)
    for name, columns in _columns(node):
        if name not in found:
            known = ", ".join(sorted(found))
            raise columns.key_fault(f"no table {name!r}{meant(name, found)}; there are: {known}")
        for column, kind in columns.only(found[name].columns).items():
            found[name] = _read_column(found[name], column, kind)
    return found


def words_of(node: Node | None, table: str) -> dict[str, tuple[str, ...]]:
    """Column -> the words that its cells may say, for the columns of which a file's `tables:` lists them."""
    columns = dict(_columns(node)).get(table)
    pairs = columns.mapping().items() if columns is not None else ()
    return {name: _texts(kind) for name, kind in pairs if isinstance(kind.value, list)}


def _columns(node: Node | None) -> Iterator[tuple[str, Node]]:
    yield from node.mapping().items() if node is not None else ()


def _texts(kind: Node) -> tuple[str, ...]:
    return tuple(word.text() for word in kind.sequence())


def _read_column(table: Table, column: str, kind: Node) -> Table:
    read, wanted = _reader(kind)
    rows = dict(table.rows)
    for key, row in table.rows.items():
        if row[column] is not None:
            rows[key] = {**row, column: _read_cell(table, key, column, read, wanted)}
    return replace(table, rows=rows)


def _reader(kind: Node) -> tuple[Callable[[str], object], str]:
    """What reads a cell of this kind, and what it may be. Raises Misconfigured: there is no such kind."""
    if isinstance(kind.value, list):
        words = _texts(kind)
        return {word: word for word in words}.__getitem__, told(f"there are: {', '.join(words)}")
    if kind.text() not in _KINDS:
        raise kind.fault(f"no kind {kind.text()!r} of cells; there are: {', '.join(_KINDS)}, and lists of words")
    return _KINDS[kind.text()]


def _read_cell(table: Table, key: str, column: str, read: Callable[[str], object], wanted: str) -> object:
    text = str(table.rows[key][column])
    try:
        return read(text)
    except (LookupError, ValueError, Misconfigured):
        place = table.places[key][table.columns.index(column)]
        why = f"{text!r} cannot be a cell of {column}: {wanted}"
        raise Misconfigured(f"{place}: {why}") from None


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
    """The table with the cells of one column as what their field takes: words of ours, numbers, true or false.

    Raises: Misconfigured: a cell is none of that; the cell's place is named.
    """
    rows = {key: {**row, column: _cell(table, key, column, kind)} for key, row in table.rows.items()}
    return replace(table, rows=rows)


def _cell(table: Table, key: str, column: str, kind: str) -> object:
    cell = table.rows[key][column]
    if kind not in CELLS or not isinstance(cell, str):
        return cell
    try:
        return ENUMS[kind](cell) if kind in ENUMS else _READERS[kind](cell, "cell", ())
    except (ValueError, BadRecord) as wrong:
        place = table.places[key][table.columns.index(column)]
        why = f"{cell!r} is no {kind}: {wrong.why}" if isinstance(wrong, BadRecord) else _no_word(cell, kind)
        raise Misconfigured(f"{place}: {why}") from None


def _no_word(text: str, kind: str) -> str:
    words = [str(word) for word in ENUMS[kind]]
    return told(f"{text!r} is no {kind}{meant(text, words)}; there are: {', '.join(words)}")
