"""Alembic's entry: runs the steps on the connection that `hub.store.migrate` hands in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, BigInteger
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import hub.store.tables  # noqa: F401 - declares the tables
from hub.store.columns import Utc

NAMES = ((Utc, "UTC"), (AutoString, "sa.String()"), (BigInteger, "BIG"), (JSON, "JSON"))


def _type_names(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write a type into a new step by the name that `script.py.mako` gives it: a step must not change with our code."""
    if kind != "type":
        return False
    return next((name for kinds, name in NAMES if isinstance(thing, kinds)), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=_type_names,
    transactional_ddl=True,
)
context.run_migrations()
