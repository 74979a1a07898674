"""YAML as plain values that remember where they stand, so that a mistake is told with line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import yaml

from hub.canonical.errors import Misconfigured
from hub.canonical.told import told

MOST_NODES = 20_000
"""Values in one file, with those that aliases repeat."""


@dataclass(frozen=True, slots=True)
class Node:
    """One YAML node: text, list or mapping of nodes; `line` and `column` count from 1.

    key_at: where the key stands that this is the value of; (0, 0) for what has none.
    """

    value: str | list[Node] | dict[str, Node]
    file: str
    line: int
    column: int
    key_at: tuple[int, int] = (0, 0)

    def fault(self, why: str) -> Misconfigured:
        """The error to raise for a mistake at this node."""
        return Misconfigured(f"{self.file}:{self.line}:{self.column}: {why}")

    def key_fault(self, why: str) -> Misconfigured:
        """The error to raise for a mistake in the key of this value."""
        line, column = self.key_at if self.key_at[0] else (self.line, self.column)
        return Misconfigured(f"{self.file}:{line}:{column}: {why}")

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
                raise child.key_fault(
                    f"unknown key {key!r}{meant(key, allowed)}; there are: {', '.join(sorted(allowed))}"
                )
        return self.mapping()

    def needed(self, name: str) -> Node:
        """The value of a key that must be here. Raises Misconfigured where it is not."""
        found = self.mapping().get(name)
        if found is None:
            raise self.fault(f"`{name}:` is missing here")
        return found


def meant(word: str, known: Iterable[str]) -> str:
    """ ", did you mean 'state'?" where a word is nearly a known one, else nothing."""
    near = get_close_matches(word, sorted(known), 1, 0.7)
    return told(f" (did you mean {str(near[0])!r}?)") if near else ""


def read_yaml(text: str, file: str) -> Node:
    """Parse one YAML document. Raises Misconfigured naming file, line and column."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            raise Misconfigured(f"{file}:1:1: the file is empty")
        return _Reader(file).node(root)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise Misconfigured(f"{file}:{place}: {broken.problem}") from None
    except yaml.reader.ReaderError as odd:
        before = text[: int(odd.position)]
        place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise Misconfigured(f"{file}:{place}: the character {text[odd.position]!a} cannot stand in YAML") from None
    except RecursionError:
        raise Misconfigured(f"{file}:1:1: nested too deeply, or an alias that holds itself") from None


@dataclass(slots=True)
class _Reader:
    """Copies the nodes of one file; aliases are written out."""

    file: str
    count: int = 0

    def node(self, raw: yaml.Node, key: yaml.Node | None = None) -> Node:
        line, column = raw.start_mark.line + 1, raw.start_mark.column + 1
        key_at = (key.start_mark.line + 1, key.start_mark.column + 1) if key else (0, 0)
        self.count += 1
        if self.count > MOST_NODES:
            raise Misconfigured(f"{self.file}:{line}:{column}: more than {MOST_NODES} values: use fewer aliases")
        return Node(self._value(raw), self.file, line, column, key_at)

    def _value(self, raw: yaml.Node) -> str | list[Node] | dict[str, Node]:
        if isinstance(raw, yaml.MappingNode):
            return dict(self._pairs(raw))
        if isinstance(raw, yaml.SequenceNode):
            return [self.node(item) for item in raw.value]
        return str(raw.value)

    def _pairs(self, raw: yaml.MappingNode) -> Iterator[tuple[str, Node]]:
        seen: set[str] = set()
        for key, value in raw.value:
            name = str(key.value)
            child = self.node(value, key)
            if name in seen:
                raise child.key_fault(f"{name!r} is written twice")
            seen.add(name)
            yield name, child
