"""Signs people in and out: password tries with a growing pause, and sessions that live in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from hub.canonical.errors import AuthFailed, NotAllowed
from hub.rules.permissions import Principal, Role, confined
from hub.store.audit import record
from hub.store.passwords import hash_password, needs_rehash, verify_password
from hub.store.tables.people import user_sessions, users
from hub.store.tokens import new_token, token_hash
from hub.usecases.context import Context

FREE_TRIES = 5
FIRST_PAUSE_S = 60
LONGEST_PAUSE_S = 3600
SESSION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `token` goes into the cookie and nowhere else; empty where the session was looked up."""

    who: Principal
    csrf: str = field(repr=False)
    expires_at: datetime
    language: str = ""
    theme: str = ""
    token: str = field(default="", repr=False)


def sign_in(ctx: Context, name: str, password: str, *, old_token: str = "") -> Session:
    """A new session for a fitting password; the browser's old session ends.

    Every try is counted before the password is looked at; from the fifth wrong one on the account rests for 60 s,
    then twice as long each time, up to an hour, and tries in that time are not looked at.
    Raises: AuthFailed: one message for every cause, so that it does not tell which names exist.
    """
    user = _claim_try(ctx, name.strip())
    stored = user["password_hash"] if user else None
    if not verify_password(stored, password) or user is None:
        raise AuthFailed("the name or the password is wrong, or there were too many tries")
    values: dict[str, Any] = {"failures": 0, "locked_until": None, "signed_in_at": ctx.clock()}
    if needs_rehash(str(stored)):
        values["password_hash"] = hash_password(password)
    with ctx.db.write() as connection:
        connection.execute(update(users).where(users.c.id == user["id"]).values(values))
        connection.execute(delete(user_sessions).where(user_sessions.c.token_hash == token_hash(old_token)))
        return open_session(connection, user, ctx.clock())


def _claim_try(ctx: Context, name: str) -> RowMapping | None:
    """The account, with this try already counted; None: unknown, switched off or resting."""
    with ctx.db.write() as connection:
        now = ctx.clock()
        found = connection.execute(select(users).where(users.c.name == name).with_for_update()).mappings().first()
        if found is None or not found["active"] or (found["locked_until"] and found["locked_until"] > now):
            return None
        tries = found["failures"] + 1
        values = {"failures": tries, "locked_until": _rest_until(now, tries)}
        connection.execute(update(users).where(users.c.id == found["id"]).values(values))
        if values["locked_until"]:
            record(connection, now, "system:0", "user.rests", f"user:{found['id']}", tries=tries)
        return found


def _rest_until(now: datetime, tries: int) -> datetime | None:
    if tries < FREE_TRIES:
        return None
    pause = min(FIRST_PAUSE_S * 2 ** min(tries - FREE_TRIES, 10), LONGEST_PAUSE_S)
    return now + timedelta(seconds=pause)


def open_session(connection: Connection, user: RowMapping, now: datetime) -> Session:
    """Add a session for this `users` row in the caller's transaction; sessions that ran out are swept."""
    token, csrf, ends = new_token(), new_token(), now + timedelta(days=SESSION_DAYS)
    connection.execute(delete(user_sessions).where(user_sessions.c.expires_at <= now))
    row = {"token_hash": token_hash(token), "user_id": user["id"], "csrf": csrf, "created_at": now, "expires_at": ends}
    connection.execute(insert(user_sessions), row)
    record(connection, now, f"user:{user['id']}", "user.signed_in", f"user:{user['id']}")
    return _session({**user, **row}, token)


def find_session(ctx: Context, token: str) -> Session | None:
    """The live session of a cookie; None: unknown, ended, or its person is switched off."""
    columns = (
        users.c.id, users.c.name, users.c.role, users.c.warehouses, users.c.language, users.c.theme,
        user_sessions.c.token_hash, user_sessions.c.csrf, user_sessions.c.expires_at,
    )  # fmt: skip
    live = (user_sessions.c.token_hash == token_hash(token)) & (user_sessions.c.expires_at > ctx.clock())
    ask = select(*columns).join(users, users.c.id == user_sessions.c.user_id).where(live, users.c.active)
    with ctx.db.read() as connection:
        found = connection.execute(ask).mappings().first()
    return _session(dict(found)) if found else None


def _session(row: dict[str, Any], token: str = "") -> Session:
    role = Role(row["role"])
    who = Principal(
        kind="user", id=row["id"], name=row["name"], role=role, warehouses=confined(role, row["warehouses"]),
        locale=row["language"] or None, session_id=row["token_hash"],
    )  # fmt: skip
    return Session(who, row["csrf"], row["expires_at"], row["language"], row["theme"], token)


def sign_out(ctx: Context, token: str) -> None:
    """End the session of this cookie; an unknown one is fine."""
    with ctx.db.write() as connection:
        connection.execute(delete(user_sessions).where(user_sessions.c.token_hash == token_hash(token)))


def end_sessions(connection: Connection, user_id: int, *, but: str | None = None) -> int:
    """End all sessions of a person in the caller's transaction, except the one with the id `but`; returns how many."""
    ask = delete(user_sessions).where(user_sessions.c.user_id == user_id)
    return connection.execute(ask if but is None else ask.where(user_sessions.c.token_hash != but)).rowcount


def set_own_looks(ctx: Context, who: Principal, *, language: str | None = None, theme: str | None = None) -> None:
    """Remember the language or the theme of a signed-in person."""
    if who.kind != "user":
        raise NotAllowed("only people have a language and a theme; an API key has none")
    values = {key: value for key, value in (("language", language), ("theme", theme)) if value is not None}
    with ctx.db.write() as connection:
        connection.execute(update(users).where(users.c.id == who.id).values(values))
