"""The only writer of stock balances: locks in key order, one guarded update per balance, one ledger row per cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import add
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from hub.canonical.errors import Conflict, InvariantBroken, StockGone
from hub.ports.failpoints import reach
from hub.rules.routing.free import FreePieces
from hub.store import bulk
from hub.store.free_stock import Free, Place, free_of_places, read_expiry
from hub.store.tables import stock_balances, stock_ledger

Key = tuple[str, str, str]
KEY = ("sku", "warehouse", "lot")

RARE = ("damaged", "quality_hold", "safety", "incoming", "in_transit")
STATES = ("on_hand", "reserved", *RARE)
"""The numbers of a balance. on_hand counts what is reserved, damaged and on quality hold too."""


class Move(Struct, frozen=True):
    """One change of one balance, in whole base units. (cause, line, kind, sku, warehouse, lot) happens once."""

    kind: str
    sku: str
    warehouse: str
    cause: str
    line: str
    on_hand: int = 0
    reserved: int = 0
    lot: str = ""
    order_id: int | None = None
    reason: str = ""
    actor: str = "hub"
    damaged: int = 0
    quality_hold: int = 0
    safety: int = 0
    incoming: int = 0
    in_transit: int = 0

    @property
    def key(self) -> Key:
        return (self.sku, self.warehouse, self.lot)

    @property
    def deltas(self) -> tuple[int, ...]:
        """Its changes, in the order of `STATES`."""
        return tuple([getattr(self, state) for state in STATES])


def lock_balances(db: Connection, skus: Iterable[str]) -> Sequence[Row[Any]]:
    """Lock and read all balances of these SKUs in the one global order (sku, warehouse, lot)."""
    table = stock_balances
    query = select(table).where(table.c.sku.in_(sorted(set(skus))))
    rows = db.execute(query.order_by(table.c.sku, table.c.warehouse, table.c.lot).with_for_update()).all()
    reach("after_stock_lock")
    return rows


_PIECES = "t.on_hand - t.reserved - t.damaged - t.quality_hold"
_FREE = ("warehouse", "sku", "lot", _PIECES, "safety")
"""The columns of a `Free`: its pieces are all that lies there, less what is promised, unfit, or looked at."""


def read_free(db: Connection, skus: Iterable[str], *, lock: bool) -> Sequence[Free]:
    """What is free now, by balance; with `lock` nobody else takes any of it until the transaction ends."""
    rows = bulk.read(db, stock_balances, {"sku": sorted(set(skus))}, _FREE, _locking(db) if lock else "")
    if lock:
        reach("after_stock_lock")
    return rows


_ROWS = f"""
SELECT d.sku, f.places, f.pieces, f.lotted FROM {{source}}, LATERAL (
    SELECT array_agg(t.warehouse) AS places, array_agg({_PIECES} - t.safety) AS pieces, bool_or(t.lot <> '') AS lotted
    FROM stock_balance AS t WHERE t.sku = d.sku
) AS f
"""
"""One row for each SKU: half the time of one for each balance, as most of that goes into handing rows over."""


def read_free_rows(db: Connection, skus: Iterable[str]) -> FreePieces | None:
    """What is free of each SKU in each place now, less its safety stock; None where any of it is kept by lot.

    Nothing is locked. SQLite hands rows over for little.
    """
    wanted = sorted(set(skus))
    if db.dialect.name == "sqlite" or not wanted:
        return in_rows(read_free(db, wanted, lock=False))
    source, values = bulk.listed(db, stock_balances, {"sku": wanted})
    found = db.exec_driver_sql(_ROWS.format(source=source), values).fetchall()
    if any(lotted for _, _, _, lotted in found):
        return None
    return FreePieces({sku: dict(zip(places, pieces, strict=True)) for sku, places, pieces, _ in found if places})


def in_rows(balances: Sequence[Free]) -> FreePieces | None:
    """What is free, less safety stock, where none is kept by lot; else None."""
    rows = defaultdict[str, dict[str, int]](dict)
    for place, sku, lot, pieces, safety in balances:
        if lot:
            return None
        rows[sku][place] = pieces - safety
    return FreePieces(rows)


def _locking(db: Connection) -> str:
    """The tail of a reading that locks in the one global order; SQLite has one writer and needs none."""
    return "" if db.dialect.name == "sqlite" else "ORDER BY t.sku, t.warehouse, t.lot FOR UPDATE OF t"


def ensure_balances(db: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Make empty balances where there are none yet."""
    columns = _key_columns(sorted(set(keys)))
    bulk.insert_new(db, stock_balances, columns, KEY, dict.fromkeys(STATES, 0) | {"version": 0, "updated_at": now})


def apply_moves(db: Connection, moves: Sequence[Move], now: datetime, *, locked: bool = True) -> None:
    """Write the moves into ledger and balances.

    The balances must be locked before by `lock_balances` or `read_free`. Where they are not (`locked=False`), they are
    locked here, after all else is written, and must still have the free pieces that the moves take, beyond the safety
    stock of their place.

    Raises:
        Conflict: a balance would leave 0 <= reserved + damaged + quality_hold <= on_hand, or one of its numbers fall
                  below 0; nothing of the transaction may be kept.
        StockGone: so it is as well where the free pieces are gone.
        InvariantBroken: a cause comes a second time.
    """
    if not moves:
        return
    ordered = sorted(moves, key=lambda move: (move.key, move.cause, move.line))
    once = ("cause", "line", "kind", *KEY)
    written = bulk.insert_new(db, stock_ledger, _ledger_columns(ordered), once, {"at": now})
    if written != len(moves):
        raise InvariantBroken(f"{len(moves) - written} stock move(s) were written before (cause {ordered[0].cause})")
    sums: dict[Key, tuple[int, ...]] = {}
    for move in ordered:
        before = sums.get(move.key, (0,) * len(STATES))
        sums[move.key] = tuple(map(add, before, move.deltas))
    if not locked:
        _lock_and_check(db, sums, now.date())
    _update_balances(db, sums, now)
    reach("after_reserve")


def _lock_and_check(db: Connection, sums: Mapping[Key, tuple[int, ...]], today: date) -> None:
    """Lock all balances of the places of the moves, and see whether what is free is enough for what they reserve.

    Each lot must have its own pieces; and all of a place together must still leave its safety stock, which stands in
    one balance and is kept of all lots.
    """
    places = sorted({(sku, warehouse) for sku, warehouse, _ in sums})
    keys = {"sku": [sku for sku, _ in places], "warehouse": [warehouse for _, warehouse in places]}
    rows = bulk.read(db, stock_balances, keys, _FREE, _locking(db))
    reach("after_stock_lock")
    free = free_of_places(rows, read_expiry(db, {sku for _, sku, lot, _, _ in rows if lot}), today)
    own = {(sku, warehouse, lot): pieces for warehouse, sku, lot, pieces, _ in rows}
    gone = _gone({key: deltas[1] for key, deltas in sums.items() if deltas[1] > 0}, own, free)
    if gone:
        (sku, place, _), skus = gone[0], {sku for sku, _, _ in gone}
        raise StockGone(f"stock of {sku} in {place} was taken by somebody else in the meantime", skus)


def _gone(wanted: Mapping[Key, int], own: Mapping[Key, int], free: Mapping[Place, int]) -> list[Key]:
    """The balances that have too few pieces themselves, or whose place has, for what is wanted of them."""
    together: Counter[Place] = Counter()
    for (sku, warehouse, _), pieces in wanted.items():
        together[warehouse, sku] += pieces
    short = {place for place, pieces in together.items() if pieces > free.get(place, 0)}
    return [key for key, pieces in wanted.items() if pieces > own.get(key, 0) or (key[1], key[0]) in short]


def _key_columns(keys: Iterable[Key]) -> dict[str, list[str]]:
    return {name: [key[at] for key in keys] for at, name in enumerate(KEY)}


def rebuild_balance(db: Connection, move: Move, numbers: Mapping[str, int], now: datetime) -> None:
    """Repair: set a (locked) balance to `numbers`, and write into the ledger what it lacks for them (`move`).

    Args: numbers: every one of `STATES`. move: kind "repair"; without any change, only the balance is set.
    """
    if any(move.deltas):
        once = ("cause", "line", "kind", *KEY)
        bulk.insert_new(db, stock_ledger, _ledger_columns([move]), once, {"at": now})
    here = [stock_balances.c[name] == value for name, value in zip(KEY, move.key, strict=True)]
    values: dict[str, Any] = {**numbers, "updated_at": now, "version": stock_balances.c.version + 1}
    db.execute(stock_balances.update().where(*here).values(values))


def _update_balances(db: Connection, sums: Mapping[Key, tuple[int, ...]], now: datetime) -> None:
    """One guarded update of all balances; one that does not allow its change refuses them all."""
    used = tuple(state for state, deltas in zip(STATES, zip(*sums.values(), strict=True), strict=True) if any(deltas))
    keys = _key_columns(sums)
    deltas = {state: [row[STATES.index(state)] for row in sums.values()] for state in used}
    undo = db.begin_nested()
    sets = (*bulk.adding(*used), ("version", "t.version + 1"))
    same = {"updated_at": now}
    if bulk.update(db, stock_balances, keys, deltas, same, sets=sets, guard=_guard(used)) == len(sums):
        undo.commit()
        return
    undo.rollback()
    raise _refused(db, keys, sums)


@lru_cache
def _guard(used: tuple[str, ...]) -> str:
    """What must hold after the change, where t is the balance and d is what is added to it."""
    after = {state: f"t.{state} + d.{state}" if state in used else f"t.{state}" for state in STATES}
    fence = f"{after['reserved']} + {after['damaged']} + {after['quality_hold']} <= {after['on_hand']}"
    return " AND ".join([*(f"{after[state]} >= 0" for state in used), fence])


def _refused(db: Connection, keys: bulk.Columns, sums: Mapping[Key, tuple[int, ...]]) -> Conflict:
    """The error that names the first balance which does not allow its change."""
    there = {tuple(row[:3]): row[3:] for row in bulk.read(db, stock_balances, keys, (*KEY, *STATES))}
    (sku, warehouse, _), deltas = next(each for each in sums.items() if not _allows(there.get(each[0]), each[1]))
    change = ", ".join(f"{delta:+d} {state}" for state, delta in zip(STATES, deltas, strict=True) if delta)
    return Conflict(
        f"stock of {sku} in {warehouse} does not allow {change}: what is reserved, damaged and on quality hold "
        "would pass what is on hand, or a number would fall below 0"
    )


def _allows(numbers: Sequence[int] | None, deltas: tuple[int, ...]) -> bool:
    """What `_guard` checks."""
    after = dict(zip(STATES, map(add, numbers or (0,) * len(STATES), deltas), strict=True))
    fenced = after["reserved"] + after["damaged"] + after["quality_hold"] <= after["on_hand"]
    return numbers is not None and min(after.values()) >= 0 and fenced


def _ledger_columns(moves: Sequence[Move]) -> dict[str, list[Any]]:
    names = (*KEY, "kind", "on_hand", "reserved", "cause", "line", "order_id", "reason", "actor")
    columns = {name: [getattr(move, name) for move in moves] for name in names}
    rare = {name: [getattr(move, name) or None for move in moves] for name in RARE}
    return columns | {name: values for name, values in rare.items() if any(values)}
