"""The audit: proof that every balance is the sum of its ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from hub.api.limits import limited
from hub.api.parts import Out, Served, Time, resource
from hub.rules.permissions import Principal
from hub.usecases.audit_stock import audit_stock
from hub.web.auth import require

router = resource("audit")
COST = 50.0
"""It reads the whole ledger: as much as so many other requests."""


class MismatchOut(Out):
    """One broken law: `ours` stands where `theirs` should. `state`: which number of a balance; `ref`: what else."""

    check: str
    sku: str
    warehouse: str
    lot: str
    state: str
    ref: str
    ours: int
    theirs: int


class AuditOut(Out):
    """0 mismatches, or something is badly wrong."""

    checks: list[str]
    balances: int
    ledger_rows: int
    mismatches: int
    details: list[MismatchOut]
    as_of: Time


@router.get("", dependencies=[Depends(limited(COST))])
def audit(services: Served, _who: Annotated[Principal, Depends(require("reports.read"))]) -> AuditOut:
    """Check all laws of stock on one snapshot; changes nothing."""
    as_of = services.ctx.clock()
    return AuditOut.model_validate(audit_stock(services.ctx).to_dict() | {"as_of": as_of})
