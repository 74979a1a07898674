"""Counts pieces by line, for shops that have room for so many of each, and names them for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.kit.values import Row


def pieces_of(rows: Iterable[Row], ref: str, pieces: str) -> Counter[str]:
    """Line -> whole pieces in these rows. `ref`, `pieces`: their fields of the line's id and of how many."""
    found: Counter[str] = Counter()
    for row in rows:
        found[str(row[ref])] += row[pieces] or 0
    return found


def named(missing: Mapping[str, int]) -> str:
    """Pieces by line, as a person is told of them: `2 of line 7, 1 of line 9`."""
    return ", ".join(f"{pieces} of line {ref}" for ref, pieces in sorted(missing.items()))
