"""Who has access: people, API keys and what was done; read-only, and never a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from hub.canonical.errors import NotFound
from hub.store.database import Database
from hub.store.tables.channels import warehouses
from hub.store.tables.people import api_keys, audit_log, user_sessions, users

SIGNED_IN = "user.signed_in"


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the users page. `state`: active, invited (no password yet), resting (too many tries), off."""

    id: int
    name: str
    role: str
    warehouses: tuple[str, ...]
    state: str
    sessions: int
    created_at: datetime
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One API key. `state`: active, expired, revoked."""

    id: int
    name: str
    prefix: str
    role: str
    state: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that was done; the names are those of people, None where the actor or subject is no person."""

    id: int
    at: datetime
    actor: str
    actor_name: str | None
    action: str
    subject: str
    subject_name: str | None


def people(db: Database, now: datetime) -> list[Person]:
    """All people by name."""
    return _people(db, now, None)


def person(db: Database, now: datetime, user_id: int) -> Person:
    """One person. Raises NotFound."""
    found = _people(db, now, user_id)
    if not found:
        raise NotFound(f"no user {user_id}")
    return found[0]


def warehouse_titles(db: Database) -> list[tuple[str, str]]:
    """(code, "code title") of all warehouses, by code."""
    with db.read() as connection:
        rows = connection.execute(select(warehouses.c.code, warehouses.c.title).order_by(warehouses.c.code)).all()
    return [(row.code, f"{row.code} {row.title}".strip()) for row in rows]


def _people(db: Database, now: datetime, user_id: int | None) -> list[Person]:
    live = select(func.count()).where(user_sessions.c.user_id == users.c.id, user_sessions.c.expires_at > now)
    columns = (
        users.c.id, users.c.name, users.c.role, users.c.warehouses, users.c.active, users.c.locked_until,
        (users.c.password_hash != "").label("able"), live.scalar_subquery().label("sessions"),
        users.c.created_at, users.c.signed_in_at,
    )  # fmt: skip
    with db.read() as connection:
        ask = select(*columns).order_by(users.c.name)
        rows = connection.execute(ask if user_id is None else ask.where(users.c.id == user_id)).all()
    return [
        Person(
            row.id, row.name, row.role, tuple(row.warehouses),
            _person_state(row.active, row.able, row.locked_until, now),
            row.sessions, row.created_at, row.signed_in_at,
        )
        for row in rows
    ]  # fmt: skip


def _person_state(active: bool, able: bool, locked_until: datetime | None, now: datetime) -> str:
    if not active:
        return "off"
    if locked_until and locked_until > now:
        return "resting"
    return "active" if able else "invited"


def keys(db: Database, now: datetime) -> list[KeyLine]:
    """All API keys, newest first."""
    with db.read() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.id.desc())).all()
    return [
        KeyLine(row.id, row.name, row.prefix, row.role, _key_state(row.revoked_at, row.expires_at, now),
                row.created_at, row.expires_at, row.used_at)
        for row in rows
    ]  # fmt: skip


def _key_state(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> str:
    if revoked_at:
        return "revoked"
    return "expired" if expires_at and expires_at <= now else "active"


def recent_actions(db: Database, limit: int = 50) -> list[AuditLine]:
    """The newest changes in the audit log; plain sign-ins are left out."""
    with db.read() as connection:
        rows = connection.execute(
            select(audit_log).where(audit_log.c.action != SIGNED_IN).order_by(audit_log.c.id.desc()).limit(limit)
        ).all()
        names = {row.id: row.name for row in connection.execute(select(users.c.id, users.c.name))}
    return [
        AuditLine(
            row.id, row.at, row.actor, names.get(_user_id(row.actor)), row.action, row.subject,
            names.get(_user_id(row.subject)),
        )
        for row in rows
    ]  # fmt: skip


def _user_id(actor: str) -> int:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdigit() else -1
