"""Bytes to JSON-like data with exact numbers; anything that cannot be read is one BadRecord."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal
from typing import Any

from hub.canonical.errors import BadRecord

LONGEST = 64 * 1024 * 1024
"""Bytes; a larger document is refused."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WHOLE = "(document)"


def decode_json(raw: bytes) -> Any:
    """Decode one JSON document: integers of any size up to 4300 digits as int, other numbers as Decimal, never float.

    Args:   raw: UTF-8, UTF-16 or UTF-32 with or without a byte order mark; else Windows-1252 / Latin-1 is tried.
    Raises: BadRecord: empty, larger than 64 MB, no JSON, NaN or Infinity, nested too deeply.
    """
    text = decode_text(raw)
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_refuse)
    except json.JSONDecodeError as broken:
        around = text[max(0, broken.pos - 20) : broken.pos + 20]
        why = f"not valid JSON: {broken.msg} at line {broken.lineno} column {broken.colno}"
        raise BadRecord(_WHOLE, around, why) from None
    except RecursionError:
        raise BadRecord(_WHOLE, text[:40], "nested too deeply to be an order") from None
    except ValueError:
        raise BadRecord(_WHOLE, text[:40], "holds a number with too many digits") from None


def decode_text(raw: bytes) -> str:
    """Bytes as text, by byte order mark, else UTF-8, else the zero bytes of UTF-16/32, else Windows-1252 / Latin-1."""
    if not raw.strip(b" \t\r\n\x00"):
        raise BadRecord(_WHOLE, "", "the document is empty")
    if len(raw) > LONGEST:
        raise BadRecord(_WHOLE, f"{len(raw)} bytes", f"larger than {LONGEST} bytes")
    marked = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), None)
    guessed = marked or json.detect_encoding(raw[:64])
    for encoding in (guessed, "cp1252", "latin-1") if guessed == "utf-8" else (guessed,):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadRecord(_WHOLE, raw[:20].hex(" "), f"cannot be read as {guessed}")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise BadRecord(_WHOLE, text, "a number out of all bounds") from None


def _refuse(text: str) -> Any:
    raise BadRecord(_WHOLE, text, "NaN and Infinity are no numbers of JSON")
