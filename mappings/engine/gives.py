"""What an expression gives, looked at before anything is compiled: a field that takes an amount is given no text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.engine.nodes import Node
from mappings.engine.paths import read_paths
from mappings.engine.shapes import CELLS, ENUMS

UNKNOWN = "?"
"""What functions give, and values that are taken as they came: it is looked at when the order is read."""

_TEXT = ("text", "label", "ref", "some_id", "upper", "currency", "country")
_NUMBER = ("number", "quantity", "money", "floated", "cents")
FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys(_NUMBER, "a number"),
    **dict.fromkeys(("time", "utc", "epoch"), "a time"),
    "flag": "true or false",
    "texts": "a list of texts",
    **{kind: f"a word of {kind}" for kind in ENUMS},
}
"""Kind of a field -> what it takes, in words."""

TYPES: Mapping[str, type] = {
    "text": str,
    "a number": Decimal,
    "a time": datetime,
    "true or false": bool,
    "a list of texts": tuple,
    **{f"a word of {kind}": words for kind, words in ENUMS.items()},
}
NUMBER, WHOLE = "a number", "a whole part of the order"
_FIXED = {
    "join": "text",
    "marks": "text",
    "list": "a list of texts",
    "map": "an object",
    "tally": "sums by id",
    "pairs": "pairs of numbers",
    "make": "an object",
    "each": "a list of objects",
}
_SUMS = ("sum", "add", "subtract", "multiply", "count")


def gives(node: Node, kind: str, made: Mapping[str, str]) -> frozenset[str]:
    """All that an expression may give, in the words of `FAMILIES`.

    Args: kind: of the field that it is for, or as which it is read.
          made: the kinds of the values made above it.
    """
    if isinstance(node.value, str):
        return frozenset(_of_path(node, kind, made))
    if isinstance(node.value, list):
        return frozenset({UNKNOWN})
    word = next((key for key in node.value if key in _HOW or key in _FIXED or key in _SUMS), "")
    if word in _FIXED:
        return frozenset({_FIXED[word]})
    if word in _SUMS:
        return frozenset({NUMBER})
    return _HOW[word](node.value, kind, made) if word else frozenset({UNKNOWN})


def _of_path(node: Node, kind: str, made: Mapping[str, str]) -> set[str]:
    return {
        FAMILIES.get(made.get(path.steps[0].name, ""), WHOLE) if path.start == "made" else FAMILIES.get(kind, UNKNOWN)
        for path in read_paths(node)
    }


def _read(keys: Mapping[str, Node], kind: str, made: Mapping[str, str]) -> frozenset[str]:
    return gives(keys["read"], _kind(keys, kind), made)


def _table(keys: Mapping[str, Node], kind: str, _made: Mapping[str, str]) -> frozenset[str]:
    kind = _kind(keys, kind)
    return frozenset({FAMILIES[kind] if kind in CELLS else "text"})


def _const(keys: Mapping[str, Node], kind: str, _made: Mapping[str, str]) -> frozenset[str]:
    return frozenset({FAMILIES.get(_kind(keys, kind), "text")})


def _extreme(keys: Mapping[str, Node], kind: str, _made: Mapping[str, str]) -> frozenset[str]:
    return frozenset({FAMILIES.get(_kind(keys, kind), UNKNOWN)})


def _first(keys: Mapping[str, Node], kind: str, made: Mapping[str, str]) -> frozenset[str]:
    return frozenset().union(*(gives(each, kind, made) for each in keys["first"].sequence()))


def _when(keys: Mapping[str, Node], kind: str, made: Mapping[str, str]) -> frozenset[str]:
    return frozenset().union(*(gives(keys[key], kind, made) for key in ("then", "otherwise") if key in keys))


def _call(_keys: Mapping[str, Node], _kind: str, _made: Mapping[str, str]) -> frozenset[str]:
    return frozenset({UNKNOWN})


def _kind(keys: Mapping[str, Node], kind: str) -> str:
    return keys["as"].text() if "as" in keys else kind


_HOW: Mapping[str, Any] = {
    "read": _read,
    "table": _table,
    "const": _const,
    "first": _first,
    "when": _when,
    "call": _call,
    "latest": _extreme,
    "earliest": _extreme,
}
