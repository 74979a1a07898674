"""Breakers: what would empty the shelves of a channel or a warehouse at once, or fill one absurdly, is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hub.canonical.told import told

LARGE = 20
"""So many listings at once are a mass in a shop of any size."""
FEW = 3
"""So many SKUs must be gone: one that sells out empties every listing that is made of it, and nothing is wrong."""
LATELY = timedelta(hours=1)
"""Zeros of so long are looked at together: a system that writes stock down row by row sends one after the other."""


def trips(before: Mapping[str, int], after: Mapping[str, int], *, skus: int, shop: int) -> str | None:
    """Whether a batch of stock pushes zeroes too much, which must be due to three SKUs or more.

    That is 20 listings and more than half of those that have stock in the batch; or three, and more than half of those
    that have stock in the whole shop, which may be a small one.

    Args:    before, after: listing -> pieces, as last known and as the batch would set them.
                            A key missing in `after` is left as it is: missing is not 0.
             skus: of which there is nothing left to sell, and so the listings fall to 0. shop: its listings with stock.
    Returns: None while the batch may go out, else code and numbers, e.g. "mass_zero zeroed=40 stocked=50".
    """
    zeroed, stocked = _falls(before, after)
    if skus < FEW or zeroed < FEW:
        return None
    if zeroed > 0.5 * shop:
        return f"mass_zero zeroed={zeroed} stocked={shop}"
    return f"mass_zero zeroed={zeroed} stocked={stocked}" if zeroed >= LARGE and zeroed > 0.5 * stocked else None


def trickles(zeroed: int, *, skus: int, shop: int) -> str | None:
    """Whether zeros that come one after the other empty a shop, as a batch of them would.

    Args:    zeroed: listings that fell to 0 within `LATELY` because somebody wrote their stock down; sales are none.
             skus:   of which they are made. shop: its listings with stock, and those that fell.
    Returns: as `trips`.
    """
    return f"mass_zero zeroed={zeroed} stocked={shop}" if min(zeroed, skus) >= FEW and zeroed > 0.5 * shop else None


def import_trips(before: Mapping[str, int], after: Mapping[str, int], *, pieces: int = 1000) -> str | None:
    """Whether a stock file takes too much away to be applied without an explicit yes.

    Args:    before, after: as in `trips`, with SKUs for keys; five of them are enough here, or three that are all.
             pieces: so many pieces, and more than half of those that the file's SKUs have, may not vanish either.
    Returns: None while it may be applied, else what would happen, in words.
    """
    zeroed, stocked = _falls(before, after)
    if (zeroed >= 5 and zeroed > 0.5 * stocked) or (zeroed >= FEW and zeroed == stocked):
        return told(f"{zeroed} of {stocked} SKUs that have stock would fall to 0")
    had = sum(before.get(key, 0) for key in after)
    fell = sum(max(0, before.get(key, 0) - count) for key, count in after.items())
    return told(f"{fell} of {had} pieces would be gone") if fell >= pieces and fell > 0.5 * had else None


def _falls(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[int, int]:
    """How many keys fall from above 0 to 0 or less, of how many that have stock."""
    stocked = [key for key in after if before.get(key, 0) > 0]
    return sum(1 for key in stocked if after[key] <= 0), len(stocked)


def far_up(before: int, after: int, *, times: int = 100, above: int = 10_000) -> bool:
    """Whether a shelf would hold absurdly more than before: a slip of the hand until somebody says it is meant.

    Args:    before, after: pieces in the books, and as the change would leave them.
    Returns: True where `after` is more than `above` and more than `times` what was there; an empty shelf is measured
             by `above` itself, so that a first delivery of 1,000,000 pieces passes.
    """
    return after > above and after > times * (before if before > 0 else above)
