"""The audit log: who did what to which thing; rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from hub.store.tables.people import audit_log


def record(connection: Connection, at: datetime, actor: str, action: str, subject: str, **data: Any) -> None:
    """Add one row in the caller's transaction.

    Args:
        actor:   `Principal.actor`, e.g. "user:3".
        action:  verb in the past, e.g. "user.created".
        subject: the thing, e.g. "user:7".
        data:    JSON-ready details; never a secret and never personal data.
    """
    details: Mapping[str, Any] = data
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "data": dict(details)}
    connection.execute(insert(audit_log), row)
