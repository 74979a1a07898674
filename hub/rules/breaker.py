"""The mass-zero breaker: stops a batch that would empty the shelves of a channel or a warehouse at once."""

from __future__ import annotations

from collections.abc import Mapping


def trips(before: Mapping[str, int], after: Mapping[str, int], *, share: float = 0.5, at_least: int = 20) -> str | None:
    """Whether a batch of stock pushes, or an imported count, zeroes too much.

    Args:    before, after: listing or SKU -> pieces, as last known and as the batch would set them.
                            A key missing in `after` is left as it is: missing is not 0.
             share:    more than this part of the batch's rows that have stock ...
             at_least: ... and at least so many of them must fall from above 0 to 0 or less.
    Returns: None while the batch may go out, else code and numbers, e.g. "mass_zero zeroed=40 stocked=50".
    """
    stocked = [key for key in after if before.get(key, 0) > 0]
    zeroed = sum(1 for key in stocked if after[key] <= 0)
    if zeroed < at_least or zeroed <= share * len(stocked):
        return None
    return f"mass_zero zeroed={zeroed} stocked={len(stocked)}"


def import_trips(
    before: Mapping[str, int], after: Mapping[str, int], *, share: float = 0.5, at_least: int = 5, pieces: int = 1000
) -> str | None:
    """Whether a stock file takes too much away to be applied without an explicit yes.

    Args:    before, after, share, at_least: as in `trips`, with SKUs for keys.
             pieces: so many pieces, and more than `share` of those that the file's SKUs have, may not vanish either.
    Returns: None while it may be applied, else code and numbers, e.g. "mass_fall fell=5000 had=6000".
    """
    zeroed = trips(before, after, share=share, at_least=at_least)
    if zeroed is not None:
        return zeroed
    had = sum(before.get(key, 0) for key in after)
    fell = sum(max(0, before.get(key, 0) - count) for key, count in after.items())
    return f"mass_fall fell={fell} had={had}" if fell >= pieces and fell > share * had else None
