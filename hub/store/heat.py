"""Hot SKUs: what one process counts in memory, what all share in a small table, and the right to go in single file."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from hub.rules.hot_skus import WINDOW, Heat, warm_shares
from hub.store.database import upsert
from hub.store.tables import hot_skus

LOOK = timedelta(seconds=1)
"""How old the shared word may be that a process goes by. A stale one costs time, never stock: takes are guarded."""
LOCK = 7_203_541_191
"""PostgreSQL's advisory lock of whoever places the orders in single file."""

_h = hot_skus.c


@dataclass(frozen=True, slots=True)
class Turn:
    """What a transaction may take in while orders of some SKUs go in single file.

    others: no order that asks for one of these. after: no message up to this id.
    """

    single: bool = False
    others: frozenset[str] = frozenset()
    after: int = 0


class HeatMeter:
    """One process's counter of lines, and its copy of the shared word. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: Counter[str] = Counter()
        self._began: datetime | None = None
        self._looked: datetime | None = None
        self._single: frozenset[str] = frozenset()
        self._passed = 0

    def count(self, skus: Iterable[str], now: datetime) -> dict[str, int]:
        """Count one line for each of these; at the end of a window: SKU -> permille of what was warm in it.

        A window that nobody ended in time, because nothing came in, says nothing.
        """
        with self._lock:
            self._began = self._began or now
            self._lines.update(skus)
            lasted = now - self._began
            if lasted < WINDOW:
                return {}
            found = warm_shares(self._lines) if lasted < 2 * WINDOW else {}
            self._lines, self._began = Counter(), now
            return found

    def single(self, db: Connection, now: datetime) -> frozenset[str]:
        """The SKUs whose orders go in single file; read anew once in `LOOK`."""
        looked = self._looked
        if looked is None or not looked <= now < looked + LOOK:
            self._single, self._looked = read_single(db, now), now
        return self._single

    def look_again(self) -> None:
        """The next who asks reads the shared word: it was changed."""
        self._looked = None

    def turn(self, db: Connection, now: datetime) -> Turn:
        """What this transaction may take in; ask before anything is read of the stock."""
        single = self.single(db, now)
        if not single or goes_first(db):
            self._passed = 0
            return Turn(bool(single))
        return Turn(True, single, self._passed)

    def pass_over(self, message_id: int) -> None:
        """Up to this message all is looked through, and what was left is somebody else's."""
        self._passed = message_id


def goes_first(db: Connection) -> bool:
    """Whether this transaction alone takes orders of single-file SKUs, until it ends.

    Who dies lets go at once. SQLite has one writer, who goes first by that.
    """
    if db.dialect.name == "sqlite":
        return True
    return bool(db.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}))


def read_single(db: Connection, now: datetime) -> frozenset[str]:
    """The SKUs whose orders go in single file now."""
    return frozenset(db.scalars(select(_h.sku).where(_h.single_until > now)))


def read_hot(db: Connection, now: datetime) -> dict[str, Heat]:
    """SKU -> heat of those that are hot now, by SKU."""
    rows = db.execute(select(hot_skus).where(_h.until > now).order_by(_h.sku))
    return {row.sku: heat_of(row) for row in rows}


def heat_of(row: object) -> Heat:
    """One row as the rule sees it."""
    return Heat(*(getattr(row, name) for name in Heat.__slots__))


Change = Callable[[Heat | None], Heat | None]


def change_heats(db: Connection, changes: Mapping[str, Change]) -> dict[str, tuple[Heat | None, Heat]]:
    """Apply the rule to what is known of each SKU; returns SKU -> (before, after) of those that it changed."""
    rows = db.execute(select(hot_skus).where(_h.sku.in_(sorted(changes))).order_by(_h.sku).with_for_update())
    known = {row.sku: heat_of(row) for row in rows}
    after = {sku: change(known.get(sku)) for sku, change in sorted(changes.items())}
    changed = {sku: (known.get(sku), heat) for sku, heat in after.items() if heat and heat != known.get(sku)}
    if changed:
        statement = upsert(db, hot_skus)
        set_ = {name: getattr(statement.excluded, name) for name in Heat.__slots__}
        rows_in = [{"sku": sku} | asdict(heat) for sku, (_, heat) in changed.items()]
        db.execute(statement.values(rows_in).on_conflict_do_update(index_elements=["sku"], set_=set_))
    return changed
