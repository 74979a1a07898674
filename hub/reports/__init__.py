"""Read-only queries that return typed rows."""
