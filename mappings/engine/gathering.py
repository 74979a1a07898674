"""Operations that gather from every item of a list what a function then compares: sums by id, pairs of numbers."""

from __future__ import annotations

from mappings.engine.gives import NUMBER
from mappings.engine.nodes import Node
from mappings.engine.operations import Operation, Scope, expression, of_family
from mappings.engine.paths import payload_paths
from mappings.engine.writer import loops


def _tally(scope: Scope, node: Node, kind: str) -> str:
    """`tally: items[]`, `key: path`, `of: expression`, `as: kind` (a quantity if not said): id -> sum over the items
    that carry it; an item without id or number counts nothing.
    """
    keys = node.only(("tally", "key", "of", "as"))
    named, counted = node.needed("key"), node.needed("of")
    read_as = keys["as"].text() if "as" in keys else "quantity"
    writer, result = scope.writer, scope.writer.let("{}", "m")
    for path in payload_paths(keys["tally"], many=True):
        with loops(writer, scope.start(path), path, objects=True) as place:
            inner = scope.inside(place)
            key = writer.let(of_family(inner, named, "some_id", expression(inner, named, "some_id"), "text"))
            found = writer.let(of_family(inner, counted, read_as, expression(inner, counted, read_as), NUMBER))
            with writer.block(f"if {key} is not None and {found} is not None:"):
                writer.emit(f"{result}[{key}] = {result}.get({key}, 0) + {found}")
    return result


def _pairs(scope: Scope, node: Node, kind: str) -> str:
    """`pairs: items[]`, `of: [a, b]`, `as: kind` (quantities if not said): the two numbers of each item, None where
    one is unknown.
    """
    keys = node.only(("pairs", "of", "as"))
    wanted, read_as = node.needed("of").sequence(), keys["as"].text() if "as" in keys else "quantity"
    if len(wanted) != 2:
        raise node.needed("of").fault("expected two expressions here, such as [wanted, shipped]")
    writer, result = scope.writer, scope.writer.let("[]", "l")
    for path in payload_paths(keys["pairs"], many=True):
        with loops(writer, scope.start(path), path, objects=True) as place:
            inner = scope.inside(place)
            parts = [
                writer.let(of_family(inner, part, read_as, expression(inner, part, read_as), NUMBER)) for part in wanted
            ]
            writer.emit(f"{result}.append(({', '.join(parts)}))")
    return result


GATHERING: dict[str, Operation] = {"tally": _tally, "pairs": _pairs}
"""Name of an operation -> what writes it."""
