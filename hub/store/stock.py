"""The only writer of stock balances: locks in key order, one guarded update per balance, one ledger row per cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select

from hub.canonical.errors import Conflict, InvariantBroken
from hub.ports.failpoints import reach
from hub.store.database import insert_new
from hub.store.tables import stock_balances, stock_ledger

Key = tuple[str, str, str]
"""(sku, warehouse, lot)"""


@dataclass(frozen=True, slots=True)
class Move:
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

    @property
    def key(self) -> Key:
        return (self.sku, self.warehouse, self.lot)


def lock_balances(db: Connection, skus: Iterable[str]) -> Sequence[Row[Any]]:
    """Lock and read all balances of these SKUs in the one global order (sku, warehouse, lot)."""
    table = stock_balances
    query = select(table).where(table.c.sku.in_(sorted(set(skus))))
    rows = db.execute(query.order_by(table.c.sku, table.c.warehouse, table.c.lot).with_for_update()).all()
    reach("after_stock_lock")
    return rows


def ensure_balances(db: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Make empty balances where there are none yet."""
    rows = [{"sku": sku, "warehouse": place, "lot": lot, "updated_at": now} for sku, place, lot in sorted(set(keys))]
    blank = {"on_hand": 0, "reserved": 0, "safety": 0, "incoming": 0, "version": 0}
    insert_new(db, stock_balances, [row | blank for row in rows], ("sku", "warehouse", "lot"))


def apply_moves(db: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Write the moves into ledger and balances. The balances must be locked by `lock_balances` before.

    Raises:
        Conflict: a balance would leave 0 <= reserved <= on_hand; nothing of the transaction may be kept.
        InvariantBroken: a cause comes a second time.
    """
    if not moves:
        return
    ordered = sorted(moves, key=lambda move: (move.key, move.cause, move.line))
    written = insert_new(
        db, stock_ledger, [_ledger_row(move, now) for move in ordered],
        ("cause", "line", "kind", "sku", "warehouse", "lot"),
    )  # fmt: skip
    if written != len(moves):
        raise InvariantBroken(f"{len(moves) - written} stock move(s) were written before (cause {ordered[0].cause})")
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for move in ordered:
        sums[move.key][0] += move.on_hand
        sums[move.key][1] += move.reserved
    for key, (on_hand, reserved) in sums.items():
        _update_balance(db, key, on_hand, reserved, now)
    reach("after_reserve")


_b = stock_balances.c
_GUARDED = (
    stock_balances.update()
    .where(
        and_(
            _b.sku == bindparam("b_sku"), _b.warehouse == bindparam("b_warehouse"), _b.lot == bindparam("b_lot"),
            _b.reserved + bindparam("d_reserved") >= 0,
            _b.reserved + bindparam("d_reserved") <= _b.on_hand + bindparam("d_on_hand"),
        )
    )
    .values(
        on_hand=_b.on_hand + bindparam("d_on_hand"), reserved=_b.reserved + bindparam("d_reserved"),
        version=_b.version + 1, updated_at=bindparam("now"),
    )
)  # fmt: skip


def _update_balance(db: Connection, key: Key, on_hand: int, reserved: int, now: datetime) -> None:
    sku, warehouse, lot = key
    values = {"b_sku": sku, "b_warehouse": warehouse, "b_lot": lot, "d_on_hand": on_hand, "d_reserved": reserved}
    if db.execute(_GUARDED, values | {"now": now}).rowcount != 1:
        raise Conflict(
            f"stock of {sku} in {warehouse} does not allow {on_hand:+d} on hand and {reserved:+d} reserved: "
            "reserved would pass what is on hand"
        )


def _ledger_row(move: Move, now: datetime) -> dict[str, Any]:
    return {
        "sku": move.sku, "warehouse": move.warehouse, "lot": move.lot, "kind": move.kind, "on_hand": move.on_hand,
        "reserved": move.reserved, "cause": move.cause, "line": move.line, "order_id": move.order_id,
        "reason": move.reason, "actor": move.actor, "at": now,
    }  # fmt: skip
