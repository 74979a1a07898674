"""Transfers before they leave: written down, reserved at their source, or called off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.told import told
from hub.store import pushes
from hub.store.audit import record
from hub.store.database import insert_new
from hub.store.known import must_be_stocked, must_be_warehouses
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import transfer_lines, transfers
from hub.store.waiting import wake_short
from hub.usecases.context import Context

_t, _l = transfers.c, transfer_lines.c
MOST_LINES = 1000
LARGEST = 10**12

Wanted = tuple[str, str, int]
"""(SKU, lot, pieces); lot "" where the SKU has none."""


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """What is to go from one warehouse to another. The same `key` again is the same transfer."""

    key: str
    source: str
    destination: str
    lines: tuple[Wanted, ...]
    note: str = ""


def create_transfer(ctx: Context, wanted: TransferPlan, *, actor: str) -> int:
    """Write a draft; returns its id. Nothing is reserved yet; the same key again returns the same transfer.

    Raises: NotFound: an unknown SKU or warehouse. BadInput: no line, no pieces, a kit, or a way to itself.
            Conflict: the key stands for another transfer.
    """
    lines = _merged(wanted)
    now = ctx.clock()
    with ctx.db.write() as db:
        must_be_warehouses(db, [wanted.source, wanted.destination])
        must_be_stocked(db, {sku for sku, _ in lines})
        row = {
            "key": wanted.key, "source": wanted.source, "destination": wanted.destination, "state": "draft",
            "note": wanted.note[:500], "created_by": actor, "created_at": now, "updated_at": now,
        }  # fmt: skip
        new = insert_new(db, transfers, [row], ("key",))
        found = db.execute(select(transfers).where(_t.key == wanted.key)).one()
        if not new:
            _must_be_same(db, found, wanted, lines)
            return int(found.id)
        _insert_lines(db, found.id, lines)
        record(db, now, actor, "transfer.created", f"transfer:{found.id}", source=wanted.source,
               destination=wanted.destination, pieces=sum(lines.values()))  # fmt: skip
    return int(found.id)


def reserve_transfer(ctx: Context, transfer_id: int, *, actor: str) -> None:
    """The draft is ready to go: its pieces are reserved at the source, so that no order takes them. Again is fine.

    Raises: NotFound. Conflict: pieces are missing at the source (which, and how many), or it is no draft any more.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_transfer(db, transfer_id)
        if row.state in ("ready", "in_transit", "received"):
            return
        if row.state != "draft":
            raise Conflict(f"transfer {transfer_id} is {row.state}: make a new one")
        lines = lines_of(db, transfer_id)
        _must_be_there(db, row, lines)
        moves = [move_of(row, line, "reserve", str(line.id), actor, reserved=line.quantity) for line in lines]
        write_moves(db, moves, now)
        set_state(db, row, "ready", now)
        record(db, now, actor, "transfer.reserved", f"transfer:{transfer_id}")


def cancel_transfer(ctx: Context, transfer_id: int, *, actor: str, reason: str) -> None:
    """Call it off before anything left; what was reserved is free again. Again is fine.

    Raises: NotFound. BadInput: no reason. Conflict: pieces are under way: receive them, then close it.
    """
    if not reason.strip():
        raise BadInput("cancelling a transfer needs a reason")
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_transfer(db, transfer_id)
        if row.state == "cancelled":
            return
        if row.state not in ("draft", "ready"):
            raise Conflict(f"transfer {transfer_id} is {row.state}: receive what is under way, then close it")
        waiting = release_rest(db, row, lines_of(db, transfer_id), actor, now) if row.state == "ready" else 0
        set_state(db, row, "cancelled", now)
        record(db, now, actor, "transfer.cancelled", f"transfer:{transfer_id}", reason=reason[:500])
    if waiting:
        ctx.doorbell.ring("orders.place")


def lock_transfer(db: Connection, transfer_id: int) -> Row[Any]:
    """Lock one transfer (before any balance). Raises NotFound."""
    row = db.execute(select(transfers).where(_t.id == transfer_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no transfer {transfer_id}")
    return row


def lines_of(db: Connection, transfer_id: int) -> list[Row[Any]]:
    """The lines of one transfer, by id."""
    return list(db.execute(select(transfer_lines).where(_l.transfer_id == transfer_id).order_by(_l.id)))


def cause_of(row: Row[Any]) -> str:
    """What keys the ledger rows of a transfer."""
    return f"transfer:{row.id}"


def move_of(row: Row[Any], line: Row[Any], kind: str, mark: str, actor: str, **states: Any) -> Move:
    """A move of one line, at the source unless `warehouse` says otherwise. `mark` makes it happen once."""
    place = states.pop("warehouse", row.source)
    reason = states.pop("reason", told(f"transfer from {row.source} to {row.destination}"))
    return Move(kind=kind, sku=line.sku, warehouse=place, lot=line.lot, cause=cause_of(row), line=mark, actor=actor,
                reason=reason, **states)  # fmt: skip


def write_moves(db: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Lock the balances, write the moves, and let every channel know."""
    skus = {move.sku for move in moves}
    lock_balances(db, skus)
    apply_moves(db, moves, now)
    pushes.mark_skus(db, skus, now)


def release_rest(db: Connection, row: Row[Any], lines: Iterable[Row[Any]], actor: str, now: datetime) -> int:
    """What was reserved and never left is free again; returns how many waiting orders were woken."""
    moves = [
        move_of(row, line, "release", str(line.id), actor, reserved=line.shipped - line.quantity)
        for line in lines if line.shipped < line.quantity
    ]  # fmt: skip
    write_moves(db, moves, now)
    return wake_short(db, {move.sku for move in moves}, now)


def set_state(db: Connection, row: Row[Any], state: str, now: datetime, **values: Any) -> None:
    """Write the state of a (locked) transfer."""
    db.execute(transfers.update().where(_t.id == row.id).values(state=state, updated_at=now, **values))


def _merged(wanted: TransferPlan) -> dict[tuple[str, str], int]:
    """(SKU, lot) -> pieces, in the order of the plan."""
    if wanted.source == wanted.destination:
        raise BadInput(f"a transfer from {wanted.source} to itself moves nothing: choose another destination")
    if not 1 <= len(wanted.lines) <= MOST_LINES:
        raise BadInput(f"{len(wanted.lines)} lines: a transfer has 1 to {MOST_LINES}")
    found: dict[tuple[str, str], int] = defaultdict(int)
    for sku, lot, pieces in wanted.lines:
        if not 0 < pieces < LARGEST:
            raise BadInput(f"{sku}: {pieces} pieces; a line moves 1 or more")
        found[sku, lot] += pieces
    return dict(found)


def _insert_lines(db: Connection, transfer_id: int, lines: dict[tuple[str, str], int]) -> None:
    blank = dict.fromkeys(("shipped", "received", "damaged", "lost"), 0)
    db.execute(transfer_lines.insert(), [
        {"transfer_id": transfer_id, "sku": sku, "lot": lot, "quantity": pieces} | blank
        for (sku, lot), pieces in lines.items()
    ])  # fmt: skip


def _must_be_same(
    db: Connection, found: Row[Any], wanted: TransferPlan, lines: dict[tuple[str, str], int]
) -> None:  # fmt: skip
    known = {(line.sku, line.lot): line.quantity for line in lines_of(db, found.id)}
    if (found.source, found.destination, known) != (wanted.source, wanted.destination, lines):
        raise Conflict(f"the key {wanted.key!r} stands for another transfer ({found.id}): take a new key for a new one")


def _must_be_there(db: Connection, row: Row[Any], lines: Sequence[Row[Any]]) -> None:
    balances = {(b.sku, b.lot): b for b in lock_balances(db, {line.sku for line in lines}) if b.warehouse == row.source}
    short = [text for line in lines if (text := _missing(line, balances.get((line.sku, line.lot))))]
    if short:
        raise Conflict(f"{row.source} cannot send all of transfer {row.id}: {'; '.join(short)}: "
                       "lower these lines, or free their pieces first")  # fmt: skip


def _missing(line: Row[Any], balance: Row[Any] | None) -> str:
    taken = balance.reserved + balance.damaged + balance.quality_hold if balance is not None else 0
    free = balance.on_hand - taken if balance is not None else 0
    if line.quantity <= free:
        return ""
    lot = f" (lot {line.lot})" if line.lot else ""
    return told(f"{line.sku}{lot}: {line.quantity} asked, {free} free")
