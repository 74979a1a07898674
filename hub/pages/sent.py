"""What people send, read as it came: numbered fields, numbers, days, files, and the page of a list they ask for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from fastapi import Request, UploadFile

from hub.canonical.errors import BadInput
from hub.canonical.told import told

T = TypeVar("T")
Pairs = list[tuple[str, str]]


async def sent(request: Request) -> Pairs:
    """FastAPI dependency: all text fields, in order; the check of the form's token has read them before."""
    form = await request.form()
    return [(name, value.strip()) for name, value in form.multi_items() if isinstance(value, str)]


def numbered(pairs: Pairs, name: str) -> dict[int, str]:
    """The fields `name.1`, `name.2` … that are filled: number -> text."""
    found = {}
    for field, value in pairs:
        stem, _, number = field.rpartition(".")
        if stem == name and value and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = value
    return found


def pieces(text: str, what: str) -> int:
    """A whole number of pieces from 0 on. Raises BadInput, naming `what`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadInput(f"{what} = {text[:40]!r}: use a whole number of pieces, such as 12")
    return int(text)


def all_pieces(pairs: Pairs, name: str) -> dict[int, int]:
    """`numbered` as pieces, those above 0. Raises BadInput."""
    counts = {number: pieces(text, f"{name} of line {number}") for number, text in numbered(pairs, name).items()}
    return {number: count for number, count in counts.items() if count}


def day(text: str, what: str) -> date | None:
    """A day as the browser sends it; None where nothing was typed. Raises BadInput, naming `what`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{what} = {text[:40]!r}: use a date such as 2026-12-24") from None


def once_key(given: str = "") -> str:
    """The key under which an act is done once: the one in the form, so that sending it twice is harmless."""
    return f"page:{given or secrets.token_hex(8)}"


def file_of(
    file: UploadFile | None, most_bytes: int, *, wanted: str, too_large: str = told("split it")
) -> tuple[str, bytes]:
    """A file's name and content. Raises BadInput: none was chosen (of `wanted`), or it is too large."""
    if file is None or not file.filename:
        raise BadInput(f"choose {wanted}")
    raw = file.file.read(most_bytes + 1)
    if len(raw) > most_bytes:
        raise BadInput(f"{file.filename} is larger than {most_bytes // 10**6} MB: {too_large}")
    return file.filename, raw


def start_of(after: str) -> int:
    """Where the page of a list begins that has numbers for cursors; 0 where `after` is none of ours."""
    return int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0


def cut(rows: Sequence[T], after: str, size: int) -> tuple[Sequence[T], str | None]:
    """The rows of the page that begins at `after`, and where the next one begins."""
    end = start_of(after) + size
    return rows[end - size : end], str(end) if len(rows) > end else None
