"""The figures of the bench: one key each, with its bar and the function that measures it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `values`: one per round, in the key's own unit; `beside`: other numbers worth telling.

    also_ok: whether those other numbers reach their own bars.
    """

    values: tuple[float, ...]
    beside: Mapping[str, Any] = field(default_factory=dict)
    also_ok: bool = True

    @property
    def median(self) -> float:
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a median must reach: at least (`>=`) or at most (`<=`) so much."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.sign == ">=" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"


def at_least(limit: float) -> Bar:
    return Bar(">=", limit)


def at_most(limit: float) -> Bar:
    return Bar("<=", limit)


def judged(figure: Figure, bar: Bar | None) -> dict[str, Any]:
    """A figure and whether it reaches its bar, as JSON-ready values."""
    values = figure.values
    return {
        "median": round(figure.median, 4), "min": round(min(values), 4), "max": round(max(values), 4),
        "rounds": len(values), "bar": str(bar) if bar else None,
        "ok": figure.also_ok and (bar is None or bar.holds(figure.median)), **figure.beside,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One figure: its name, what it tells in one line, its bar (None: only reported), and `measure(quick)`."""

    name: str
    tells: str
    bar: Bar | None
    measure: Callable[[bool], Figure]

    def judged(self, figure: Figure) -> dict[str, Any]:
        """The figure as JSON-ready values."""
        return judged(figure, self.bar)
