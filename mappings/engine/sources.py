"""Where the mappings of a channel stand: its YAML files, tables and functions, and what they become with overrides."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from operator import or_
from typing import Any

from hub.canonical.errors import Misconfigured
from mappings.engine.cells import words_of
from mappings.engine.compiler import Compiled, compile_nodes
from mappings.engine.nodes import Node, meant, read_yaml
from mappings.engine.overrides import MINE, MOST_ROWS, Overrides, laid_over
from mappings.engine.shapes import ENUMS
from mappings.engine.tables import Table, read_table, with_rows

SENT = frozenset({"carriers"})
"""Tables that connectors look up for what they send."""


@dataclass(frozen=True, slots=True)
class Sources:
    """texts: name of a mapping -> its YAML; nodes: likewise, read; functions: of its `functions.py`.

    tables: those that are used; folder: all that there are.
    """

    channel: str
    texts: Mapping[str, str]
    nodes: Mapping[str, Node]
    tables: Mapping[str, Table]
    folder: Mapping[str, Table]
    functions: Mapping[str, Callable[..., Any]]

    def words(self, table: Table) -> dict[str, tuple[str, ...]]:
        """Column -> what its cells may say: columns named like a field with words of ours, those of a file's lists."""
        ours = {name: tuple(str(word) for word in ENUMS[name]) for name in table.columns if name in ENUMS}
        listed = (words_of(node.mapping().get("tables"), table.name) for node in self.nodes.values())
        return reduce(or_, listed, ours)


@cache
def sources(channel: str) -> Sources:
    """All that a channel's mappings are made of.

    Args:   channel: folder under `mappings/`, or the dotted name of a package of one's own.
    Raises: Misconfigured: a mistake in a file (line and column are named), or there is no such package.
    """
    package = channel if "." in channel else f"mappings.{channel}"
    try:
        folder = files(package)
    except ModuleNotFoundError:
        raise Misconfigured(f"{channel} has no mapping") from None
    texts = {
        each.name[:-5]: _text(each, f"{channel}/{each.name}")
        for each in folder.iterdir()
        if each.name.endswith(".yaml")
    }
    at = folder / "tables"
    rows = sorted(at.iterdir(), key=lambda each: each.name) if at.is_dir() else []
    tables = {
        each.name[:-4]: read_table(each.name[:-4], f"tables/{each.name}", _text(each, f"tables/{each.name}"))
        for each in rows
        if each.name.endswith(".csv")
    }
    nodes = {name: read_yaml(texts[name], f"{channel}/{name}.yaml") for name in sorted(texts)}
    used = {name for node in nodes.values() for name in _tables_in(node)} | SENT
    mine = {name: table for name, table in tables.items() if name in used}
    return Sources(channel, texts, nodes, mine, tables, _functions(package))


def _text(source: Traversable, file: str) -> str:
    raw = source.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        before = raw[: broken.start]
        place = f"{before.count(10) + 1}:{broken.start - before.rfind(10)}"
        raise Misconfigured(
            f"{file}:{place}: the byte {raw[broken.start]:#04x} is no UTF-8: save it as UTF-8"
        ) from None


def _tables_in(node: Node) -> Iterator[str]:
    """The names of the tables that a file looks up, or gives to its functions."""
    if isinstance(node.value, dict):
        found = node.value.get("table")
        if found is not None and isinstance(found.value, str):
            yield found.value
        children = list(node.value.values())
    else:
        children = node.value if isinstance(node.value, list) else []
    for child in children:
        yield from _tables_in(child)


def _functions(package: str) -> dict[str, Callable[..., Any]]:
    """The public functions that a channel's `functions.py` defines itself."""
    if find_spec(f"{package}.functions") is None:
        return {}
    module = importlib.import_module(f"{package}.functions")
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: each for name, each in found if not name.startswith("_") and each.__module__ == module.__name__}


@cache
def compiled(channel: str, name: str) -> Compiled:
    """One mapping as it comes with the program, with the Python source that it became."""
    return _compiled(sources(channel), name, Overrides())


@lru_cache(maxsize=512)
def overridden(channel: str, name: str, setting: str) -> Compiled:
    """One mapping under a connection's overrides (the text of its setting). Raises Misconfigured, likewise."""
    return _compiled(sources(channel), name, Overrides.of(json.loads(setting)))


def check_overrides(channel: str, overrides: Overrides) -> None:
    """Compile all mappings of a channel under these overrides. Raises Misconfigured: the first mistake."""
    found = sources(channel)
    for file in overrides.files:
        if file not in found.nodes:
            raise Misconfigured(
                f"{file}.yaml{MINE}:1:1: {channel} has no such mapping; there are: {', '.join(found.nodes)}"
            )
    for name in found.nodes:
        _compiled(found, name, overrides)


def check_named(channel: str, name: str, others: Collection[str], settings: Collection[str]) -> None:
    """That the mappings of a channel say its name, and ask only for settings that it has.

    Args:   channel: as `sources` takes it.
            name, settings: of the passport; others: the names of all channels that there are.
    Raises: Misconfigured naming file, line and column.
    """
    for file, node in sources(channel).nodes.items():
        said = node.mapping().get("channel")
        if said is not None and said.text() != name:
            wrong, known = said.text(), ", ".join(sorted(others))
            raise said.fault(
                f"channel {wrong!r} is not this connector's{meant(wrong, [name])}: write {name!r}; there are: {known}"
            )
        _check_asked(compiled(channel, file), name, settings)


def _check_asked(found: Compiled, name: str, settings: Collection[str]) -> None:
    for asked, at in found.asked.items():
        if asked not in settings:
            known = ", ".join(sorted(settings)) or "none"
            raise at.fault(
                f"@{asked} is no setting of {name}{meant(asked, settings)}; there are: {known}; "
                "write const: for a text that is always the same"
            )


def tables_of(found: Sources, overrides: Overrides) -> dict[str, Table]:
    """The tables with a connection's own rows. Raises Misconfigured, naming table, row and cell."""
    tables = dict(found.tables)
    for name, rows in overrides.tables.items():
        file = f"tables/{name}.csv{MINE}"
        if name not in tables:
            raise Misconfigured(f"{file}:1:1: no table {name!r}{meant(name, tables)}; there are: {', '.join(tables)}")
        if len(rows) > MOST_ROWS:
            raise Misconfigured(f"{file}:{MOST_ROWS + 1}:1: more than {MOST_ROWS} rows")
        tables[name] = with_rows(tables[name], file, rows)
    return tables


def _compiled(found: Sources, name: str, overrides: Overrides) -> Compiled:
    node = found.nodes.get(name)
    if node is None:
        raise Misconfigured(f"no mapping {found.channel}/{name}.yaml")
    if name in overrides.files:
        node = laid_over(node, overrides.files[name], f"{name}.yaml{MINE}")
    tables = {**found.folder, **tables_of(found, overrides)}
    return compile_nodes(node, f"{found.channel}/{name}.yaml", tables, found.functions)
