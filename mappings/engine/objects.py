"""Writes the Python that builds canonical objects, lists of them, and the free-form `extra`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from mappings.engine.gathering import GATHERING
from mappings.engine.gives import FAMILIES, WHOLE, gives
from mappings.engine.nodes import Node
from mappings.engine.operations import OPERATIONS, Scope, blame, expression, of_family
from mappings.engine.paths import Path, payload_paths
from mappings.engine.shapes import LISTS, SHAPES, Shape
from mappings.engine.tallies import count, marks
from mappings.engine.writer import Place, as_object, loops


def value_of(scope: Scope, node: Node, kind: str) -> str:
    """Write one field of any kind; returns the source text of its value."""
    if kind in LISTS:
        return _list_of(scope, node, kind)
    if kind == "extra":
        return _free(scope, node) + " or {}"
    if kind == "texts":
        return f"{expression(scope, node, kind)} or ()"
    if kind in SHAPES and isinstance(node.value, dict) and "make" in node.value:
        return _one(scope, node, SHAPES[kind])
    if kind in SHAPES:
        raise node.fault(f"expected `from: path` and `make:` with the fields {', '.join(SHAPES[kind].fields)}")
    return expression(scope, node, kind)


def build(scope: Scope, fields: Node, shape: Shape) -> dict[str, str]:
    """Write the fields of one object in the order of the file; returns field name -> source text of its value."""
    for name in shape.required - fields.mapping().keys():
        raise fields.fault(f"{name!r} is required here")
    values: dict[str, str] = {}
    for name, node in fields.only(tuple(shape.fields)).items():
        value = value_of(scope, node, shape.fields[name])
        if shape.fields[name] in FAMILIES:
            value = of_family(scope, node, shape.fields[name], value, FAMILIES[shape.fields[name]])
        if shape.fields[name] == "money" and isinstance(node.value, dict) and "read" not in node.value:
            value = f"_computed({value}, {scope.here.below('', name).args})"
        values[name] = scope.writer.let(value)
        scope.made[name] = values[name]
        scope.kinds[name] = shape.fields[name]
        if name in shape.required and name != shape.unless_empty:
            scope.writer.emit(f"if {values[name]} is None: _need(None, {blame(scope, node, name).args})")
    return values


def call_of(scope: Scope, shape: Shape, values: Mapping[str, str]) -> str:
    """Source text that makes the object."""
    scope.writer.namespace[shape.makes.__name__] = shape.makes
    return f"{shape.makes.__name__}({', '.join(f'{name}={value}' for name, value in values.items())})"


def _from(scope: Scope, node: Node) -> tuple[Scope, str]:
    """The scope at `from: path` (the first alternative that is there; of a list, its first item), and its variable."""
    if "from" not in node.mapping():
        return scope.inside(scope.here), "True"
    writer, source = scope.writer, scope.writer.let("None", "o")
    place = scope.here
    for path in payload_paths(node.mapping()["from"], many=True):
        with writer.block(f"if {source} is None:"):
            place = _first_of(scope, path, source)
    return scope.inside(Place(source, place.path, place.loops)), f"{source} is not None"


def _first_of(scope: Scope, path: Path, source: str) -> Place:
    """Write the walk to the first object at a path; its place keeps the numbers of the items that lead there."""
    writer, before = scope.writer, len(scope.start(path).loops)
    kept = [writer.let("0", "k") for step in path.steps if step.each]
    with loops(writer, scope.start(path), path) as place:
        place = as_object(writer, place)
        with writer.block(f"if {source} is None and {place.var} is not None:"):
            for name, loop in zip((source, *kept), (place.var, *place.loops[before:]), strict=True):
                writer.emit(f"{name} = {loop}")
    return Place(source, place.path, (*place.loops[:before], *kept))


def _one(scope: Scope, node: Node, shape: Shape) -> str:
    """One object, None where its source is absent or no field of it is known."""
    node.only(("from", "make"))
    writer, result = scope.writer, scope.writer.let("None")
    inner, there = _from(scope, node)
    with writer.block(f"if {there}:"):
        values = build(inner, node.mapping()["make"], shape)
        known = (value if shape.fields[name] == "texts" else f"{value} is not None" for name, value in values.items())
        with writer.block(f"if {' or '.join(known)}:"):
            writer.emit(f"{result} = {call_of(scope, shape, values)}")
    return result


def _list_of(scope: Scope, node: Node, kind: str) -> str:
    """A tuple of objects from one or several `each` + `make` entries."""
    writer, result = scope.writer, scope.writer.let("[]", "l")
    for entry in node.sequence():
        keys = entry.only(("each", "make"))
        if "make" not in keys:
            raise entry.fault("expected `each: items[]` and `make:`")
        for number, path in enumerate(payload_paths(keys["each"], many=True) if "each" in keys else (None,)):
            with ExitStack() as stack:
                if number:
                    stack.enter_context(writer.block(f"if not {result}:"))
                here = scope.here
                if path is not None:
                    here = stack.enter_context(loops(writer, scope.start(path), path, objects=True))
                _append_object(scope.inside(here), keys["make"], kind, result)
    return writer.let(f"tuple({result})")


def _append_object(scope: Scope, fields: Node, kind: str, result: str) -> None:
    writer = scope.writer
    if kind == "sub_orders":
        writer.emit(f"{result}.append({_free(scope, fields)})")
        return
    shape = SHAPES[kind]
    values = build(scope, fields, shape)
    if shape.unless_empty is None:
        writer.emit(f"{result}.append({call_of(scope, shape, values)})")
        return
    with writer.block(f"if {values[shape.unless_empty]}:"):
        writer.emit(f"{result}.append({call_of(scope, shape, values)})")


def _free(scope: Scope, fields: Node) -> str:
    """A dictionary with the keys that the file names; unknown and empty values are left out."""
    writer, result = scope.writer, scope.writer.let("{}", "x")
    for name, node in fields.mapping().items():
        if WHOLE in gives(node, "text", scope.kinds):
            raise node.fault(f"expected a value here, this gives {WHOLE}: name its fields")
        found = writer.let(expression(scope, node, "text"))
        with writer.block(f"if {found} is not None and {found} != () and {found} != {{}}:"):
            writer.emit(f"{result}[{name!r}] = _json({found})")
    return result


def _make(scope: Scope, node: Node, kind: str) -> str:
    """`make: {...}` inside `extra`, with `from: path` if the values stand below one object."""
    node.only(("from", "make"))
    writer, result = scope.writer, scope.writer.let("None")
    inner, there = _from(scope, node)
    with writer.block(f"if {there}:"):
        writer.emit(f"{result} = {_free(inner, node.mapping()['make'])} or None")
    return result


def _each(scope: Scope, node: Node, kind: str) -> str:
    """`each: items[]` + `make: {...}` inside `extra`: a list of dictionaries."""
    return _list_of(scope, node, "sub_orders")


OPERATIONS.update(GATHERING)
OPERATIONS["count"] = count
OPERATIONS["marks"] = marks
OPERATIONS["make"] = _make
OPERATIONS["each"] = _each
