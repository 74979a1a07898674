"""The steps from an empty database to today's tables, on SQLite and PostgreSQL (Alembic, inside the package)."""
