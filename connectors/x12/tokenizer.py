"""Bytes of an X12 file -> interchanges of segments; separators are read from each ISA, never assumed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hub.canonical.errors import BadRecord
from hub.canonical.file_kinds import file_kind

MAX_BYTES = 20_000_000
NEWLINES = "\r\n\x85"
"""Line ends as files carry them; U+0085 is what EBCDIC's NL becomes."""

_NO_NEWLINES = dict.fromkeys(map(ord, NEWLINES))
_CONTROLS = dict.fromkeys([*range(0x20), 0x7F])
_BLANK = " \t\xa0\ufeff\x00\x1a" + NEWLINES
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_WIDE, _EBCDIC = b"I\x00S\x00A", b"\xc9\xe2\xc1"


def _header_pattern() -> re.Pattern[str]:
    """An ISA's first four elements, wherever a line wrap cut them."""
    gap = f"[{NEWLINES}]*"
    char, sep = f"[^{NEWLINES}]{gap}", f"(?P=s){gap}"
    code, filler = f"(?:{char}){{2}}?{sep}", f"(?:{char}){{0,10}}?{sep}"
    first = f"(?P<s>[^A-Za-z0-9 {NEWLINES}]){gap}"
    return re.compile(f"I{gap}S{gap}A{gap}{first}{code}{filler}{code}{filler}")


_HEADER = _header_pattern()
_LOST = re.compile(r"(?<![A-Za-z0-9])(?:ISA|GS|ST|BEG|PO1|SE|GE|IEA)[^A-Za-z0-9\s]")
_OTHERS = (
    ("UNA", "EDIFACT"),
    ("UNB", "EDIFACT"),
    ("<", "XML"),
    ("{", "JSON"),
    ("STX=", "TRADACOMS"),
    ("PK", "ZIP"),
    ("[", "JSON"),
)


@dataclass(frozen=True, slots=True)
class Separators:
    """One character each; `component` is empty where the ISA left it out."""

    element: str
    component: str
    segment: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: `text` as it stood (without terminator), `elements` stripped; element 1 is `at(1)`."""

    tag: str
    elements: tuple[str, ...]
    text: str

    def at(self, number: int) -> str:
        """Element by its number in the standard (BEG03 -> 3); empty text where absent."""
        return self.elements[number - 1] if 0 < number <= len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one ISA starts: its separators and segments. The last may belong to a cut-off file."""

    separators: Separators
    segments: tuple[Segment, ...]


def decode(raw: bytes) -> str:
    """Text of an X12 file: UTF-8, UTF-16 and UTF-32 by BOM or shape, EBCDIC by its "ISA", else Windows-1252 or latin-1.

    Raises: BadRecord: empty, larger than 20 MB, or not in the encoding that its BOM names.
    """
    if len(raw) > MAX_BYTES:
        raise BadRecord("file", f"{len(raw)} bytes", f"expected at most {MAX_BYTES} bytes")
    if not raw.strip(b" \t\r\n\x00\x1a"):
        raise BadRecord("file", "", "the file is empty")
    if kind := file_kind(raw):
        raise BadRecord("file", raw[:16].hex(" "), f"this is a {kind} file: give the document itself")
    encoding, skip = _encoding(raw)
    try:
        return raw[skip:].decode(encoding)
    except UnicodeDecodeError:
        if skip and encoding != "utf-8":
            shown = raw[:16].hex(" ")
            raise BadRecord("file", shown, f"the byte order mark says {encoding}, the bytes do not") from None
        return _of_windows(raw[skip:])


def _of_windows(raw: bytes) -> str:
    """Windows-1252 where every byte has a meaning there, else latin-1 (U+0085 stays a line end in both)."""
    try:
        return raw.decode("cp1252").replace("\u2026", "\x85")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _encoding(raw: bytes) -> tuple[str, int]:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return encoding, len(bom)
    head = raw[:4096]
    if b"ISA" not in head and _WIDE in head:
        return ("utf-16-be" if head.index(_WIDE) % 2 else "utf-16-le"), 0
    return ("cp037" if b"ISA" not in head and _EBCDIC in head else "utf-8"), 0


def chunks(raw: bytes) -> Iterator[Chunk | BadRecord]:
    """Each interchange of the file, in order; a BadRecord where one cannot be cut into segments.

    Raises: BadRecord: the file holds no interchange header at all.
    """
    text = decode(raw)
    starts = [m.start() for m in _HEADER.finditer(text) if not _is_value(text, m)]
    if not starts:
        raise _no_header(text)
    if lost := _LOST.search(text, 0, starts[0]):
        shown = _printable(text[lost.start() : lost.start() + 40])
        yield BadRecord("file", shown, "segments before the first interchange header (ISA)")
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        try:
            yield _cut(text[start:end])
        except BadRecord as problem:
            yield problem


def _is_value(text: str, header: re.Match[str]) -> bool:
    """Whether this "ISA" is a value inside a segment: then the separator stands before it, too."""
    return header.start() > 0 and text[header.start() - 1] == header["s"]


def _printable(text: str) -> str:
    """Text that a person and a database can take."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _no_header(text: str) -> BadRecord:
    head = _printable(text.strip(_BLANK)[:60])
    for sign, name in _OTHERS:
        if head.startswith(sign):
            return BadRecord("file", head, f"this is {name}, not X12: expected an interchange that starts with ISA")
    if head.upper().startswith("ISA"):
        return BadRecord("ISA", head, "expected ISA with 16 elements of fixed width, e.g. ISA*00*          *00* ...")
    return BadRecord("file", head, "no interchange header (ISA) found: this is not an X12 file")


def _cut(text: str) -> Chunk:
    """One interchange's text as segments. Raises BadRecord naming the element of ISA that is wrong."""
    text, separators = _separators(text)
    if separators.segment in NEWLINES:
        pieces = re.split(f"[{NEWLINES}]+", text)
    else:
        pieces = text.translate(_NO_NEWLINES).split(separators.segment)
    keep = {code: None for code in _CONTROLS if chr(code) not in (separators.component, separators.element)}
    found = (_segment(piece.lstrip(_BLANK), separators.element, keep) for piece in pieces)
    return Chunk(separators, tuple(segment for segment in found if segment is not None))


def _segment(text: str, element: str, controls: dict[int, None]) -> Segment | None:
    text = text.translate(controls)
    if not text.strip(_BLANK):
        return None
    tag, *values = text.split(element)
    return Segment(tag.strip().upper(), tuple(value.strip() for value in values), text)


def _separators(text: str) -> tuple[str, Separators]:
    """Element separator after "ISA", component separator as ISA16, segment terminator behind it.

    Returns: the text, unwrapped where a line ends inside its ISA, and the separators.
    """
    element = text.translate(_NO_NEWLINES)[3]
    at = _last_separator(text, element)
    if any(newline in text[:at] for newline in NEWLINES):
        text = text.translate(_NO_NEWLINES)
        at = _last_separator(text, element)
    return text, _marks(text, element, at)


def _last_separator(text: str, element: str) -> int:
    """Where the 16th element separator stands, the one before ISA16."""
    at = -1
    for _ in range(16):
        at = text.find(element, at + 1)
        if at < 0:
            raise BadRecord("ISA", _printable(text[:40]), f"expected 16 elements separated by {element!r}")
    return at


def _marks(text: str, element: str, at: int) -> Separators:
    component, segment = text[at + 1 : at + 2], text[at + 2 : at + 3]
    if component in NEWLINES or not segment:
        why = "expected a component separator, then the segment terminator"
        raise BadRecord("ISA16", _printable(component).strip(), why)
    if segment in NEWLINES and _ends_lines(text[at + 3 :], element, component):
        return Separators(element, "", component)
    if segment.isalnum() or segment == element:
        why = "expected a component separator, then a segment terminator that is no letter or digit"
        raise BadRecord("ISA16", _printable(component + segment), why)
    if segment in text[:at]:
        raise BadRecord("ISA", _printable(text[:40]), f"the segment terminator {segment!r} stands inside ISA")
    return Separators(element, component, segment)


def _ends_lines(rest: str, element: str, mark: str) -> bool:
    """ISA16 was left empty: what looks like it ends the next line, too, so it is the terminator."""
    line = rest.lstrip(_BLANK).split("\n", 1)[0].rstrip(_BLANK)
    return line.startswith("GS" + element) and line.endswith(mark)
