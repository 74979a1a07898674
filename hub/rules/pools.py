"""Pools: how the stock of a SKU is divided between connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

MODES = ("shared", "exclusive", "ratio")


@dataclass(frozen=True, slots=True)
class Pool:
    """A connection's part of a SKU ("" = of every SKU that has no pool of its own for it).

    mode:       shared: like everybody. exclusive: `units` free pieces are kept for nobody else, as long as the pool
                stands. ratio: it is shown `permille` of what it could sell.
    max_listed: never show more, in listing units. end_when: show 0 once no more is left. ends_at: the pool is over.
    """

    id: int
    connection_id: int
    sku: str = ""
    mode: str = "shared"
    units: int = 0
    permille: int = 1000
    max_listed: int | None = None
    end_when: int | None = None
    ends_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at


def own_pool(pools: Mapping[tuple[int, str], Pool], connection_id: int, sku: str) -> Pool | None:
    """The pool by which a connection is shown a SKU: its own for the SKU before its own for all."""
    return pools.get((connection_id, sku)) or pools.get((connection_id, ""))


def dealt(free: int, pools: Iterable[Pool]) -> dict[int, int]:
    """Connection -> pieces that are really kept for it, of `free` ones of a SKU; the oldest pool is filled first.

    Returns: never more than a pool's units; all together never more than `free`.
    """
    left, found = max(0, free), dict[int, int]()
    for pool in sorted(pools, key=lambda one: one.id):
        if pool.mode == "exclusive":
            taken = min(left, max(0, pool.units))
            left -= taken
            found[pool.connection_id] = found.get(pool.connection_id, 0) + taken
    return found


def kept_for_others(free: int, pools: Iterable[Pool], connection_id: int) -> int:
    """Of `free` pieces of a SKU, those that this connection may not touch."""
    return sum(units for owner, units in dealt(free, pools).items() if owner != connection_id)


def unfilled(free: int, pools: Sequence[Pool]) -> dict[int, int]:
    """Connection -> pieces that its exclusive pools lack: more was set aside than there is."""
    asked: dict[int, int] = {}
    for pool in pools:
        if pool.mode == "exclusive":
            asked[pool.connection_id] = asked.get(pool.connection_id, 0) + max(0, pool.units)
    given = dealt(free, pools)
    return {owner: units - given[owner] for owner, units in asked.items() if units > given[owner]}


Free = Mapping[tuple[str, str], int]
"""(warehouse, sku) -> free pieces"""


def limited(free: Free, sku: str, most: int, last: Sequence[str]) -> dict[tuple[str, str], int]:
    """The same stock with at most `most` pieces of a SKU over all places.

    Args:    last: warehouse codes, the one that gives up first at the beginning.
    Returns: as `free` where there is not more; nothing falls below 0.
    """
    found = dict(free)
    excess = sum(max(0, pieces) for (_, found_sku), pieces in free.items() if found_sku == sku) - max(0, most)
    for code in last:
        have = max(0, found.get((code, sku), 0))
        cut = min(have, max(0, excess))
        if cut:
            found[code, sku] = have - cut
            excess -= cut
    return found
