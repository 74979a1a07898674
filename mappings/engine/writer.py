"""Writes the Python source of one mapping: lines, indentation, fresh names, and the values it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.engine.paths import Path, Step


@dataclass(frozen=True, slots=True)
class Place:
    """Where the generated code stands: a variable, its path in the payload, and the loop variables in that path."""

    var: str
    path: str = ""
    loops: tuple[str, ...] = ()

    def below(self, var: str, name: str) -> Place:
        """The place of the value `name` inside this one."""
        return replace(self, var=var, path=f"{self.path}.{name}" if self.path else name)

    def item(self, var: str, loop: str) -> Place:
        """The place of one item of this list."""
        return Place(var, self.path + "[{}]", (*self.loops, loop))

    @property
    def at(self) -> str:
        """The loop variables as the source text of a tuple."""
        return f"({''.join(loop + ', ' for loop in self.loops)})"

    @property
    def told(self) -> str:
        """Its path as messages name it."""
        return self.path or "(document)"

    @property
    def args(self) -> str:
        """`place, at` as source text, for a reader."""
        return f"{self.told!r}, {self.at}"


@dataclass(slots=True)
class Writer:
    """Collects source lines; `namespace` holds the tables, constants and functions that they name."""

    namespace: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    _used: int = 0

    def fresh(self, stem: str = "v") -> str:
        """A variable name not used before."""
        self._used += 1
        return f"{stem}{self._used}"

    def emit(self, line: str) -> None:
        """Add one line at the present depth."""
        self.lines.append("    " * self.depth + line)

    def let(self, expression: str, stem: str = "v") -> str:
        """Assign an expression to a fresh variable; returns its name."""
        name = self.fresh(stem)
        self.emit(f"{name} = {expression}")
        return name

    def hold(self, value: Any, stem: str) -> str:
        """Keep a Python value in the namespace; returns the name that the source uses for it."""
        name = self.fresh(stem.upper())
        self.namespace[name] = value
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is written inside under `head`."""
        self.emit(head)
        self.depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self.depth -= 1


def walk(writer: Writer, start: Place, steps: tuple[Step, ...]) -> Place:
    """Write the steps of a path without lists; the place's variable is the raw value or None."""
    here = start
    for index, step in enumerate(steps):
        if index:
            here = as_object(writer, here)
            here = here.below(writer.let(f"None if {here.var} is None else {here.var}.get({step.name!r})"), step.name)
        else:
            here = here.below(writer.let(f"{here.var}.get({step.name!r})"), step.name)
    return here


def as_object(writer: Writer, here: Place) -> Place:
    """Write the check that a value is an object (or None)."""
    with writer.block(f"if {here.var}.__class__ is not dict and {here.var} is not None:"):
        writer.emit(f"{here.var} = _obj({here.var}, {here.args})")
    return here


def reads_as(var: str, wanted: str) -> str:
    """Source text that asks whether a raw value reads as `wanted`; what most values are is seen without a call."""
    if wanted in ("true", "false"):
        return f"{var} is {wanted.title()} if {var}.__class__ is bool else _same({var}, {wanted!r})"
    return f"{var} == {wanted!r} or _same({var}, {wanted!r})"


@contextmanager
def loops(writer: Writer, start: Place, path: Path, *, objects: bool = False) -> Iterator[Place]:
    """Write the loops over a path with lists; inside, the place is one value (an object where `objects`)."""
    here, opened = start, writer.depth
    pending: list[Step] = []
    for step in path.steps:
        pending.append(Step(step.name))
        if step.each:
            here = _open_loop(writer, walk(writer, here, tuple(pending)), step)
            pending = []
            if path.steps[-1] is not step:
                _as_element(writer, here)
    here = walk(writer, here, tuple(pending))
    if objects:
        _as_element(writer, here)
    yield here
    writer.depth = opened


def _as_element(writer: Writer, here: Place) -> None:
    with writer.block(f"if {here.var}.__class__ is not dict:"):
        writer.emit(f"{here.var} = _element({here.var}, {here.args})")


def _open_loop(writer: Writer, here: Place, step: Step) -> Place:
    loop, var = writer.fresh("i"), writer.fresh("e")
    source = f"{here.var} if {here.var}.__class__ is list else _items({here.var}, {here.args})"
    writer.emit(f"for {loop}, {var} in enumerate({source}):")
    writer.depth += 1
    item = here.item(var, loop)
    if step.where:
        _as_element(writer, item)
    for test in step.where:
        found = reads_as(writer.let(f"{var}.get({test.name!r})"), test.value)
        with writer.block(f"if not ({found}):" if test.equal else f"if {found}:"):
            writer.emit("continue")
    return item
