"""Proves that every balance is the sum of its ledger, and that every promise is counted once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from hub.usecases.context import Context

_CHECKS = {
    "balance_is_ledger": """
        SELECT b.sku, b.warehouse, b.on_hand AS ours, coalesce(l.on_hand, 0) AS theirs
        FROM stock_balance b LEFT JOIN (
            SELECT sku, warehouse, lot, sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(damaged) AS damaged,
                   sum(quality_hold) AS quality_hold, sum(safety) AS safety, sum(incoming) AS incoming,
                   sum(in_transit) AS in_transit
            FROM stock_ledger GROUP BY sku, warehouse, lot
        ) l ON l.sku = b.sku AND l.warehouse = b.warehouse AND l.lot = b.lot
        WHERE b.on_hand <> coalesce(l.on_hand, 0) OR b.reserved <> coalesce(l.reserved, 0)
           OR b.damaged <> coalesce(l.damaged, 0) OR b.quality_hold <> coalesce(l.quality_hold, 0)
           OR b.safety <> coalesce(l.safety, 0) OR b.incoming <> coalesce(l.incoming, 0)
           OR b.in_transit <> coalesce(l.in_transit, 0)""",
    "ledger_has_balance": """
        SELECT l.sku, l.warehouse, 0 AS ours, sum(l.on_hand) AS theirs FROM stock_ledger l
        WHERE NOT EXISTS (SELECT 1 FROM stock_balance b
                          WHERE b.sku = l.sku AND b.warehouse = l.warehouse AND b.lot = l.lot)
        GROUP BY l.sku, l.warehouse""",
    "reserved_is_pick_lists": """
        SELECT b.sku, b.warehouse, b.reserved AS ours, coalesce(f.open, 0) AS theirs
        FROM stock_balance b LEFT JOIN (
            SELECT l.sku, o.warehouse, l.lot, sum(l.quantity - l.shipped - l.cancelled) AS open
            FROM fulfillment_line l JOIN fulfillment_order o ON o.id = l.fulfillment_order_id
            GROUP BY l.sku, o.warehouse, l.lot
        ) f ON f.sku = b.sku AND f.warehouse = b.warehouse AND f.lot = b.lot
        WHERE b.reserved <> coalesce(f.open, 0)""",
    "pieces_are_pick_lists": """
        SELECT p.sku, '' AS warehouse, p.reserved AS ours, coalesce(f.open, 0) AS theirs
        FROM order_piece p LEFT JOIN (
            SELECT piece_id, sum(quantity - shipped - cancelled) AS open, sum(shipped) AS shipped
            FROM fulfillment_line GROUP BY piece_id
        ) f ON f.piece_id = p.id
        WHERE p.reserved <> coalesce(f.open, 0) OR p.shipped <> coalesce(f.shipped, 0)""",
    "never_more_than_wanted": """
        SELECT p.sku, '' AS warehouse, p.reserved + p.shipped AS ours, p.wanted AS theirs FROM order_piece p
        WHERE p.reserved > 0 AND p.reserved + p.shipped > p.wanted""",
    "never_oversold": """
        SELECT sku, warehouse, reserved AS ours, on_hand AS theirs FROM stock_balance
        WHERE reserved + damaged + quality_hold > on_hand OR reserved < 0""",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One broken law: `ours` stands where `theirs` should."""

    check: str
    sku: str
    warehouse: str
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Every law that was checked, and every mismatch found."""

    checks: tuple[str, ...]
    balances: int
    ledger_rows: int
    mismatches: tuple[Mismatch, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        body = asdict(self)
        return body | {"mismatches": len(self.mismatches), "details": [asdict(m) for m in self.mismatches]}


def audit_stock(ctx: Context) -> AuditReport:
    """Check all laws on one snapshot of the database; changes nothing."""
    with ctx.db.read() as db:
        if not ctx.db.is_sqlite:
            db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        found = tuple(mismatch for check, query in _CHECKS.items() for mismatch in _run(db, check, query))
        balances = db.scalar(text("SELECT count(*) FROM stock_balance"))
        rows = db.scalar(text("SELECT count(*) FROM stock_ledger"))
    return AuditReport(tuple(_CHECKS), int(balances or 0), int(rows or 0), found)


def _run(db: Connection, check: str, query: str) -> list[Mismatch]:
    return [Mismatch(check, row.sku, row.warehouse, int(row.ours), int(row.theirs)) for row in db.execute(text(query))]
