"""JSON without loss: numbers become int or Decimal, never a float; an array can be cut into its elements' bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MAX_DIGITS = 64


def loads_exact(raw: bytes | str) -> Any:
    """Decode JSON (a UTF-8 BOM is skipped). Raises ValueError: not JSON, NaN, Infinity, or over 64 digits."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    try:
        return _decoder().decode(text)
    except RecursionError:
        raise ValueError("JSON is nested too deep") from None


def dumps_exact(value: Any) -> bytes:
    """Compact UTF-8 JSON of what `loads_exact` gave; a Decimal is written digit for digit."""
    return _text(value).encode()


def elements(raw: bytes) -> tuple[bytes, ...]:
    """The untouched bytes of each element of a JSON array. Raises ValueError where `raw` is no such array."""
    text = raw.decode("utf-8-sig")
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("expected a JSON array")
    return _elements(text, _skip(text, at + 1))


def _elements(text: str, at: int) -> tuple[bytes, ...]:
    decoder, found = _decoder(), list[bytes]()
    while text[at : at + 1] != "]":
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end].encode())
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError(f"expected ',' or ']' at character {at}")
    return tuple(found)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=_decimal, parse_int=_whole, parse_constant=_refuse)


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters")
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(str(key))}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
