"""Whether a value is what its type says, field by field and as deep as it goes: checks made of the types themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, NewType, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from hub.canonical.amounts import LIMIT
from hub.canonical.refs import FILLED


class Fault(NamedTuple):
    """Where a value is wrong (`.records[0].raw`; "": as a whole), what stands there, and what is wanted."""

    path: str
    given: str
    wanted: str

    def under(self, step: str) -> Fault:
        return self._replace(path=step + self.path)


class Kind(NamedTuple):
    """A type: its words, and what finds the first fault of a value."""

    wanted: str
    fault_of: Callable[[Any], Fault | None]


def unsound(value: Any, hint: Any) -> str:
    """What is wrong with `value`: `Page.records[0].raw as str where bytes is wanted`; "" where it is what `hint` says.

    Args: hint: a type as `get_type_hints` gives it (with extras): a class, dataclass, struct or enum, `Ref`, a union, a
                tuple of any length, a mapping, a literal; `Any` is what JSON can hold.
    """
    try:
        fault = kind_of(hint).fault_of(value)
    except RecursionError:
        fault = Fault("", f"{type(value).__name__} nested too deep", _outermost(hint))
    if fault is None:
        return ""
    place = f"{_outermost(hint)}{fault.path} as " if fault.path else ""
    return f"{place}{fault.given} where {fault.wanted} is wanted"


@cache
def kind_of(hint: Any) -> Kind:
    """The check of one type, made once. Raises TypeError: there is none for such a type."""
    if hint in _LEAVES:
        return _LEAVES[hint]
    if get_origin(hint) in _BUILT:
        return _BUILT[get_origin(hint)](*get_args(hint))
    if isinstance(hint, NewType):
        return kind_of(hint.__supertype__)
    if not isinstance(hint, type):
        raise TypeError(f"no check for {hint!r}")
    return _leaf(hint.__name__, lambda value: isinstance(value, hint)) if not _parts(hint) else _record(hint)


def _outermost(hint: Any) -> str:
    """The class that a path begins with: of a tuple that of which it is full."""
    named = [arg for arg in get_args(hint) if arg not in (NoneType, ...)]
    return _outermost(named[0]) if named else str(hint.__name__)


def _given(value: Any) -> str:
    """What stands there, numbers aside without its content: that may be somebody's data."""
    name = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{name} {Decimal(value):.6g}"
    if isinstance(value, str) and not value.strip():
        return f"blank {name}"
    return f"{name} without a zone" if isinstance(value, datetime) and not _zoned(value) else name


def _leaf(wanted: str, fits: Callable[[Any], bool]) -> Kind:
    return Kind(wanted, lambda value: None if fits(value) else Fault("", _given(value), wanted))


def _parts(kind: type) -> tuple[str, ...]:
    """The names of the fields of a dataclass or struct; of other classes none."""
    if issubclass(kind, Struct):
        return kind.__struct_fields__
    return tuple(part.name for part in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def _record(kind: type) -> Kind:
    """A dataclass or struct: each of its fields."""
    hints = get_type_hints(kind, include_extras=True)
    parts = [(name, kind_of(hints[name]).fault_of) for name in _parts(kind)]

    def fault_of(value: Any) -> Fault | None:
        if not isinstance(value, kind):
            return Fault("", _given(value), kind.__name__)
        for name, of in parts:
            fault = of(getattr(value, name))
            if fault is not None:
                return fault.under(f".{name}")
        return None

    return Kind(kind.__name__, fault_of)


def _union(*hints: Any) -> Kind:
    """One of several types; where the value is of one in its outermost class, what is wrong within is told."""
    kinds = [kind_of(hint) for hint in hints]
    wanted = " or ".join(kind.wanted for kind in kinds)

    def fault_of(value: Any) -> Fault | None:
        if value is None and NoneType in hints:
            return None
        faults = [kind.fault_of(value) for kind in kinds]
        within = next((fault for fault in faults if fault is not None and fault.path), None)
        return None if None in faults else within or Fault("", _given(value), wanted)

    return Kind(wanted, fault_of)


def _tuple(hint: Any, *_any_length: Any) -> Kind:
    each, wanted = kind_of(hint).fault_of, f"tuple of {kind_of(hint).wanted}"
    return Kind(
        wanted,
        lambda value: _first(each, enumerate(value)) if isinstance(value, tuple) else Fault("", _given(value), wanted),
    )


def _mapping(of_key: Any, of_value: Any) -> Kind:
    key_kind, value_kind = kind_of(of_key), kind_of(of_value)

    def fault_of(value: Any) -> Fault | None:
        if not isinstance(value, Mapping):
            return Fault("", _given(value), "Mapping")
        wrong = next(filter(None, map(key_kind.fault_of, value)), None)
        return wrong.under("[key]") if wrong else _first(value_kind.fault_of, value.items())

    return Kind("Mapping", fault_of)


def _first(fault_of: Callable[[Any], Fault | None], steps: Iterable[tuple[object, Any]]) -> Fault | None:
    """The first fault of what stands at these steps."""
    for step, value in steps:
        fault = fault_of(value)
        if fault is not None:
            return fault.under(f"[{step}]"[:60])
    return None


def _marked(hint: Any, *marks: Any) -> Kind:
    if FILLED not in marks:
        return kind_of(hint)
    return _leaf("str that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))


def _literal(*values: Any) -> Kind:
    wanted, known = " or ".join(map(repr, values)), {(type(value), value) for value in values}

    def fault_of(value: Any) -> Fault | None:
        if any(type(value) is kind and value == one for kind, one in known):
            return None
        return Fault("", repr(value)[:40] if isinstance(value, str) else _given(value), wanted)

    return Kind(wanted, fault_of)


def _json(value: Any) -> Fault | None:
    """What an order may carry without a word of its own: what `as_plain` makes plain."""
    if isinstance(value, (Decimal, datetime)):
        return _LEAVES[Decimal if isinstance(value, Decimal) else datetime].fault_of(value)
    if isinstance(value, (int, float)):
        return None if abs(value) < _LONG else Fault("", _given(value), f"a number below {_LONG}")
    if isinstance(value, Mapping):
        return kind_of(Mapping[str, Any]).fault_of(value)
    if isinstance(value, (tuple, list)):
        return _first(_json, enumerate(value))
    if isinstance(value, Struct):
        return _first(_json, ((name, getattr(value, name)) for name in value.__struct_fields__))
    return None if value is None or isinstance(value, str) else Fault("", _given(value), _JSON)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LIMIT


def _zoned(value: Any) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _exact(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and abs(value) < LIMIT


_JSON, _LONG = "what JSON can hold", 2**63
_LEAVES: Mapping[Any, Kind] = {
    Any: Kind(_JSON, _json),
    NoneType: _leaf("None", lambda value: value is None),
    int: _leaf(f"int below {LIMIT}", _whole),
    float: _leaf("float", lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)),
    Decimal: _leaf(f"finite Decimal below {LIMIT}", _exact),
    datetime: _leaf("datetime with a zone", _zoned),
}
_BUILT: Mapping[Any, Callable[..., Kind]] = {
    Annotated: _marked, Union: _union, UnionType: _union, tuple: _tuple, Mapping: _mapping, Literal: _literal,
}  # fmt: skip
