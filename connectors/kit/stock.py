"""Stock of channels without compare-and-set: the number shown is read before one is written."""

from __future__ import annotations

from hub.ports.channel import StockAnswer, StockLine


def settled(line: StockLine, shown: int | None) -> StockAnswer | None:
    """The answer that needs no writing: the number is right already, or it is not the one written last (stale).

    Args: shown: what the channel shows; None where it keeps no number there. Returns: None: write.
    """
    if shown == line.available:
        return StockAnswer(line.listing_ref, True, seen=shown)
    if None not in (line.last_sent, shown) and shown != line.last_sent:
        why = f"the shop shows {shown}, not the {line.last_sent} written last"
        return StockAnswer(line.listing_ref, False, why, stale=True, seen=shown)
    return None
