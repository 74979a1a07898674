"""What a stock file would do that may be a mistake: it is applied only when somebody says that it is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from hub.canonical.told import told
from hub.rules.breaker import far_up, import_trips
from hub.rules.stock_file import FileRow


def file_doubts(rows: Sequence[FileRow], lots: Mapping[tuple[str, str], str | None], today: date) -> tuple[str, ...]:
    """Why a file should be looked at again, in words; empty where nothing is strange.

    Args:    rows: those that can be used, judged. lots: (sku, lot) -> its last good day (ISO) in the books, or None.
    Returns: at most one sentence each for what falls, what rises, and what is past its last good day.
    """
    fall = import_trips(_by_sku(rows, "before"), _by_sku(rows, "after"))
    return tuple(filter(None, (fall, _rise([row for row in rows if far_up(row.before, row.after)]), _expired(
        [(row, day) for row in rows if (day := row.expires_on or lots.get((row.sku, row.lot)) or "")
         and row.after > row.before and day < today.isoformat()]
    ))))  # fmt: skip


def _rise(rows: Sequence[FileRow]) -> str:
    if not rows:
        return ""
    row = rows[0]
    return told(f"rows that would hold far more than before: {len(rows)}, such as {row.sku} in {row.warehouse}, "
                f"{row.before} → {row.after}")  # fmt: skip


def _expired(rows: Sequence[tuple[FileRow, str]]) -> str:
    if not rows:
        return ""
    row, day = rows[0]
    return told(f"rows with lots past their last good day: {len(rows)}, such as {row.lot} of {row.sku} ({day})")


def _by_sku(rows: Iterable[FileRow], what: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.sku] += getattr(row, what)
    return sums
