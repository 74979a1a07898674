"""The mass-zero breaker: which zeros of a stock push no sale explains, and whether they are too many to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from hub.rules.breaker import FEW, LATELY, trickles, trips
from hub.store import pushes, zeros
from hub.store.zeros import SOLD, Lowered

Gone = Mapping[str, Sequence[str]]
"""listing that would fall to 0 -> the SKUs due to which"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Listings whose 0 may not be told. `reason`: the code of the rule where the breaker trips now, else ""."""

    refs: Set[str] = frozenset()
    reason: str = ""


def doubtful_zeros(
    db: Connection, connection_id: int, before: Mapping[str, int], after: Mapping[str, int], gone: Gone,
    leased: Mapping[str, Row[Any]], now: datetime,
) -> Doubt:  # fmt: skip
    """Which zeros of a batch wait for a person: all that no sale explains, where they are too many.

    Where some wait already, all further ones wait with them: else what one push may not do, several would. What sold
    out never waits, nor does any other number.

    Args: before, after: listing -> number, as last told and as it would be told. leased: the rows of its listings.
    """
    if not gone:
        return Doubt()
    waits = zeros.any_doubted(db, connection_id)
    again = {ref for ref in gone if leased[ref].doubted_seq > leased[ref].sent_seq}
    shop = pushes.count_shown(db, connection_id)
    at_once = _too_many(before, after, gone, gone.keys(), shop)
    since = max(now - LATELY, zeros.looked_at(db, connection_id) or now - LATELY)
    told = zeros.count_told(db, connection_id, since)
    if not (waits or again or at_once or trickles(told + len(gone), skus=FEW, shop=shop + told)):
        return Doubt()  # few enough, whatever the reasons are
    lowered = zeros.last_lowered(db, {sku for skus in gone.values() for sku in skus})
    unsold = {ref for ref, skus in gone.items() if not _is_sold(skus, lowered, leased[ref].changed_at)}
    unsold |= _only_ordered(db, {ref: gone[ref] for ref in again}, leased)
    if not unsold or waits or again & unsold:
        return Doubt(unsold)
    reason = at_once and _too_many(before, after, gone, unsold, shop)
    reason = reason or _one_by_one(db, connection_id, gone, lowered, since, shop)
    return Doubt(unsold, reason) if reason else Doubt()


def _too_many(
    before: Mapping[str, int], after: Mapping[str, int], gone: Gone, counted: Set[str], shop: int
) -> str | None:
    """What the rule for one batch says, with only these of its zeros."""
    left = {ref: number for ref, number in after.items() if ref not in gone or ref in counted}
    return trips(before, left, skus=len({sku for ref in counted for sku in gone[ref]}), shop=shop)


def _one_by_one(
    db: Connection, connection_id: int, gone: Gone, lowered: Mapping[str, Lowered], since: datetime, shop: int
) -> str | None:
    """What the rule for zeros that come one after the other says."""
    by_hand = {ref: sku for ref, skus in gone.items() for sku in skus if _is_by_hand(lowered.get(sku), since)}
    earlier = zeros.told_by_hand(db, connection_id, since)
    fallen = earlier | by_hand
    return trickles(len(fallen), skus=len(set(fallen.values())), shop=shop + len(earlier))


def _is_sold(skus: Sequence[str], lowered: Mapping[str, Lowered], since: datetime) -> bool:
    """Whether each of them sold out: what lowered it last, since its new number waits, was an order."""
    last = [lowered.get(sku) for sku in skus]
    return all(each is not None and each.kind == SOLD and each.at >= since for each in last)


def _only_ordered(db: Connection, again: Gone, leased: Mapping[str, Row[Any]]) -> set[str]:
    """Those of listings that wait already which an order touched first since: nothing had raised them before it."""
    since = {leased[ref].changed_at for ref in again}
    sold = zeros.sold_at(db, {sku for skus in again.values() for sku in skus}, since)
    return {ref for ref, skus in again.items() if any((sku, leased[ref].changed_at) in sold for sku in skus)}


def _is_by_hand(last: Lowered | None, since: datetime) -> bool:
    return last is not None and last.by_hand and last.at >= since
