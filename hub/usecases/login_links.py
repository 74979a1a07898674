"""One-time links: the first admin, an invited person, a forgotten password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from hub.canonical.errors import NotFound
from hub.canonical.told import told
from hub.rules.permissions import SYSTEM, Principal, Role
from hub.store.audit import record
from hub.store.passwords import check_password, hash_password
from hub.store.tables.people import login_links, users
from hub.store.tokens import new_token, token_hash
from hub.usecases.context import Context
from hub.usecases.sign_in import Session, end_sessions, open_session

FIRST_ADMIN = "admin"
FIRST_LINK_MINUTES = 60
INVITATION_HOURS = 24
_GONE = told("this link was used already or has run out; ask an admin for a new one, or run: stockline user link NAME")


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """Whom a link is for; `new` when there is no password yet."""

    user_id: int
    name: str
    role: str
    new: bool
    expires_at: datetime


def first_admin_link(ctx: Context) -> str | None:
    """A token for the page /link/TOKEN while no admin can sign in yet; None once one can. Older tokens stop working."""
    with ctx.db.write() as connection:
        admins = select(users.c.id, users.c.password_hash).where(users.c.role == Role.ADMIN, users.c.active)
        found = connection.execute(admins.order_by(users.c.id)).all()
        if any(row.password_hash for row in found):
            return None
        user_id = found[0].id if found else _first_admin(connection, ctx.clock())
        return new_link(connection, user_id, ctx.clock() + timedelta(minutes=FIRST_LINK_MINUTES))


def _first_admin(connection: Connection, now: datetime) -> int:
    taken = set(connection.execute(select(users.c.name)).scalars())
    name = next(name for name in chain([FIRST_ADMIN], map("admin{}".format, count(2))) if name not in taken)
    row = {"name": name, "role": str(Role.ADMIN), "created_at": now, "warehouses": [], "active": True,
           "password_hash": "", "language": "", "theme": "", "failures": 0}  # fmt: skip
    user_id = int(connection.execute(insert(users).returning(users.c.id), row).scalar_one())
    record(connection, now, SYSTEM.actor, "user.created", f"user:{user_id}", role=str(Role.ADMIN))
    return user_id


def link_for(ctx: Context, by: Principal, user_id: int) -> str:
    """A token with which that person sets a (new) password within 24 hours. Needs users.write. Raises NotFound."""
    by.must("users.write")
    with ctx.db.write() as connection:
        if connection.execute(select(users.c.id).where(users.c.id == user_id, users.c.active)).first() is None:
            raise NotFound(f"no active user {user_id}")
        record(connection, ctx.clock(), by.actor, "user.link_made", f"user:{user_id}")
        return new_link(connection, user_id, ctx.clock() + timedelta(hours=INVITATION_HOURS))


def new_link(connection: Connection, user_id: int, expires_at: datetime) -> str:
    """Add a link in the caller's transaction; the person's older unused ones are deleted."""
    token = new_token()
    unused = (login_links.c.user_id == user_id) & login_links.c.used_at.is_(None)
    connection.execute(delete(login_links).where(unused))
    row = {"token_hash": token_hash(token), "user_id": user_id, "expires_at": expires_at}
    connection.execute(insert(login_links), row)
    return token


def link_owner(ctx: Context, token: str) -> LinkOwner:
    """Whom the link is for; looking does not use it up. Raises NotFound: used, run out or unknown."""
    with ctx.db.read() as connection:
        row = _live(connection, token, ctx.clock())
    return LinkOwner(row["id"], row["name"], row["role"], not row["password_hash"], row["expires_at"])


def use_link(ctx: Context, token: str, password: str | None) -> Session:
    """Use the link up: set the password, end the person's other sessions, open one.

    Args:   password: None keeps the present one (or none): only the demo offers that.
    Raises: NotFound: used, run out or unknown. BadInput: the password may not be used; the link stays good.
    """
    values: dict[str, Any] = {"failures": 0, "locked_until": None, "signed_in_at": ctx.clock()}
    if password is not None:
        check_password(password, link_owner(ctx, token).name)
        values["password_hash"] = hash_password(password)
    with ctx.db.write() as connection:
        now = ctx.clock()
        row = _live(connection, token, now)
        mine = (login_links.c.token_hash == token_hash(token)) & login_links.c.used_at.is_(None)
        if connection.execute(update(login_links).where(mine).values(used_at=now)).rowcount != 1:
            raise NotFound(_GONE)
        connection.execute(update(users).where(users.c.id == row["id"]).values(values))
        if password is not None:
            record(connection, now, f"user:{row['id']}", "user.password_set", f"user:{row['id']}")
        end_sessions(connection, row["id"])
        return open_session(connection, row, now)


def _live(connection: Connection, token: str, now: datetime) -> RowMapping:
    """The `users` row of a live link, with the link's `expires_at`."""
    ask = select(users, login_links.c.expires_at).join(login_links, login_links.c.user_id == users.c.id).where(
        login_links.c.token_hash == token_hash(token), login_links.c.used_at.is_(None),
        login_links.c.expires_at > now, users.c.active,
    )  # fmt: skip
    found = connection.execute(ask).mappings().first()
    if found is None:
        raise NotFound(_GONE)
    return found
