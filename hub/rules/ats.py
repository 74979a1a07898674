"""Available to sell: of a balance, and of a listing over its components."""

from __future__ import annotations

from collections.abc import Sequence


def ats(on_hand: int, reserved: int, safety: int) -> int:
    """Free pieces of one balance, in base units: on hand minus reserved minus safety stock, never below 0."""
    return max(0, on_hand - reserved - safety)


def listing_ats(components: Sequence[tuple[int, int]], buffer: int = 0, max_listed: int | None = None) -> int:
    """What a channel may show for one listing, in listing units.

    Args:    components: (base units of a SKU in one listing unit >= 1, free base units of that SKU over all places);
                         one for a plain listing, several for a kit.
             buffer:     listing units kept back from this channel.
             max_listed: never show more than this, None = no limit.
    Returns: whole units of the scarcest component less the buffer, from 0 to max_listed; 0 without components.
    """
    units = min((free // per_unit if per_unit > 0 else 0 for per_unit, free in components), default=0)
    shown = units - buffer
    if max_listed is not None:
        shown = min(shown, max_listed)
    return max(0, shown)
