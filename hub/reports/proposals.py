"""Proposals to move or buy stock, page by page: the newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from hub.canonical.errors import NotFound
from hub.reports.cursors import read_page
from hub.store.database import Database
from hub.store.tables import proposals

_p = proposals.c


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One proposal. kind: transfer, purchase (`source` None). state: open, accepted, dismissed, outdated.

    orders: some of those that wait for it; waiting: how many there are. km: the way, None where it is not known.
    """

    id: int
    kind: str
    sku: str
    source: str | None
    destination: str
    quantity: int
    orders: tuple[int, ...]
    waiting: int
    km: int | None
    state: str
    transfer_id: int | None
    created_at: datetime
    decided_by: str
    decided_at: datetime | None


def find_proposals(
    db: Database, *, state: str = "open", scope: Collection[str] | None = None, after: str = "", limit: int = 50
) -> tuple[list[ProposalLine], str | None]:
    """One page and the cursor of the next. `state` "": all; `scope`: warehouses at either end, None: all."""
    query = select(proposals)
    if state:
        query = query.where(_p.state == state)
    if scope is not None:
        query = query.where(or_(_p.source.in_(sorted(scope)), _p.destination.in_(sorted(scope))))
    with db.read() as connection:
        rows, following = read_page(connection, query, _p.id, after, limit)
    return [_line(row) for row in rows], following


def read_proposal(db: Database, proposal_id: int) -> ProposalLine:
    """One proposal. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(proposals).where(_p.id == proposal_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no proposal {proposal_id}")
    return _line(row)


def _line(row: Row[Any]) -> ProposalLine:
    return ProposalLine(
        row.id, row.kind, row.sku, row.source, row.destination, row.quantity, tuple(row.why.get("orders", ())),
        row.why.get("waiting", 0), row.why.get("km"), row.state, row.transfer_id, row.created_at, row.decided_by,
        row.decided_at,
    )  # fmt: skip
