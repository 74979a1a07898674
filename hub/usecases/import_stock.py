"""Stock from a file: read it and show what it would change, then apply it once, and never silently to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.counting import still_to_write, writable
from hub.rules.file_doubts import file_doubts
from hub.rules.reasons import is_finding
from hub.rules.stock_file import Books, FileRow, Key, judge, read_header, read_row
from hub.store import pushes
from hub.store.audit import record
from hub.store.catalog import read_kits
from hub.store.database import insert_new
from hub.store.feeds import note_fed
from hub.store.known import CHUNK, known_skus, known_warehouses
from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances
from hub.store.tables import stock_balances, stock_imports, stock_ledger, stock_lots
from hub.store.waiting import wake_short
from hub.usecases.context import Context
from hub.usecases.read_sheet import read_sheet

_f, _b, _lot, _t = stock_imports.c, stock_balances.c, stock_lots.c, stock_ledger.c
MODES = ("set", "add")
FINDINGS = ("adjust", "count", "missing")
"""Kinds of changes that may have found the same pieces as a file."""
PART = 2000
"""Rows that are written in one transaction."""
GOOD_FOR = timedelta(hours=24)
"""How long a file that was read may be applied."""


@dataclass(frozen=True, slots=True)
class StockFile:
    """A file as it was given. The same `key` again is the same import.

    mode:      "set": the numbers are what lies there; "add": they are added.
    warehouse: meant where a row names none.
    """

    key: str
    name: str
    raw: bytes
    mode: str = "set"
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import changed: rows written, pieces more and fewer, rows that could not be written any more."""

    rows: int
    more: int
    fewer: int
    late: int


def preview_import(ctx: Context, given: StockFile, *, actor: str) -> int:
    """Read a file and keep what it would change; returns the import's id. No stock is touched.

    Raises: BadInput: it cannot be read (where, and how to mend it). Conflict: the key stands for another file.
    """
    if given.mode not in MODES:
        raise BadInput(f"mode {given.mode!r}: use set (the numbers are what lies there) or add")
    header, *lines = read_sheet(given.raw)
    columns = read_header(header[1])
    rows = [read_row(number, cells, columns, given.warehouse) for number, cells in lines]
    now, digest = ctx.clock(), _digest(given)
    with ctx.db.write() as db:
        books = _books(db, rows)
        judged = judge(rows, books, given.mode)
        doubts = file_doubts([each for each in judged if not each.problem], books.lots, now.date())
        row = {
            "key": given.key, "file_name": given.name[-200:], "mode": given.mode, "state": "preview",
            "rows": [each.to_dict() for each in judged if not each.problem],
            "problems": [each.to_dict() for each in judged if each.problem],
            "summary": _summary(judged) | {"digest": digest, "breaker": "; ".join(doubts)},
            "created_by": actor, "created_at": now, "applied_by": "",
        }  # fmt: skip
        if insert_new(db, stock_imports, [row], ("key",)):
            found = db.execute(select(_f.id).where(_f.key == given.key)).one()
            record(db, now, actor, "import.read", f"import:{found.id}", file=given.name[-200:], rows=len(judged))
            return int(found.id)
        known = db.execute(select(_f.id, _f.summary).where(_f.key == given.key)).one()
    if known.summary["digest"] != digest:
        raise Conflict(f"the key {given.key!r} stands for another file (import {known.id}): take a new key")
    return int(known.id)


def apply_import(
    ctx: Context, import_id: int, *, actor: str, yes: bool = False, skip_problems: bool = False
) -> Applied:  # fmt: skip
    """Write what was shown, once; what moved since the file was read is kept. Applying again changes nothing.

    What others found since on a shelf (a count, a correction, another file, pieces that a picker missed) counts
    against what a file of mode "set" changes there, for it may be the same pieces.

    Args:   yes:           what the breaker found strange is meant. skip_problems: leave out rows that cannot be used.
    Raises: NotFound. Conflict: problems or the breaker stand against it, it is too old, or was called off.
    """
    while True:
        now = ctx.clock()
        with ctx.db.write() as db:
            row = _locked(db, import_id)
            if row.state == "applied":
                return Applied(**row.summary["applied"])
            _may_apply(row, now, yes=yes, skip_problems=skip_problems)
            open_rows = _not_written(db, row)
            waiting = _write(db, row, open_rows[:PART], actor, now)
            if len(open_rows) <= PART:
                _finish(db, row, actor, now)
        if waiting:
            ctx.doorbell.ring("orders.place")


def cancel_import(ctx: Context, import_id: int, *, actor: str) -> None:
    """Throw a file away that was read and not applied. Again is fine. Raises: NotFound. Conflict: it was applied."""
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, import_id)
        begun = db.scalar(select(_t.id).where(_t.cause == _cause(row)).limit(1))
        if row.state == "applied" or begun is not None:
            raise Conflict(f"import {import_id} was applied: import a file with the right numbers instead")
        db.execute(stock_imports.update().where(_f.id == import_id).values(state="cancelled"))
        record(db, now, actor, "import.cancelled", f"import:{import_id}")


def _digest(given: StockFile) -> str:
    """The same file, read in the same way."""
    return sha256(f"{given.mode}\n{given.warehouse}\n".encode() + given.raw).hexdigest()


def _summary(rows: Sequence[FileRow]) -> dict[str, Any]:
    """Counts by status, pieces more and fewer."""
    counts = {
        status: sum(1 for row in rows if row.status == status) for status in ("new", "changed", "same", "problem")
    }
    good = [row for row in rows if not row.problem]
    return counts | {
        "rows": len(rows), "more": sum(max(0, row.after - row.before) for row in good),
        "fewer": sum(max(0, row.before - row.after) for row in good),
    }  # fmt: skip


_NEWEST = (
    select(func.max(_t.id))
    .where(_t.sku == _b.sku, _t.warehouse == _b.warehouse, _t.lot == _b.lot)
    .scalar_subquery()
    .label("newest")
)
"""The newest change of a balance, read at the same moment as the balance itself."""


def _books(db: Connection, rows: Sequence[FileRow]) -> Books:
    """What the books say of everything that the file names."""
    skus = known_skus(db, {row.sku for row in rows})
    wanted = sorted(skus)
    on_hand: dict[Key, int] = {}
    bound: dict[Key, int] = {}
    seen: dict[Key, int] = {}
    lots: dict[tuple[str, str], str | None] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        for b in db.execute(select(stock_balances, _NEWEST).where(_b.sku.in_(part))):
            on_hand[b.sku, b.warehouse, b.lot] = b.on_hand
            bound[b.sku, b.warehouse, b.lot] = b.reserved + b.damaged + b.quality_hold
            seen[b.sku, b.warehouse, b.lot] = b.newest or 0
        for lot in db.execute(select(stock_lots).where(_lot.sku.in_(part))):
            lots[lot.sku, lot.lot] = lot.expires_on.isoformat() if lot.expires_on else None
    places = known_warehouses(db, {row.warehouse for row in rows})
    return Books(frozenset(skus), frozenset(places), frozenset(read_kits(db, skus)), on_hand, bound, lots, seen)


def _locked(db: Connection, import_id: int) -> Row[Any]:
    row = db.execute(select(stock_imports).where(_f.id == import_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no import {import_id}")
    return row


def _cause(row: Row[Any]) -> str:
    return f"import:{row.id}"


def _may_apply(row: Row[Any], now: datetime, *, yes: bool, skip_problems: bool) -> None:
    if row.state != "preview":
        raise Conflict(f"import {row.id} is {row.state}: read the file again")
    if now - row.created_at > GOOD_FOR:
        raise Conflict(f"import {row.id} was read more than a day ago: read the file again")
    unusable = [each for each in row.problems if not each.get("late")]
    if unusable and not skip_problems:
        first = min(unusable, key=lambda each: int(each["line"]))
        raise Conflict(f"{len(unusable)} rows cannot be used (line {first['line']}: {first['problem']}): mend the "
                       "file, or say that these rows are to be left out")  # fmt: skip
    if row.summary["breaker"] and not yes:
        raise Conflict(f"this file may be a mistake ({row.summary['breaker']}): look at it, then say yes")


def _not_written(db: Connection, row: Row[Any]) -> list[FileRow]:
    """The rows that are still to write, in the order of locks."""
    written = set(db.scalars(select(_t.line).where(_t.cause == _cause(row))))
    late = {each["line"] for each in row.problems if each.get("late")}
    rows = [FileRow(**each) for each in row.rows]
    left = [each for each in rows if each.status != "same" and str(each.line) not in written and each.line not in late]
    return sorted(left, key=lambda each: (each.key, each.line))


def _write(db: Connection, row: Row[Any], rows: Sequence[FileRow], actor: str, now: datetime) -> int:
    """Write some rows; returns how many waiting orders were woken."""
    ensure_balances(db, [each.key for each in rows], now)
    _add_lots(db, rows, now)
    balances = {(b.sku, b.warehouse, b.lot): b for b in lock_balances(db, {each.sku for each in rows})}
    left = {key: b.on_hand for key, b in balances.items()}
    found = _found_since(db, row, rows)
    moves, late = [], []
    for each in rows:
        b, by = balances[each.key], still_to_write(each.after - each.before, found[each.key])
        if writable(by, left[each.key], b.reserved + b.damaged + b.quality_hold) != by:
            late.append(each)
            continue
        left[each.key] += by
        moves.append(_move(row, each, by, actor))
    apply_moves(db, moves, now)
    _note_late(db, row, late)
    skus = {move.sku for move in moves}
    pushes.mark_skus(db, skus, now)
    return wake_short(db, {move.sku for move in moves if move.on_hand > 0}, now)


def _found_since(db: Connection, row: Row[Any], rows: Sequence[FileRow]) -> dict[Key, int]:
    """What others found on each (locked) shelf after the file was read; 0 everywhere where it only adds."""
    found: dict[Key, int] = defaultdict(int)
    seen = {each.key: each.seen for each in rows} if row.mode == "set" else {}
    places = sorted({key[1] for key in seen})
    skus = sorted({key[0] for key in seen})
    for start in range(0, len(skus), CHUNK):
        query = select(_t.id, _t.sku, _t.warehouse, _t.lot, _t.kind, _t.on_hand, _t.reason).where(
            _t.sku.in_(skus[start : start + CHUNK]), _t.warehouse.in_(places), _t.id > min(seen.values()),
            _t.kind.in_(FINDINGS), _t.cause != _cause(row),
        )  # fmt: skip
        for each in db.execute(query):
            key = (each.sku, each.warehouse, each.lot)
            if each.id > seen.get(key, each.id) and (each.kind != "adjust" or is_finding(each.reason)):
                found[key] += each.on_hand
    return found


def _move(row: Row[Any], each: FileRow, by: int, actor: str) -> Move:
    kind = "count" if row.mode == "set" else "receive" if by > 0 else "adjust"
    return Move(
        kind=kind, sku=each.sku, warehouse=each.warehouse, lot=each.lot, cause=_cause(row), line=str(each.line),
        on_hand=by, reason=row.file_name, actor=actor,
    )  # fmt: skip


def _add_lots(db: Connection, rows: Sequence[FileRow], now: datetime) -> None:
    """Lots that are new, and the last good days of those that had none."""
    days: dict[tuple[str, str], date | None] = {}
    for each in rows:
        if each.lot:
            day = date.fromisoformat(each.expires_on) if each.expires_on else days.get((each.sku, each.lot))
            days[each.sku, each.lot] = day
    new = [{"sku": sku, "lot": lot, "expires_on": day, "note": "", "created_at": now}
           for (sku, lot), day in sorted(days.items(), key=lambda item: item[0])]  # fmt: skip
    insert_new(db, stock_lots, new, ("sku", "lot"))
    for row in new:
        same = (_lot.sku == row["sku"], _lot.lot == row["lot"], _lot.expires_on.is_(None))
        if row["expires_on"]:
            db.execute(stock_lots.update().where(*same).values(expires_on=row["expires_on"]))


def _note_late(db: Connection, row: Row[Any], late: Sequence[FileRow]) -> None:
    """Rows whose pieces were promised after the file was read are left out, and say so."""
    if late:
        why = "its pieces were promised after the file was read: move or cancel orders, then import this row again"
        new = [each.to_dict() | {"status": "problem", "problem": why, "late": True} for each in late]
        values = {"problems": [*row.problems, *new]}
        db.execute(stock_imports.update().where(_f.id == row.id).values(values))


def _finish(db: Connection, row: Row[Any], actor: str, now: datetime) -> None:
    """Say what the whole import changed, read off the ledger: a crash in between loses nothing of it."""
    written = [by for by in db.scalars(select(_t.on_hand).where(_t.cause == _cause(row))) if by]
    more = sum(by for by in written if by > 0)
    problems = db.scalar(select(_f.problems).where(_f.id == row.id)) or []
    done = {"rows": len(written), "more": more, "fewer": more - sum(written),
            "late": sum(1 for each in problems if each.get("late"))}  # fmt: skip
    if row.mode == "set":
        for place in sorted({each["warehouse"] for each in row.rows}):
            note_fed(db, place, now)
    values = {"state": "applied", "applied_by": actor, "applied_at": now, "summary": row.summary | {"applied": done}}
    db.execute(stock_imports.update().where(_f.id == row.id).values(values))
    record(db, now, actor, "import.applied", f"import:{row.id}", **done)
