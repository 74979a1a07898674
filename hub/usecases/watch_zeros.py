"""The mass-zero breaker: which zeros of a stock push no sale explains, and whether they are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy import Connection

from hub.rules.breaker import FEW, LATELY, trickles, trips
from hub.store import pushes, zeros
from hub.store.zeros import SOLD, Lowered

Gone = Mapping[str, Sequence[str]]
"""listing that would fall to 0 -> the SKUs due to which"""


def why_too_many(
    db: Connection, connection_id: int, before: Mapping[str, int], after: Mapping[str, int], gone: Gone,
    changed: Mapping[str, datetime], now: datetime,
) -> str | None:  # fmt: skip
    """Why a batch of numbers may not go out; None where it may. What sold out never counts: it must be told.

    Args: before, after: listing -> number, as last told and as it would be told. changed: since when that waits.
    """
    if not gone:
        return None
    shop = pushes.count_shown(db, connection_id)
    at_once = _too_many(before, after, gone, gone.keys(), shop)
    since = max(now - LATELY, zeros.looked_at(db, connection_id) or now - LATELY)
    told = zeros.count_told(db, connection_id, since)
    if at_once is None and trickles(told + len(gone), skus=FEW, shop=shop + told) is None:
        return None  # few enough, whatever the reasons are
    lowered = zeros.last_lowered(db, {sku for skus in gone.values() for sku in skus})
    unsold = {ref for ref, skus in gone.items() if not _is_sold(skus, lowered, changed[ref])}
    if at_once and (reason := _too_many(before, after, gone, unsold, shop)):
        return reason
    by_hand = {ref: sku for ref, skus in gone.items() for sku in skus if _is_by_hand(lowered.get(sku), since)}
    earlier = zeros.told_by_hand(db, connection_id, since)
    fallen = earlier | by_hand
    return trickles(len(fallen), skus=len(set(fallen.values())), shop=shop + len(earlier))


def _too_many(
    before: Mapping[str, int], after: Mapping[str, int], gone: Gone, counted: Set[str], shop: int
) -> str | None:
    """What the rule for one batch says, with only these of its zeros."""
    left = {ref: number for ref, number in after.items() if ref not in gone or ref in counted}
    return trips(before, left, skus=len({sku for ref in counted for sku in gone[ref]}), shop=shop)


def _is_sold(skus: Sequence[str], lowered: Mapping[str, Lowered], since: datetime) -> bool:
    """Whether each of them sold out: what lowered it last, since its new number waits, was an order."""
    last = [lowered.get(sku) for sku in skus]
    return all(each is not None and each.kind == SOLD and each.at >= since for each in last)


def _is_by_hand(last: Lowered | None, since: datetime) -> bool:
    return last is not None and last.by_hand and last.at >= since
