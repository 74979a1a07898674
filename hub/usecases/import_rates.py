"""Takes in a carrier's table: zones or rates from a CSV file, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from hub.canonical.errors import BadInput
from hub.canonical.file_kinds import file_kind
from hub.canonical.told import told
from hub.rules.shipping import KEYS, RateFile, read_rate_file, zoneless
from hub.store.audit import record
from hub.store.tables import shipping_rates, shipping_zones, warehouses
from hub.usecases.context import Context

TABLES: Mapping[str, Table] = {"zones": shipping_zones, "rates": shipping_rates}
SHOWN = 10
"""Problems that a refusal names; the number of the others is told."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed. `kind`: zones or rates."""

    kind: str
    added: int
    changed: int
    removed: int
    same: int


def decoded(raw: bytes, name: str) -> str:
    """The text of such a file. Raises BadInput: it is no text, or not UTF-8."""
    if kind := file_kind(raw):
        raise BadInput(f"{name} is a {kind} file, not a table: save the table as CSV UTF-8")
    if b"\x00" in raw:
        raise BadInput(f"{name} holds bytes that are no text: save the table as CSV UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{name} is not UTF-8 text: save it as CSV UTF-8") from None


def import_rates(ctx: Context, text: str, *, actor: str, replace: bool = False) -> Imported:
    """Write the rows of a file of zones or rates; a row that is there by its key is changed.

    Args:    replace: rows that are not in the file are removed.
    Raises:  BadInput: lines that cannot be used, each with its number and reason, or rates whose zone no row of zones
             names (any more); nothing was written.
    """
    file = read_rate_file(text)
    with ctx.db.write() as db:
        _refuse(file, _unknown_places(db, file))
        before = _zoneless(db)
        done = _write(db, file, replace)
        _refuse(file, _lost(file, _zoneless(db), before))
        record(db, ctx.clock(), actor, "rates.imported", f"rates:{file.kind}",
               added=done.added, changed=done.changed, removed=done.removed)  # fmt: skip
    return done


def _unknown_places(db: Connection, file: RateFile) -> list[tuple[int, str]]:
    known = {"", *db.scalars(select(warehouses.c.code))}
    return [
        (line, told(f"warehouse {row['warehouse']!r} is not known (stockline warehouse)"))
        for line, row in zip(file.lines, file.rows, strict=True)
        if row["warehouse"] not in known
    ]


def _zoneless(db: Connection) -> frozenset[tuple[str, str]]:
    """(warehouse, zone) of the rates that stand there and reach no address."""
    rates, zones = (db.execute(select(table.c.warehouse, table.c.zone).distinct()).all() for table in
                    (shipping_rates, shipping_zones))  # fmt: skip
    return zoneless([(row[0], row[1]) for row in rates], [(row[0], row[1]) for row in zones])


def _lost(
    file: RateFile, lost: frozenset[tuple[str, str]], before: frozenset[tuple[str, str]]
) -> list[tuple[int, str]]:  # fmt: skip
    """What the file leaves without a zone: its own rates, by line; or rates of before, whose zones it removes."""
    if file.kind == "rates":
        return [
            (line, told(f"zone {row['zone']!r} has no row that says which addresses are in it: import the zones first"))
            for line, row in zip(file.lines, file.rows, strict=True)
            if (row["warehouse"], row["zone"]) in lost
        ]
    if lost - before:
        names = ", ".join(repr(zone) for zone in sorted({zone for _, zone in lost - before}))
        raise BadInput(f"nothing was written; rates stand there for {names}, which this file leaves without a row: "
                       "keep its rows, or replace the rates first")  # fmt: skip
    return []


def _refuse(file: RateFile, unknown: Sequence[tuple[int, str]]) -> None:
    lines = [told(f"line {line}: {why}") for line, why in sorted([*file.problems, *unknown])]
    if not lines and not file.rows:
        raise BadInput("the file has a first line but no rows: nothing was written")
    if lines:
        more = [told(f"and {len(lines) - SHOWN} more")] if len(lines) > SHOWN else []
        raise BadInput(f"nothing was written; {'; '.join([*lines[:SHOWN], *more])}")


def _write(db: Connection, file: RateFile, replace: bool) -> Imported:
    table, names = TABLES[file.kind], KEYS[file.kind]
    before = {_key(row, names): row for row in db.execute(select(table)).mappings()}
    wanted = {_key(row, names): row for row in file.rows}
    new = [dict(row) for key, row in wanted.items() if key not in before]
    changed = [key for key, row in wanted.items() if key in before and _differs(before[key], row)]
    gone = [before[key]["id"] for key in before if key not in wanted] if replace else []
    _delete(db, table, [*gone, *(before[key]["id"] for key in changed)])
    rows = [*new, *(dict(wanted[key]) for key in changed)]
    if rows:
        db.execute(table.insert(), rows)
    return Imported(file.kind, len(new), len(changed), len(gone), len(wanted) - len(new) - len(changed))


def _key(row: Mapping[Any, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _differs(before: Mapping[Any, Any], row: Mapping[str, Any]) -> bool:
    return any(before[name] != value for name, value in row.items())


def _delete(db: Connection, table: Table, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), 500):
        db.execute(table.delete().where(table.c.id.in_(ids[start : start + 500])))
