"""Where the next page of a listing starts: short texts that are checked when they come back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select

from hub.canonical.errors import BadInput

LARGEST_PAGE = 500


def pack(value: str | int) -> str:
    """A key as a cursor, safe in an address."""
    return base64.urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


def unpack(cursor: str) -> str:
    """The key of a cursor. Raises BadInput: it is not one of ours."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadInput(
            f"cursor {cursor[:40]!r}: take it from the page before, or leave it out to start again"
        ) from None


def unpack_id(cursor: str) -> int:
    """The number of a cursor. Raises BadInput."""
    text = unpack(cursor)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _not_ours(cursor)
    return int(text)


def _not_ours(cursor: str) -> BadInput:
    return BadInput(f"cursor {cursor[:40]!r}: take it from the page before, or leave it out to start again")


def page_size(limit: int) -> int:
    """`limit` within 1 and 500. Raises BadInput."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise BadInput(f"limit = {limit}: use 1 to {LARGEST_PAGE}")
    return limit


def read_page(
    db: Connection, query: Select[Any], key: ColumnElement[int], after: str, limit: int, *, newest_first: bool = True
) -> tuple[Sequence[Row[Any]], str | None]:
    """The rows of one page in the order of their `id`, which is `key`, and the cursor of the next page.

    Raises: BadInput: a cursor that is not ours, or a limit outside 1 to 500.
    """
    query = query.order_by(key.desc() if newest_first else key).limit(page_size(limit) + 1)
    if after:
        start = unpack_id(after)
        query = query.where(key < start if newest_first else key > start)
    rows = db.execute(query).all()
    return rows[:limit], pack(rows[limit - 1].id) if len(rows) > limit else None


def like(text: str) -> str:
    """The text for a LIKE pattern with ESCAPE '\\': its own %, _ and \\ stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
