"""Empty databases of both kinds, quickly."""

from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]
