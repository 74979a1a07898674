"""The databases that the machines run on."""

from __future__ import annotations

from tests.fakes.databases import blank_sqlite, shared_postgres

__all__ = ["blank_sqlite", "shared_postgres"]
