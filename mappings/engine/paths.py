"""Paths into a payload: `a.b`, fallbacks `a | b`, every item `list[].x`, chosen items `list[kind=refund].x`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mappings.engine.nodes import Node

NAME = re.compile(r"[A-Za-z0-9_-]+")
_STEP = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(?:\[(?P<where>[^\]]*)\])?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_TEST = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(?P<op>!=|=)(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on a list's item: its `name` is (or is not) `value`, compared as text."""

    name: str
    equal: bool
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One name; `each` when it is a list whose items are walked; `where` chooses among them."""

    name: str
    each: bool = False
    where: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Where to start (here, root, made = a value made before, setting) and the steps from there."""

    start: str
    steps: tuple[Step, ...]

    @property
    def many(self) -> bool:
        """Whether the path may give several values."""
        return any(step.each for step in self.steps)


def read_paths(node: Node) -> tuple[Path, ...]:
    """The alternatives of one path text, in order. Raises Misconfigured at a mistake."""
    return tuple(_path(part.strip(), node) for part in node.text().split("|"))


def payload_paths(node: Node, *, many: bool = False) -> tuple[Path, ...]:
    """Like `read_paths`, where only the payload itself will do, and where not `many`, one place in it."""
    found = read_paths(node)
    if any(path.start in {"made", "setting"} for path in found):
        raise node.fault(f"{node.text()!r}: expected a path into the payload, without $ and @")
    if not many and any(path.many for path in found):
        raise node.fault(f"{node.text()!r}: expected a path to one value, without []")
    return found


def _path(text: str, node: Node) -> Path:
    if text == ".":
        return Path("here", ())
    if _NUMBER.fullmatch(text):
        raise node.fault(f'{text} reads a field of that name; a number that is always the same is {{const: "{text}"}}')
    start = {"/": "root", "$": "made", "@": "setting"}.get(text[:1], "here")
    body = text if start == "here" else text[1:]
    path = Path(start, tuple(_step(part, node) for part in _split(body)))
    if start in {"made", "setting"} and (len(path.steps) != 1 or path.many):
        raise node.fault(f"{text!r}: write one plain name after {text[0]!r}")
    return path


def _split(text: str) -> list[str]:
    """Split at dots, but not inside brackets; one that is not closed keeps the rest, which then is no step."""
    return re.findall(r"(?:[^.\[]|\[[^\]]*(?:\]|$))+", text) if text and not re.search(r"^\.|\.\.|\.$", text) else [""]


def _step(text: str, node: Node) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise node.fault(
            f"{text!r} is no path step; write name, name[] or name[key=value], "
            "or const: for a text that is always the same"
        )
    where = found["where"]
    if where is None:
        return Step(found["name"])
    return Step(found["name"], True, tuple(_test(part, node) for part in where.split(",") if part.strip()))


def _test(text: str, node: Node) -> Test:
    found = _TEST.fullmatch(text.strip())
    if found is None:
        raise node.fault(f"{text!r} is no condition; write key=value or key!=value")
    return Test(found["name"], found["op"] == "=", found["value"].strip())
