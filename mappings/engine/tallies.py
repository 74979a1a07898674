"""The operations that tell how many there are of something, and which of several marks stand."""

from __future__ import annotations

from decimal import Decimal

from mappings.engine.nodes import Node
from mappings.engine.operations import Scope, expression
from mappings.engine.paths import payload_paths
from mappings.engine.writer import loops, reads_as, walk


def count(scope: Scope, node: Node, kind: str) -> str:
    """`count: items[]`: how many there are, those that meet the path's conditions; 0 where the list is absent. With
    `of: expression`, `is: text` those count of which the expression reads so.
    """
    keys = node.only(("count", "of", "is"))
    if ("of" in keys) != ("is" in keys):
        raise node.fault("`of` and `is` go together")
    writer, result = scope.writer, scope.writer.let("0", "n")
    for path in payload_paths(keys["count"], many=True):
        if not path.many:
            raise keys["count"].fault("count takes a path with a list in it: items[]")
        with writer.block(f"if not {result}:"), loops(writer, scope.start(path), path, objects="of" in keys) as place:
            if "of" in keys:
                found = writer.let(expression(scope.inside(place), keys["of"], "raw"))
                writer.emit(f"{result} += bool({reads_as(found, keys['is'].text())})")
            else:
                writer.emit(f"{result} += 1")
    return writer.let(f"{writer.hold(Decimal, 'number')}({result})")


def marks(scope: Scope, node: Node, kind: str) -> str:
    """`marks: [a, b]`: the names of those fields that there are (or that read as `is`), with a blank between them."""
    keys = node.only(("marks", "is"))
    writer, result = scope.writer, scope.writer.let("[]", "l")
    for part in keys["marks"].sequence():
        path = payload_paths(part)[0]
        found = walk(writer, scope.start(path), path.steps).var
        wanted = reads_as(found, keys["is"].text()) if "is" in keys else f"_present({found})"
        with writer.block(f"if {wanted}:"):
            writer.emit(f"{result}.append({path.steps[-1].name!r})")
    return writer.let(f"' '.join({result}) or None")
