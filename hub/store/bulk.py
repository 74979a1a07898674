"""Writes many rows at once with the driver's own means: COPY and arrays on PostgreSQL, prepared runs on SQLite.

Rows come as columns, name -> values (all of one length), and `same`, name -> the value that all rows share; what is
left out has the default that its table declares. Values are what SQLAlchemy would take; a JSON column also takes `str`,
which is JSON text already. Statements are built once for each table and set of columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from hub.store.pg_text import array, cell, copy_lines

Columns = Mapping[str, Sequence[Any]]
Same = Mapping[str, Any]
Names = tuple[str, ...]
Sets = tuple[tuple[str, str], ...]

_PG = postgresql.dialect()  # type: ignore[no-untyped-call]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Rows that all have the same keys, turned into columns."""
    if not rows:
        return {}
    names = list(rows[0])
    if len(names) == 1:
        return {names[0]: [row[names[0]] for row in rows]}
    return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))


def blank(table: Table) -> dict[str, Any]:
    """A row in which every column has its declared default, or None."""
    return dict(_blank(table))


@lru_cache(maxsize=256)
def _blank(table: Table) -> dict[str, Any]:
    return dict.fromkeys(table.c.keys()) | _defaults(table)


def adding(*names: str) -> Sets:
    """For `update`: the values of these columns are added to what stands there."""
    return tuple((name, f"t.{name} + d.{name}") for name in names)


def take_ids(db: Connection, table: Table, count: int) -> Sequence[int]:
    """`count` fresh ids of a table, ascending; nobody else gets them.

    SQLite: only inside a write transaction, and use them before more of the same table are taken.
    """
    if db.dialect.name == "sqlite":
        first = 1 + int(db.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one())
        return range(first, first + count)
    ids = f"SELECT array_agg(nextval('{table.name}_id_seq')) FROM generate_series(1, %s)"
    return sorted(db.exec_driver_sql(ids, (count,)).scalar_one())


def insert(db: Connection, table: Table, columns: Columns, same: Same | None = None) -> None:
    """Insert all rows. Raises IntegrityError where one breaks a rule of the table."""
    count, common = _length(columns), _common(table, columns, same)
    names = (*columns, *common)
    if count and db.dialect.name == "sqlite":
        db.exec_driver_sql(_sqlite_insert(table, names), _sqlite_rows(db, table, columns, common))
    elif count:
        copy_in(db, _pg_copy(table, names), copy_lines(table, columns, common, count))


def insert_new(db: Connection, table: Table, columns: Columns, unique: Sequence[str], same: Same | None = None) -> int:
    """Insert the rows that are not there yet by the unique columns; returns how many were new. Sort them by those."""
    common = _common(table, columns, same)
    if not _length(columns):
        return 0
    if db.dialect.name == "sqlite":
        statement = _sqlite_insert(table, (*columns, *common), tuple(unique))
        return int(db.exec_driver_sql(statement, _sqlite_rows(db, table, columns, common)).rowcount)
    values: list[str | None] = [array(table.c[name], values) for name, values in columns.items()]
    values += [cell(table.c[name], value) for name, value in common.items()]
    statement = _pg_insert_new(table, tuple(columns), tuple(common), tuple(unique))
    return int(db.exec_driver_sql(statement, tuple(values)).rowcount)


def update(
    db: Connection, table: Table, keys: Columns, columns: Columns, same: Same | None = None,
    *, sets: Sets = (), guard: str = "",
) -> int:  # fmt: skip
    """Set `columns` and `same` in the rows that `keys` name; returns how many were changed. Sort them by key.

    PostgreSQL locks them in no certain order: lock them before, where others change several of them too.

    Args: sets: (column, expression) where its new value is not simply the given one; in it `t.x` is what stands there
                and `d.x` a value of `columns`.
          guard: a further condition, written in the same way.
    """
    common = same or {}
    if not _length(keys):
        return 0
    names = (tuple(keys), tuple(columns), tuple(common), sets, guard)
    if db.dialect.name == "sqlite":
        rows = _sqlite_rows(db, table, {**columns, **keys}, common)
        return int(db.exec_driver_sql(_sqlite_update(table, *names), rows).rowcount)
    values = [cell(table.c[name], value) for name, value in common.items()]
    values += [array(table.c[name], values) for name, values in (*keys.items(), *columns.items())]
    return int(db.exec_driver_sql(_pg_update(table, *names), tuple(values)).rowcount)


def read(db: Connection, table: Table, keys: Columns, names: Sequence[str], tail: str = "") -> Sequence[Any]:
    """The rows that `keys` name, as tuples of the driver's own values.

    `names` may also be expressions over the table `t`; `tail` is SQL after the condition.
    """
    if not _length(keys):
        return []
    source, values = listed(db, table, keys)
    on = " AND ".join(f"t.{name} = d.{name}" for name in keys)
    what = ", ".join(f"t.{name}" if name.isidentifier() else name for name in names)
    found = db.exec_driver_sql(f"SELECT {what} FROM {source} CROSS JOIN {table.name} AS t WHERE {on} {tail}", values)
    try:
        return found.cursor.fetchall()  # the driver's own tuples; SQLAlchemy's rows cost as much again
    finally:
        found.close()


def listed(db: Connection, table: Table, keys: Columns) -> tuple[str, tuple[Any, ...]]:
    """Values given as columns, to stand in a FROM clause as `d`; and the parameters that go with it."""
    if db.dialect.name == "sqlite":
        rows = orjson.dumps(list(zip(*keys.values(), strict=True))).decode()
        names = ", ".join(f"value->>{at} AS {name}" for at, name in enumerate(keys))
        return f"(SELECT {names} FROM json_each(?)) AS d", (rows,)
    return _unnest(table, tuple(keys)), tuple(array(table.c[name], values) for name, values in keys.items())


def copy_in(db: Connection, statement: str, lines: str) -> None:
    """Run one COPY inside the same transaction; the driver's errors come as SQLAlchemy's."""
    module: Any = db.dialect.dbapi
    try:
        with db.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
            copy.write(lines)
    except module.Error as error:
        raise DBAPIError.instance(statement, None, error, module.Error, dialect=db.dialect) from error


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()), ()))


def _common(table: Table, columns: Columns, same: Same | None) -> dict[str, Any]:
    """What all rows share: as given, and the declared defaults of the columns that nobody names."""
    given = dict(same or {})
    return {
        name: value for name, value in _defaults(table).items() if name not in columns and name not in given
    } | given


@lru_cache(maxsize=256)
def _defaults(table: Table) -> dict[str, Any]:
    found = {}
    for column in table.columns:
        default: Any = column.default
        if default is not None:
            found[column.name] = default.arg if default.is_scalar else default.arg(None)
    return found


@lru_cache(maxsize=256)
def _pg_type(table: Table, name: str) -> str:
    return str(table.c[name].type.compile(dialect=_PG))


@lru_cache(maxsize=256)
def _pg_copy(table: Table, names: Names) -> str:
    return f"COPY {table.name} ({', '.join(names)}) FROM STDIN"


def _unnest(table: Table, names: Names) -> str:
    return f"unnest({', '.join(f'%s::{_pg_type(table, name)}[]' for name in names)}) AS d ({', '.join(names)})"


@lru_cache(maxsize=256)
def _pg_insert_new(table: Table, many: Names, one: Names, unique: Names) -> str:
    values = ", ".join([*(f"d.{name}" for name in many), *(f"c.{name}" for name in one)])
    shared = ", ".join(f"%s::{_pg_type(table, name)} AS {name}" for name in one)
    source = _unnest(table, many) + (f" CROSS JOIN (SELECT {shared}) AS c" if one else "")
    names = ", ".join((*many, *one))
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {source} ON CONFLICT ({', '.join(unique)}) DO NOTHING"
    )


@lru_cache(maxsize=256)
def _pg_update(table: Table, keys: Names, many: Names, one: Names, sets: Sets, guard: str) -> str:
    values = {name: f"%s::{_pg_type(table, name)}" for name in one} | {name: f"d.{name}" for name in many} | dict(sets)
    changes = ", ".join(f"{name} = {value}" for name, value in values.items())
    where = " AND ".join([*(f"t.{name} = d.{name}" for name in keys), *([guard] if guard else [])])
    return f"UPDATE {table.name} AS t SET {changes} FROM {_unnest(table, (*keys, *many))} WHERE {where}"


@lru_cache(maxsize=256)
def _sqlite_insert(table: Table, names: Names, unique: Names = ()) -> str:
    marks = ", ".join("?" * len(names))
    ignore = f" ON CONFLICT ({', '.join(unique)}) DO NOTHING" if unique else ""
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}){ignore}"


@lru_cache(maxsize=256)
def _sqlite_update(table: Table, keys: Names, many: Names, one: Names, sets: Sets, guard: str) -> str:
    """The marks are numbered as `_sqlite_rows` gives the values: columns, keys, what is the same."""
    at = {name: f"?{number}" for number, name in enumerate((*many, *keys, *one), 1)}

    def here(expression: str) -> str:
        return re.sub(r"\bd\.(\w+)", lambda found: at[found[1]], re.sub(r"\bt\.", "", expression))

    values = {name: at[name] for name in (*one, *many)} | {name: here(value) for name, value in sets}
    where = " AND ".join([*(f"{name} = {at[name]}" for name in keys), *([here(guard)] if guard else [])])
    return f"UPDATE {table.name} SET {', '.join(f'{name} = {value}' for name, value in values.items())} WHERE {where}"


def _sqlite_rows(db: Connection, table: Table, columns: Columns, common: Same) -> list[tuple[Any, ...]]:
    """One tuple a row, in the driver's own values."""
    sheet: list[Any] = []
    for name, values in columns.items():
        convert = _converter(db, table, name)
        sheet.append([convert(value) for value in values] if convert else values)
    for name, value in common.items():
        convert = _converter(db, table, name)
        sheet.append(repeat(convert(value) if convert else value))
    return list(zip(*sheet, strict=False))


def _converter(db: Connection, table: Table, name: str) -> Callable[[Any], Any] | None:
    """What SQLAlchemy would do to a value before the driver sees it; JSON text is left alone."""
    kind = table.c[name].type
    convert: Any = kind.dialect_impl(db.dialect).bind_processor(db.dialect)
    if convert is None or kind.__class__.__name__ != "JSON":
        return convert  # type: ignore[no-any-return]
    return lambda value: value if isinstance(value, str) else convert(value)
