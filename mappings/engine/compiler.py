"""Compiles one mapping file, once, to a Python function: decoded payload and settings in, canonical order out.

A file with `refund:` in place of `order:` gives a refund that is told apart.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical.errors import Misconfigured
from hub.canonical.order import FulfilledBy, Order, OrderStatus
from mappings.engine import finish, readers
from mappings.engine.cells import declared
from mappings.engine.derive import FUNCTIONS
from mappings.engine.nodes import Node, read_yaml
from mappings.engine.objects import build, call_of
from mappings.engine.operations import Scope
from mappings.engine.shapes import ROOTS, SHAPES
from mappings.engine.tables import Table, read_table
from mappings.engine.writer import Place, Writer

_NEVER_NULL = {"status": OrderStatus.OPEN, "fulfilled_by": FulfilledBy.MERCHANT}
"""What the canonical order says where the channel says nothing."""

Mapper = Callable[[Any, Mapping[str, str]], Order]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled mapping, the Python source that it became, and each setting (`@name`) that it asks for first."""

    run: Mapper
    source: str
    asked: Mapping[str, Node]


def compile_mapping(
    text: str,
    file: str,
    tables: Mapping[str, str] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Compiled:
    """Compile one YAML text.

    Args:    file: name used in messages.
             tables: table name -> CSV text.
             functions: what `call:` and `as:` may name besides the language's own.
    Returns: `run(payload, settings) -> Order`; it raises BadRecord naming field, value and why.
    Raises:  Misconfigured: a mistake in the file, with line and column.
    """
    read = {name: read_table(name, f"tables/{name}.csv", body) for name, body in (tables or {}).items()}
    return compile_nodes(read_yaml(text, file), file, read, functions or {})


def compile_nodes(
    file_node: Node, file: str, tables: Mapping[str, Table], functions: Mapping[str, Callable[..., Any]]
) -> Compiled:
    """Like `compile_mapping`, for a file and tables that are read already."""
    keys = file_node.only(("channel", "zone", "minor_units", "tables", "wrapped", *ROOTS))
    writer = Writer(_namespace(functions))
    root = Place("doc")
    scope = Scope(writer, root, root, declared(keys.get("tables"), tables), functions)
    writer.emit("doc = _element(doc, '(document)', ())")
    if "wrapped" in keys:
        writer.emit(f"doc = _unwrapped(doc, {tuple(each.text() for each in keys['wrapped'].sequence())!r})")
    zone = _zone_name(keys)
    writer.emit(f"zone = _zone_of(settings, {zone!r})")
    if "minor_units" in keys:
        writer.emit(f"_money = _minor_units(settings, {keys['minor_units'].text()!r})")
    try:
        if "refund" in keys:
            _refund(scope, keys["refund"])
        else:
            _order(scope, file_node)
        return _executed(scope, file)
    except (SyntaxError, RecursionError):
        raise file_node.fault("nested too deeply: write it flatter") from None


def _zone_name(keys: Mapping[str, Node]) -> str:
    """The setting that names the zone, or the zone itself. Raises Misconfigured: there is no such zone."""
    zone = keys["zone"].text() if "zone" in keys else "zone"
    try:
        readers.zone_of({}, zone)
    except Misconfigured as wrong:
        raise keys["zone"].fault(str(wrong)) from None
    return zone


def _order(scope: Scope, file_node: Node) -> None:
    values = build(scope, file_node.needed("order"), SHAPES["order"])
    for name, usual in _NEVER_NULL.items():
        if name in values:
            values[name] = f"{values[name]} or {scope.writer.hold(usual, name)}"
    if "channel" not in values:
        values["channel"] = repr(file_node.needed("channel").text())
    scope.writer.emit(f"return _finish({call_of(scope, SHAPES['order'], values)})")


def _refund(scope: Scope, node: Node) -> None:
    shape = SHAPES["refund"]
    values = build(scope, node, shape)
    scope.writer.emit(f"return {call_of(scope, shape, values)}")


def _executed(scope: Scope, file: str) -> Compiled:
    writer = scope.writer
    source = "def mapping(doc, settings):\n" + "\n".join(writer.lines) + "\n"
    name = f"<mapping {file}>"
    exec(compile(source, name, "exec"), writer.namespace)  # noqa: S102 - source generated from our own files
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return Compiled(writer.namespace["mapping"], source, scope.asked)


def _namespace(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    kinds = (
        "text",
        "ref",
        "some_id",
        "cents",
        "epoch",
        "number",
        "quantity",
        "money",
        "floated",
        "time",
        "flag",
        "upper",
        "currency",
        "country",
        "label",
        "lookup",
    )
    helpers = (
        "computed",
        "element",
        "items",
        "same",
        "present",
        "need",
        "zone_of",
        "obj",
        "product",
        "of_type",
        "minor_units",
        "unwrapped",
    )
    space: dict[str, Any] = {f"_{name}": getattr(readers, name) for name in (*kinds, *helpers)}
    space |= {f"F_{name}": function for name, function in {**FUNCTIONS, **functions}.items()}
    return {**space, "_finish": finish.finish, "_json": finish.json_ready}


__all__ = ["Compiled", "Mapper", "Table", "compile_mapping", "compile_nodes"]
