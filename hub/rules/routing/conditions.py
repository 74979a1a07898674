"""Conditions on an order: when a strategy applies, and which orders a batch takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.canonical.errors import BadInput
from hub.rules.routing.reading import a_list, a_whole, micros, money_text, one_of, texts
from hub.rules.routing.words import Demand

TEXTS = ("channel", "connection", "country", "ship_method", "payment")
NUMBERS = ("age_minutes", "value", "weight_g", "units", "lines", "priority", "days_left")
FIELDS = (*TEXTS, "tags", *NUMBERS)
"""value: of the order, money. age_minutes: since it was placed. days_left: until it must arrive.
units: pieces wanted. lines: different SKUs wanted."""

OPS = {"text": ("is", "is_not", "any_of", "none_of"), "tags": ("any_of", "none_of", "all_of"),
       "number": ("is", "is_not", "at_least", "at_most")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One test. `value`: texts for a text or tags, one number (money in micros) for a number."""

    field: str
    op: str
    value: tuple[str, ...] | int

    def to_dict(self) -> dict[str, Any]:
        value: Any = list(self.value) if isinstance(self.value, tuple) else self.value
        if self.op in ("is", "is_not") and isinstance(self.value, tuple):
            value = self.value[0]
        return {"field": self.field, "op": self.op, "value": money_text(value) if self.field == "value" else value}

    def holds(self, demand: Demand, as_of: datetime | None) -> bool:
        """A number that is not known (no time, no deadline) fulfills no condition."""
        if isinstance(self.value, int):
            return _number_holds(self.op, measure(self.field, demand, as_of), self.value)
        if self.field == "tags":
            return _tags_hold(self.op, demand.tags, frozenset(self.value))
        inside = (getattr(demand, self.field) or "") in self.value
        return inside is (self.op in ("is", "any_of"))


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that must all hold (`every`), or one of which is enough. Without any it always holds."""

    every: bool = True
    parts: tuple[Condition | Group, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"all" if self.every else "any": [part.to_dict() for part in self.parts]} if self.parts else {}

    def holds(self, demand: Demand, as_of: datetime | None) -> bool:
        if not self.parts:
            return True
        test = all if self.every else any
        return test(part.holds(demand, as_of) for part in self.parts)


ALWAYS = Group()


def read_group(body: object, path: str) -> Group:
    """{"all": [...]} or {"any": [...]}; {} always holds. Raises BadInput with the path of what it is not."""
    if not isinstance(body, Mapping) or set(body) - {"all", "any"} or len(body) > 1:
        raise BadInput(f'{path} = {body!r}: use {{"all": [conditions]}} or {{"any": [conditions]}}')
    if not body:
        return ALWAYS
    ((name, rows),) = body.items()
    parts = (_part(row, f"{path}.{name}[{n}]") for n, row in enumerate(a_list(rows, f"{path}.{name}")))
    return Group(name == "all", tuple(parts))


def _part(body: object, path: str) -> Condition | Group:
    if not isinstance(body, Mapping) or not {"field", "op", "value"} >= set(body):
        return read_group(body, path)
    field = one_of(body.get("field"), f"{path}.field", FIELDS)
    kind = "tags" if field == "tags" else "text" if field in TEXTS else "number"
    op = one_of(body.get("op"), f"{path}.op", OPS[kind])
    value, where = body.get("value"), f"{path}.value"
    if kind == "number":
        number = micros(value, where) if field == "value" else a_whole(value, where, -(10**9))
        return Condition(field, op, number)
    if op in ("is", "is_not"):
        return Condition(field, op, texts([value], where))
    return Condition(field, op, texts(value, where))


def measure(field: str, demand: Demand, as_of: datetime | None) -> int | None:
    """A number of an order; None where it is not known."""
    return _MEASURES[field](demand, as_of)


def _age(demand: Demand, as_of: datetime | None) -> int | None:
    if demand.placed_at is None or as_of is None:
        return None
    return int((as_of - demand.placed_at).total_seconds() // 60)


def _days_left(demand: Demand, as_of: datetime | None) -> int | None:
    return None if demand.deliver_by is None or as_of is None else (demand.deliver_by - as_of.date()).days


_MEASURES: dict[str, Callable[[Demand, datetime | None], int | None]] = {
    "age_minutes": _age,
    "days_left": _days_left,
    "value": lambda demand, _: demand.value,
    "weight_g": lambda demand, _: sum(piece.weight_g * max(0, piece.quantity) for piece in demand.pieces),
    "units": lambda demand, _: sum(max(0, piece.quantity) for piece in demand.pieces),
    "lines": lambda demand, _: len({piece.sku for piece in demand.pieces if piece.quantity > 0}),
    "priority": lambda demand, _: demand.priority,
}


def _number_holds(op: str, found: int | None, value: int) -> bool:
    if found is None:
        return False
    return {"is": found == value, "is_not": found != value, "at_least": found >= value, "at_most": found <= value}[op]


def _tags_hold(op: str, found: frozenset[str], value: frozenset[str]) -> bool:
    if op == "all_of":
        return value <= found
    return bool(value & found) is (op == "any_of")
