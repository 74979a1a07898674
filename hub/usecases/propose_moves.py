"""Proposals to move or buy stock for orders that wait: worked out by a timer, accepted or dismissed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.proposals import Proposal, propose
from hub.store.audit import record
from hub.store.backlog import read_backlog, read_supply
from hub.store.places import place_of
from hub.store.stock import lock_balances
from hub.store.tables import proposals, stock_lots, warehouses
from hub.usecases.context import Context
from hub.usecases.idempotency import OneTransaction
from hub.usecases.plan_transfer import TransferPlan, create_transfer, reserve_transfer

_p = proposals.c
Name = tuple[str, str, str | None, str]
"""(kind, SKU, source, destination): what makes two proposals the same one."""
RESTS = timedelta(days=7)
"""So long a dismissed proposal does not come again, unless more is needed."""
MOST_ORDERS = 50


def refresh_proposals(ctx: Context) -> int:
    """Work the proposals out anew; returns how many are open. Those that no longer help are outdated."""
    now = ctx.clock()
    with ctx.db.write() as db:
        wanted = _work_out(db, now)
        known = {_name(row): row for row in db.execute(
            select(proposals).where(_p.state == "open").order_by(_p.id).with_for_update()
        )}  # fmt: skip
        dismissed = _dismissed(db, now)
        gone = [row.id for name, row in known.items() if name not in wanted]
        db.execute(proposals.update().where(_p.id.in_(gone)).values(state="outdated", decided_at=now))
        count = 0
        for name, found in wanted.items():
            if name not in known and dismissed.get(name, 0) >= found.quantity:
                continue
            _save(db, found, known.get(name), now)
            count += 1
    return count


def accept_proposal(ctx: Context, proposal_id: int, *, actor: str) -> int | None:
    """Do it: a transfer is written down and its pieces are reserved; a purchase is marked as ordered by a person.

    Returns: the transfer's id; None for a purchase. Again returns the same.
    Raises:  NotFound. Conflict: it is no longer open, or the source has too few free pieces by now.
    """
    with OneTransaction(ctx.db) as joined:
        inner = replace(ctx, db=joined)
        with joined.write() as db:
            row = _locked(db, proposal_id)
            if row.state == "accepted":
                return None if row.transfer_id is None else int(row.transfer_id)
            _must_be_open(row)
            transfer_id = _transfer(inner, db, row, actor) if row.kind == "transfer" else None
            _decide(db, row, "accepted", actor, ctx.clock(), transfer_id)
            record(db, ctx.clock(), actor, "proposal.accepted", f"proposal:{row.id}", **_facts(row))
    return transfer_id


def dismiss_proposal(ctx: Context, proposal_id: int, *, actor: str, reason: str) -> None:
    """It is not wanted; it comes again only where more is needed, or after a week. Again is fine.

    Raises: NotFound. BadInput: no reason. Conflict: it was accepted or is outdated.
    """
    if not reason.strip():
        raise BadInput("dismissing a proposal needs a reason: the next one will ask")
    with ctx.db.write() as db:
        row = _locked(db, proposal_id)
        if row.state != "dismissed":
            _must_be_open(row)
            _decide(db, row, "dismissed", actor, ctx.clock())
            facts = _facts(row) | {"reason": reason[:500]}
            record(db, ctx.clock(), actor, "proposal.dismissed", f"proposal:{row.id}", **facts)


def _work_out(db: Connection, now: datetime) -> dict[Name, Proposal]:
    backlog = read_backlog(db)
    supply = read_supply(db, {line.sku for line in backlog}, now)
    places = [place_of(row, None) for row in db.execute(select(warehouses).order_by(warehouses.c.code))]
    return {(found.kind, found.sku, found.source, found.destination): found
            for found in propose(backlog, places, supply)}  # fmt: skip


def _name(row: Row[Any]) -> Name:
    return (row.kind, row.sku, row.source, row.destination)


def _dismissed(db: Connection, now: datetime) -> dict[Name, int]:
    rows = db.execute(select(proposals).where(_p.state == "dismissed", _p.decided_at > now - RESTS).order_by(_p.id))
    return {_name(row): int(row.quantity) for row in rows}


def _save(db: Connection, found: Proposal, known: Row[Any] | None, now: datetime) -> None:
    why = {"orders": list(found.orders[:MOST_ORDERS]), "waiting": len(found.orders),
           "km": None if found.km is None else round(found.km)}  # fmt: skip
    if known is None:
        row = {
            "kind": found.kind, "sku": found.sku, "source": found.source, "destination": found.destination,
            "quantity": found.quantity, "why": why, "state": "open", "created_at": now, "decided_by": "",
        }  # fmt: skip
        db.execute(proposals.insert(), row)
    elif (known.quantity, known.why) != (found.quantity, why):
        db.execute(proposals.update().where(_p.id == known.id).values(quantity=found.quantity, why=why))


def _locked(db: Connection, proposal_id: int) -> Row[Any]:
    row = db.execute(select(proposals).where(_p.id == proposal_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no proposal {proposal_id}")
    return row


def _must_be_open(row: Row[Any]) -> None:
    if row.state != "open":
        raise Conflict(f"proposal {row.id} is {row.state}: look at the open ones")


def _transfer(ctx: Context, db: Connection, row: Row[Any], actor: str) -> int:
    lines = _fefo(db, row, ctx.clock().date())
    wanted = TransferPlan(f"proposal:{row.id}", row.source, row.destination, lines, f"proposal {row.id}")
    transfer_id = create_transfer(ctx, wanted, actor=actor)
    reserve_transfer(ctx, transfer_id, actor=actor)
    return transfer_id


def _fefo(db: Connection, row: Row[Any], today: date) -> tuple[tuple[str, str, int], ...]:
    """The pieces by lot, first those that expire first; expired ones stay. Raises Conflict: too few are free."""
    lot = stock_lots.c
    last: Mapping[str, date | None] = {
        each.lot: each.expires_on for each in db.execute(select(lot.lot, lot.expires_on).where(lot.sku == row.sku))
    }
    left, lines = int(row.quantity), []
    for balance in _by_age([b for b in lock_balances(db, [row.sku]) if b.warehouse == row.source], last):
        free = balance.on_hand - balance.reserved - balance.damaged - balance.quality_hold - balance.safety
        take = 0 if (last.get(balance.lot) or today) < today else min(left, free)
        if take > 0:
            lines.append((row.sku, balance.lot, take))
            left -= take
    if left:
        raise Conflict(f"{row.source} has only {row.quantity - left} of {row.quantity} {row.sku} free by now: "
                       "work the proposals out anew")  # fmt: skip
    return tuple(lines)


def _by_age(balances: Sequence[Row[Any]], last: Mapping[str, date | None]) -> list[Row[Any]]:
    return sorted(balances, key=lambda balance: (last.get(balance.lot) or date.max, balance.lot))


def _decide(
    db: Connection, row: Row[Any], state: str, actor: str, now: datetime, transfer_id: int | None = None
) -> None:
    values = {"state": state, "decided_by": actor, "decided_at": now, "transfer_id": transfer_id}
    db.execute(proposals.update().where(_p.id == row.id).values(values))


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {"kind": row.kind, "sku": row.sku, "quantity": row.quantity, "destination": row.destination}
