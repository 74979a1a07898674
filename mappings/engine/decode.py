"""Bytes to JSON-like data with exact numbers; anything that cannot be read is one BadRecord."""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal
from typing import Any

import msgspec
import orjson

from hub.canonical.errors import BadRecord
from hub.canonical.file_kinds import file_kind

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
_ODD = object()
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ESCAPED = (b"\\u003a", b"\\u003A")
"""A colon in a text that is written in another way than `:`."""
_BLANKS = re.compile("[ \t\r\n\x00\x1a\ufeff]*")
"""What plug-ins, editors and old systems leave before and after a document."""
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_TWO_BYTES = re.compile(rb"(?<![\x80-\xff])(?:[\xa1-\xf7][\xa1-\xfe])*?[\xb0-\xd7][\xa1-\xfe]")
"""A frequent letter of GBK or EUC where a word begins: two bytes, of which Windows-1252 would make two others."""
_OTHERS = (("<", "XML or HTML"), ("ISA", "X12 (map it with `stockline map x12`)"), ("UN", "EDIFACT"))


def decode_json(raw: bytes) -> Any:
    """Decode one JSON document: integers of any size up to 4300 digits as int, other numbers as Decimal, never float.

    Args:    raw: UTF-8, UTF-16 or UTF-32 with or without a byte order mark; else Windows-1252 is tried.
    Returns: the value; a list where several stand one after the other, each on a new line (NDJSON).
    Raises:  BadRecord: empty, larger than 64 MB, no JSON, NaN or Infinity, nested too deeply, a key told twice.
    """
    found = _plain(raw)
    return decode_odd(raw) if found is _ODD else found


def _plain(raw: bytes) -> Any:
    """The value of one clean UTF-8 document; `_ODD` where it is none, or one of its objects may tell a key twice.

    A key that stands twice is missing once in what the value reads like, with its colon; nothing else changes how
    many colons stand there, as long as none is written in another way.
    """
    if len(raw) > LONGEST or (b"\\" in raw and any(sign in raw for sign in _ESCAPED)):
        return _ODD
    try:
        found = _DECODER.decode(raw)
        return found if orjson.dumps(found, default=str).count(b":") == raw.count(b":") else _ODD
    except (msgspec.MsgspecError, TypeError, ValueError, ArithmeticError, RecursionError):
        return _ODD


def decode_odd(raw: bytes) -> Any:
    """`decode_json` for whatever there is: other encodings, several documents, stray marks; a mistake is named."""
    text = decode_text(raw)
    try:
        found = _values(text)
    except json.JSONDecodeError as broken:
        raise _no_json(text, broken) from None
    except RecursionError:
        raise BadRecord(_WHOLE, text[:40], "nested too deeply to be an order") from None
    except ValueError:
        raise BadRecord(_WHOLE, text[:40], "holds a number with too many digits") from None
    return found[0] if len(found) == 1 else found


def _values(text: str) -> list[Any]:
    """The JSON values in `text`; a second one must start on a new line."""
    decoder = json.JSONDecoder(parse_float=_decimal, parse_constant=_refuse, object_pairs_hook=_object)
    found, at = list[Any](), _after_blanks(text, 0)
    while at < len(text) or not found:
        value, end = decoder.raw_decode(text, at)
        found.append(value)
        at = _after_blanks(text, end)
        if at < len(text) and "\n" not in text[end:at]:
            raise json.JSONDecodeError("Extra data", text, at)
    return found


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. A key may stand twice only with the same value, for else one of the two would be a guess."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if seen.setdefault(key, value) != value:
                why = f"stands twice in one object, before as {str(seen[key])[:80]!r}: send one"
                raise BadRecord(key or _WHOLE, value, why)
    return found


def _no_json(text: str, broken: json.JSONDecodeError) -> BadRecord:
    around = text[max(0, broken.pos - 20) : broken.pos + 20]
    for sign, name in _OTHERS:
        if text.startswith(sign, broken.pos) and not text[: broken.pos].strip():
            return BadRecord(_WHOLE, around, f"not valid JSON: this is {name}")
    return BadRecord(_WHOLE, around, f"not valid JSON: {broken.msg} at line {broken.lineno} column {broken.colno}")


def decode_text(raw: bytes) -> str:
    """Bytes as text, by byte order mark, else UTF-8, else the zero bytes of UTF-16/32, else Windows-1252.

    Raises: BadRecord: neither; or letters of two bytes, as in GBK, which nothing tells from two of Windows-1252.
    """
    if not raw.strip(b" \t\r\n\x00"):
        raise BadRecord(_WHOLE, "", "the document is empty")
    if len(raw) > LONGEST:
        raise BadRecord(_WHOLE, f"{len(raw)} bytes", f"larger than {LONGEST} bytes")
    if kind := file_kind(raw):
        raise BadRecord(_WHOLE, raw[:20].hex(" "), f"this is a {kind} file: give the document itself")
    marked = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), None)
    guessed = marked or json.detect_encoding(raw[:64])
    try:
        return raw.decode(guessed)
    except UnicodeDecodeError as broken:
        if guessed != "utf-8" or _UTF8.search(raw) or _TWO_BYTES.search(raw):
            raise _unreadable(raw, guessed, broken.start) from None
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as broken:
        raise _unreadable(raw, "utf-8 or Windows-1252", broken.start) from None


def _unreadable(raw: bytes, encoding: str, at: int) -> BadRecord:
    around = raw[max(0, at - 10) :][:20].hex(" ")
    return BadRecord(_WHOLE, around, f"cannot be read as {encoding}: byte {at} is wrong; send UTF-8")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise BadRecord(_WHOLE, text, "a number out of all bounds") from None


def _refuse(text: str) -> Any:
    raise BadRecord(_WHOLE, text, "NaN and Infinity are no numbers of JSON")
