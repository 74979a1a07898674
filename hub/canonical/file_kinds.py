"""Recognizes files that hold no text: what was sent by mistake is called by its name."""

from __future__ import annotations

_SIGNS = (
    (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "ZIP"), (b"\x28\xb5\x2f\xfd", "Zstandard"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"), (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"),
    (b"\xd0\xcf\x11\xe0", "old Office"), (b"SQLite format 3\x00", "SQLite"),
)  # fmt: skip
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def file_kind(raw: bytes) -> str:
    """The kind of a file that is no text, by its first bytes, such as "PDF"; "" where they say nothing."""
    return next((name for sign, name in _SIGNS if raw.startswith(sign)), "")


def holds_no_text(raw: bytes) -> bool:
    """Whether zero bytes stand in a file that is not marked as UTF-16: no table, whatever it is."""
    return b"\x00" in raw and not raw.startswith(_WIDE)
