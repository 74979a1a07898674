"""What a count changes: a variance is found when a shelf is counted and written when somebody approves it."""

from __future__ import annotations


def still_to_write(variance: int, found_since: int) -> int:
    """The part of a variance that nobody has written yet.

    Args:    variance:    counted less expected, both as of the moment of counting; pieces.
             found_since: what other findings on the same shelf (counts, pieces that a picker missed) changed after that
                          moment. They may have found the same pieces, so they count against the variance.
    Returns: the rest, from the variance towards 0 and never past it; the whole variance where the findings point the
             other way. Deliveries and parcels since are no findings: they stay.
    """
    if variance < 0:
        return min(0, variance - min(0, found_since))
    return max(0, variance - max(0, found_since))


def writable(variance: int, on_hand: int, bound: int) -> int:
    """How much of a variance may be written without breaking a promise.

    Args:    on_hand: pieces in the books now. bound: of these promised, damaged or on quality hold; 0 to `on_hand`.
    Returns: the variance, but never less than what leaves `bound` pieces on hand; the rest needs a person.
    """
    return max(variance, bound - on_hand)
