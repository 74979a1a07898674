"""Lots: what is known of each, and the one writer of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from hub.canonical.errors import BadInput, Conflict
from hub.rules.lots import lives_long_enough
from hub.rules.routing.free import FreePieces
from hub.rules.routing.snapshot import Lot
from hub.store.database import insert_new
from hub.store.free_stock import Free, Place, free_of_places, read_expiry
from hub.store.stock import in_rows, read_free, read_free_rows
from hub.store.tables import stock_lots

_t = stock_lots.c
LONGEST = 100


def know_lot(db: Connection, sku: str, lot: str, expires_on: date | None, now: datetime) -> None:
    """Note a lot of a SKU and its last good day; nothing where `lot` is "" (pieces without a lot).

    Raises: BadInput: an expiry without a lot, or a lot that cannot be read. Conflict: another expiry is known of it.
    """
    if not lot:
        if expires_on is not None:
            raise BadInput(f"{sku}: expires_on = {expires_on} needs a lot: name the lot that expires then")
        return
    if lot != lot.strip() or len(lot) > LONGEST or not lot.isprintable():
        raise BadInput(f"lot {lot[:LONGEST]!r}: use 1 to {LONGEST} printable characters without blanks around them")
    row = {"sku": sku, "lot": lot, "expires_on": expires_on, "note": "", "created_at": now}
    if insert_new(db, stock_lots, [row], ("sku", "lot")) or expires_on is None:
        return
    mine = (_t.sku == sku, _t.lot == lot)
    known = db.scalar(select(_t.expires_on).where(*mine))
    if known is None:
        db.execute(stock_lots.update().where(*mine).values(expires_on=expires_on))
    elif known != expires_on:
        raise Conflict(
            f"lot {lot} of {sku} expires on {known}, not on {expires_on}: correct the date, or name another lot"
        )


def last_good_day(db: Connection, sku: str, lot: str) -> date | None:
    """Of one lot; None where it has none, is not known, or for pieces without a lot."""
    return db.scalar(select(_t.expires_on).where(_t.sku == sku, _t.lot == lot))


def read_plannable(
    db: Connection, skus: Iterable[str], today: date, *, lock: bool
) -> tuple[FreePieces, dict[Place, tuple[Lot, ...]]]:  # fmt: skip
    """What a plan may use of these SKUs; with `lock` nobody else takes any of it until the transaction ends.

    Returns: (warehouse, sku) -> pieces free of all lots that are not expired, less safety; and where stock is kept by
             lot, its lots with their free pieces.
    """
    balances = read_free(db, skus, lock=True) if lock else ()
    free = in_rows(balances) if lock else read_free_rows(db, skus)
    return (free, {}) if free is not None else _by_lot(db, balances or read_free(db, skus, lock=False), today)


def _by_lot(
    db: Connection, rows: Sequence[Free], today: date
) -> tuple[FreePieces, dict[Place, tuple[Lot, ...]]]:  # fmt: skip
    named = {(place, sku) for place, sku, lot, _, _ in rows if lot}
    expiry = read_expiry(db, {sku for _, sku in named})
    lots: dict[Place, list[Lot]] = defaultdict(list)
    for place, sku, lot, there, _ in rows:
        good_until = expiry.get((sku, lot))
        if lives_long_enough(good_until, today, 0):
            lots[place, sku].append((lot, good_until.isoformat() if good_until else None, there))
    together = FreePieces.of(free_of_places(rows, expiry, today))
    return together, {key: tuple(lots[key]) for key in sorted(named)}
