"""Column types that both databases keep exactly, and short helpers to declare them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Dialect, Integer, Table
from sqlalchemy import DateTime as SaDateTime
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

Json = JSON()
BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key: SQLite numbers rows by itself only in a column spelled INTEGER."""


class Utc(TypeDecorator[datetime]):
    """An aware UTC time. SQLite has no zones: stored naive there, given back aware."""

    impl = SaDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def core(model: type[SQLModel]) -> Table:
    """The SQLAlchemy Core table behind a SQLModel class; hot paths use it instead of ORM objects."""
    return cast(Table, cast(Any, model).__table__)
