"""Which SKUs are hot just now, and how their orders go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.store.heat import read_hot


@dataclass(frozen=True, slots=True)
class HotSku:
    """A SKU that is hot since then. `permille`: its share of the lines, 0 where it is hot by conflicts alone.

    single: its orders are taken in by one worker at a time; else they are added up in batches by all.
    """

    sku: str
    since: datetime
    permille: int
    single: bool


def hot_skus(db: Connection, now: datetime) -> tuple[HotSku, ...]:
    """All of them, by SKU."""
    return tuple(HotSku(sku, heat.since, heat.permille, heat.is_single(now)) for sku, heat in read_hot(db, now).items())
