"""Counting shelves: open a count, enter or scan what lies there, hand it in. Nothing changes until it is approved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, cast, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.lots import NO_LOT
from hub.store.audit import record
from hub.store.database import insert_new
from hub.store.known import must_be_stocked, must_be_warehouses, sku_of_code
from hub.store.stock import lock_balances
from hub.store.tables import items, stock_balances, stock_count_lines, stock_counts
from hub.usecases.context import Context

_n, _l, _b = stock_counts.c, stock_count_lines.c, stock_balances.c
LARGEST = 10**12
Shelf = tuple[str, str]
"""(SKU, lot)"""


@dataclass(frozen=True, slots=True)
class CountPlan:
    """What is to be counted in one warehouse: these SKUs, all with a tag, or (neither given) all that lies there.

    blind: who counts is not told what the books say.
    """

    warehouse: str
    skus: tuple[str, ...] = ()
    tag: str = ""
    blind: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """`counted` pieces of what a scanner read (SKU or barcode) lie on the shelf."""

    code: str
    counted: int
    lot: str = ""
    note: str = ""


def open_count(ctx: Context, wanted: CountPlan, *, actor: str) -> int:
    """Open a count; returns its id.

    Raises: NotFound: an unknown warehouse or SKU. BadInput: nothing to count. Conflict: another count has one of these
            shelves open (the same missing piece would be written twice).
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        must_be_warehouses(db, [wanted.warehouse])
        shelves = _shelves(db, wanted)
        if not shelves:
            raise BadInput(f"there is nothing to count in {wanted.warehouse}: name SKUs, or receive stock first")
        _must_be_closed(db, wanted.warehouse, shelves)
        row = {
            "warehouse": wanted.warehouse, "kind": "cycle" if wanted.skus or wanted.tag else "stocktake",
            "blind": wanted.blind, "state": "open", "note": wanted.note[:500], "created_by": actor, "submitted_by": "",
            "decided_by": "", "created_at": now,
        }  # fmt: skip
        count_id = int(db.execute(stock_counts.insert().returning(_n.id), row).scalar_one())
        _add_lines(db, count_id, shelves)
        record(db, now, actor, "count.opened", f"count:{count_id}", warehouse=wanted.warehouse, shelves=len(shelves))
    return count_id


def enter_counts(ctx: Context, count_id: int, entries: Sequence[Entry], *, actor: str) -> None:
    """Write down what lies on some shelves; entering a shelf again replaces what was entered.

    Raises: NotFound. BadInput: an unknown code, a shelf that is not in this count, or pieces below 0.
            Conflict: the count was handed in.
    """
    if not entries:
        raise BadInput("enter at least one shelf: its SKU or barcode, and the pieces that lie there")
    now = ctx.clock()
    with ctx.db.write() as db:
        row = open_row(db, count_id)
        for entry in entries:
            line = _line_of(db, row, entry.code, entry.lot)
            _write(db, row, line, entry.counted, actor, now, note=entry.note[:200] or line.note)


def scan_count(
    ctx: Context, count_id: int, code: str, *, actor: str, quantity: int = 1, lot: str = ""
) -> tuple[str, int]:  # fmt: skip
    """A scanner read one piece (or a box of `quantity`; negative takes back): it is added to its shelf.

    Returns: the SKU, and the pieces counted on its shelf so far.
    Raises:  as `enter_counts`.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = open_row(db, count_id)
        line = _line_of(db, row, code, lot)
        counted = (line.counted or 0) + quantity
        _write(db, row, line, counted, actor, now, note=line.note)
    return str(line.sku), counted


def submit_count(ctx: Context, count_id: int, *, actor: str) -> int:
    """Hand the count in. Shelves that were not counted stay as they are: not counted is not 0. Again is fine.

    Returns: how many shelves were not counted.
    Raises:  NotFound. Conflict: it is decided already. BadInput: nothing was counted.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_count(db, count_id)
        counted = [line.counted is not None for line in lines_of(db, count_id)]
        if row.state == "submitted":
            return counted.count(False)
        if row.state != "open":
            raise Conflict(f"count {count_id} is {row.state}: open a new one")
        if not any(counted):
            raise BadInput(f"nothing of count {count_id} was counted yet: enter or scan what lies on its shelves")
        values = {"state": "submitted", "submitted_by": actor, "submitted_at": now}
        db.execute(stock_counts.update().where(_n.id == count_id).values(values))
        record(db, now, actor, "count.submitted", f"count:{count_id}", counted=counted.count(True))
    return counted.count(False)


def lock_count(db: Connection, count_id: int) -> Row[Any]:
    """Lock one count (before any balance). Raises NotFound."""
    row = db.execute(select(stock_counts).where(_n.id == count_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no count {count_id}")
    return row


def open_row(db: Connection, count_id: int) -> Row[Any]:
    """Lock a count that is open. Raises: NotFound. Conflict."""
    row = lock_count(db, count_id)
    if row.state != "open":
        raise Conflict(f"count {count_id} is {row.state}: its numbers stand; have it counted again, or open a new one")
    return row


def lines_of(db: Connection, count_id: int) -> list[Row[Any]]:
    """The shelves of one count, by id."""
    return list(db.execute(select(stock_count_lines).where(_l.count_id == count_id).order_by(_l.id)))


def _shelves(db: Connection, wanted: CountPlan) -> list[Shelf]:
    query = select(_b.sku, _b.lot).where(_b.warehouse == wanted.warehouse).order_by(_b.sku, _b.lot)
    if not wanted.skus and not wanted.tag:
        return [(row.sku, row.lot) for row in db.execute(query.where(_b.on_hand > 0))]
    skus = set(wanted.skus) | (_tagged(db, wanted.tag) if wanted.tag else set())
    must_be_stocked(db, wanted.skus)
    found = [(row.sku, row.lot) for row in db.execute(query.where(_b.sku.in_(sorted(skus))))]
    return sorted({*found, *((sku, "") for sku in skus - {sku for sku, _ in found})})


def _tagged(db: Connection, tag: str) -> set[str]:
    likely = cast(items.c.tags, String).contains(tag, autoescape=True)
    return {row.sku for row in db.execute(select(items.c.sku, items.c.tags).where(likely)) if tag in row.tags}


def _must_be_closed(db: Connection, warehouse: str, shelves: Iterable[Shelf]) -> None:
    query = select(_n.id, _l.sku, _l.lot).join(stock_counts, _n.id == _l.count_id)
    busy = query.where(_n.warehouse == warehouse, _n.state.in_(("open", "submitted")))
    wanted = set(shelves)
    for row in db.execute(busy.order_by(_n.id, _l.id)):
        if (row.sku, row.lot) in wanted:
            raise Conflict(f"count {row.id} has {row.sku} in {warehouse} open already: finish or reject it first")


def _add_lines(db: Connection, count_id: int, shelves: Iterable[Shelf]) -> None:
    rows = [{"count_id": count_id, "sku": sku, "lot": lot, "counted_by": "", "problem": {}, "note": ""}
            for sku, lot in shelves]  # fmt: skip
    insert_new(db, stock_count_lines, rows, ("count_id", "sku", "lot"))


def _line_of(db: Connection, row: Row[Any], code: str, lot: str) -> Row[Any]:
    """The shelf of a scanned code. In a stocktake a SKU that nobody expected gets a shelf of its own."""
    sku = sku_of_code(db, code)
    lines = db.execute(select(stock_count_lines).where(_l.count_id == row.id, _l.sku == sku).order_by(_l.id)).all()
    wanted = "" if lot == NO_LOT else lot
    found = [line for line in lines if line.lot == wanted] if lot else list(lines)
    if len(found) == 1:
        return found[0]
    if found:
        lots = ", ".join(line.lot or NO_LOT for line in found)
        raise BadInput(f"{sku} lies in several lots ({lots}): say which lot was counted")
    if row.kind != "stocktake":
        raise BadInput(f"{code.strip()} ({sku}{', lot ' + lot if lot else ''}) is not in count {row.id}: put it aside")
    must_be_stocked(db, [sku])
    _must_be_closed(db, row.warehouse, [(sku, wanted)])
    _add_lines(db, row.id, [(sku, wanted)])
    return _line_of(db, row, code, lot)


def _write(
    db: Connection, row: Row[Any], line: Row[Any], counted: int, actor: str, now: datetime, note: str
) -> None:  # fmt: skip
    """Keep the number beside what the books say at this very moment."""
    if not 0 <= counted < LARGEST:
        raise BadInput(f"{line.sku}: {counted} pieces; expected a number of pieces from 0 on")
    here = (b for b in lock_balances(db, [line.sku]) if (b.warehouse, b.lot) == (row.warehouse, line.lot))
    expected = next((int(balance.on_hand) for balance in here), 0)
    values = {"counted": counted, "expected": expected, "counted_by": actor, "counted_at": now, "note": note}
    db.execute(stock_count_lines.update().where(_l.id == line.id).values(values))
