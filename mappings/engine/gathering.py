"""Operations that gather over the items of lists: sums by id and pairs of numbers for functions, the latest time."""

from __future__ import annotations

from mappings.engine.gives import NUMBER
from mappings.engine.nodes import Node
from mappings.engine.operations import Operation, Scope, expression, of_family, reader_call
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


def _extreme(word: str, pick: str) -> Operation:
    def operation(scope: Scope, node: Node, kind: str) -> str:
        """`latest` or `earliest: [a, items[].b]`, `as: kind`: of all values that are told at these places."""
        keys = node.only((word, "as"))
        read_as = keys["as"].text() if "as" in keys else kind
        writer, found = scope.writer, scope.writer.let("[]", "l")
        for part in keys[word].sequence():
            for path in payload_paths(part, many=True):
                with loops(writer, scope.start(path), path) as place, writer.block(f"if {place.var} is not None:"):
                    value = writer.let(reader_call(scope, part, read_as, place))
                    writer.emit(f"if {value} is not None: {found}.append({value})")
        return writer.let(f"{pick}({found}, default=None)")

    return operation


GATHERING: dict[str, Operation] = {
    "tally": _tally,
    "pairs": _pairs,
    "latest": _extreme("latest", "max"),
    "earliest": _extreme("earliest", "min"),
}
"""Name of an operation -> what writes it."""
