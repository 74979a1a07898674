"""Proves that every balance is the sum of its ledger, and that every promise is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, text

from hub.store.laws import BALANCE_IS_LEDGER, LAWS, endless_leases
from hub.store.stock import STATES
from hub.usecases.context import Context

LEDGER_LAW, LEASE_LAW = "balance_is_ledger", "no_lease_for_ever"


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
    checks = (LEDGER_LAW, *LAWS, LEASE_LAW)
    with _snapshot(ctx) as db:
        found = tuple(mismatch for check in checks for mismatch in _check(db, check, ctx.clock()))
        balances = db.scalar(text("SELECT count(*) FROM stock_balance"))
        rows = db.scalar(text("SELECT count(*) FROM stock_ledger"))
    return AuditReport(checks, int(balances or 0), int(rows or 0), found)


def find_mismatches(ctx: Context, *checks: str) -> list[Mismatch]:
    """What breaks some laws only."""
    with _snapshot(ctx) as db:
        return [mismatch for check in checks for mismatch in _check(db, check, ctx.clock())]


@contextmanager
def _snapshot(ctx: Context) -> Iterator[Connection]:
    with ctx.db.read() as db:
        if not ctx.db.is_sqlite:
            db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield db


def _ledger_law(db: Connection) -> Iterator[Mismatch]:
    for row in db.execute(text(BALANCE_IS_LEDGER)).mappings():
        for state in STATES:
            ours, theirs = int(row[f"our_{state}"]), int(row[f"their_{state}"])
            if ours != theirs:
                yield Mismatch(LEDGER_LAW, row["sku"], row["warehouse"], ours, theirs, row["lot"], state)


def _check(db: Connection, check: str, now: datetime) -> Iterator[Mismatch]:
    if check == LEDGER_LAW:
        yield from _ledger_law(db)
    elif check == LEASE_LAW:
        for leased in endless_leases(now):
            yield from _law(db, check, leased)
    else:
        yield from _law(db, check, text(LAWS[check]))


def _law(db: Connection, check: str, query: Executable) -> Iterator[Mismatch]:
    for row in db.execute(query):
        yield Mismatch(check, row.sku, row.warehouse, int(row.ours), int(row.theirs), row.lot, ref=row.ref)
