"""YAML as plain values that remember where they stand, so that a mistake is told with line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from hub.canonical.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Node:
    """One YAML node: text, list or mapping of nodes; `line` and `column` count from 1."""

    value: str | list[Node] | dict[str, Node]
    file: str
    line: int
    column: int

    def fault(self, why: str) -> Misconfigured:
        """The error to raise for a mistake at this node."""
        return Misconfigured(f"{self.file}:{self.line}:{self.column}: {why}")

    def text(self) -> str:
        """The scalar here. Raises Misconfigured where there is a list or a mapping."""
        if not isinstance(self.value, str):
            raise self.fault("expected a text here")
        return self.value

    def mapping(self) -> dict[str, Node]:
        """The keys here. Raises Misconfigured where there is something else."""
        if not isinstance(self.value, dict):
            raise self.fault("expected a mapping (key: value) here")
        return self.value

    def sequence(self) -> list[Node]:
        """The items here; one item alone counts as a list of one."""
        return self.value if isinstance(self.value, list) else [self]

    def only(self, allowed: Sequence[str]) -> dict[str, Node]:
        """The keys here, all of which must be in `allowed`."""
        for key, child in self.mapping().items():
            if key not in allowed:
                raise child.fault(f"unknown key {key!r}; there are: {', '.join(sorted(allowed))}")
        return self.mapping()


def read_yaml(text: str, file: str) -> Node:
    """Parse one YAML document. Raises Misconfigured naming file, line and column."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise Misconfigured(f"{file}:{place}: {broken.problem}") from None
    except yaml.YAMLError as broken:
        raise Misconfigured(f"{file}:1:1: {broken}") from None
    if root is None:
        raise Misconfigured(f"{file}:1:1: the file is empty")
    return _node(root, file)


def _node(raw: yaml.Node, file: str) -> Node:
    line, column = raw.start_mark.line + 1, raw.start_mark.column + 1
    if isinstance(raw, yaml.MappingNode):
        return Node(dict(_pairs(raw, file)), file, line, column)
    if isinstance(raw, yaml.SequenceNode):
        return Node([_node(item, file) for item in raw.value], file, line, column)
    return Node(str(raw.value), file, line, column)


def _pairs(raw: yaml.MappingNode, file: str) -> Iterator[tuple[str, Node]]:
    seen: set[str] = set()
    for key, value in raw.value:
        name = str(key.value)
        if name in seen:
            mark = key.start_mark
            raise Misconfigured(f"{file}:{mark.line + 1}:{mark.column + 1}: {name!r} is written twice")
        seen.add(name)
        yield name, _node(value, file)
