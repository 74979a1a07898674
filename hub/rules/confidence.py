"""How far the book stock of a SKU in a place is believed, in permille: lower by each miss, whole again by a count."""

from __future__ import annotations

WHOLE = 1000
LEAST = 100
"""Never believed less: a place that is not asked any more could never show that it has mended."""

STOCK_REASONS = frozenset({"not_found", "damaged", "short"})
"""Reasons of a refusal that say something about the stock."""
OTHER_REASONS = frozenset({"busy", "closed", "expired", "other"})
"""Reasons that say nothing about it; "expired" is the hub's own word: nobody answered in time."""
REASONS = (*sorted(STOCK_REASONS), *sorted(OTHER_REASONS - {"expired"}))
"""What a warehouse may give as its reason."""


def after_miss(permille: int) -> int:
    """A quarter less belief, not below 100.

    Returns: from LEAST to WHOLE, in whole permille.
    """
    return max(LEAST, min(WHOLE, permille) * 3 // 4)
