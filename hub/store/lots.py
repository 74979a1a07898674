"""Lots: what is known of each, and the one writer of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, select

from hub.canonical.errors import BadInput, Conflict
from hub.store.database import insert_new
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
