"""Proves that every balance is the sum of its ledger, and that every promise is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from hub.store.laws import BALANCE_IS_LEDGER, LAWS
from hub.store.stock import STATES
from hub.usecases.context import Context

LEDGER_LAW = "balance_is_ledger"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One broken law: `ours` stands where `theirs` should.

    state: the number of a balance that is meant, "" elsewhere. ref: what is meant where it is no balance (order:7).
    """

    check: str
    sku: str
    warehouse: str
    ours: int
    theirs: int
    lot: str = ""
    state: str = ""
    ref: str = ""


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
        found = (*_ledger_law(db), *(mismatch for check in LAWS for mismatch in _law(db, check)))
        balances = db.scalar(text("SELECT count(*) FROM stock_balance"))
        rows = db.scalar(text("SELECT count(*) FROM stock_ledger"))
    return AuditReport((LEDGER_LAW, *LAWS), int(balances or 0), int(rows or 0), found)


def _ledger_law(db: Connection) -> Iterator[Mismatch]:
    for row in db.execute(text(BALANCE_IS_LEDGER)).mappings():
        for state in STATES:
            ours, theirs = int(row[f"our_{state}"]), int(row[f"their_{state}"])
            if ours != theirs:
                yield Mismatch(LEDGER_LAW, row["sku"], row["warehouse"], ours, theirs, row["lot"], state)


def _law(db: Connection, check: str) -> Iterator[Mismatch]:
    for row in db.execute(text(LAWS[check])):
        yield Mismatch(check, row.sku, row.warehouse, int(row.ours), int(row.theirs), row.lot, ref=row.ref)
