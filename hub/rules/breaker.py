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
