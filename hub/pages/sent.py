"""Forms whose fields are numbered or not known beforehand, read as they were sent."""

from __future__ import annotations

from fastapi import Request

from hub.canonical.errors import BadInput

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
