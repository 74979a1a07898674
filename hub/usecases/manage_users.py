"""Adds and changes people. Every verb needs users.write, is audited, and never leaves the hub without an admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from hub.canonical.errors import AuthFailed, BadInput, Conflict, NotFound
from hub.rules.permissions import PEOPLE_ROLES, Principal, Role
from hub.store.audit import record
from hub.store.passwords import check_password, hash_password, verify_password
from hub.store.tables.channels import warehouses as warehouse_table
from hub.store.tables.people import users
from hub.usecases.context import Context
from hub.usecases.sign_in import end_sessions

NAME_LENGTH = 120


def create_user(
    ctx: Context, by: Principal, name: str, role: str, warehouses: Sequence[str] = (), password: str | None = None
) -> int:
    """Add a person; returns the user id. Without a password they need a link (`login_links.link_for`).

    Raises: BadInput: name, role, warehouse or password cannot be used. Conflict: the name is taken.
    """
    by.must("users.write")
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise BadInput(f"the name needs 1 to {NAME_LENGTH} characters; an e-mail address is a good one")
    if password is not None:
        check_password(password, name)
    row = {"name": name, "role": str(_role(role)), "active": True, "language": "", "theme": "", "failures": 0,
           "password_hash": hash_password(password) if password else "", "created_at": ctx.clock()}  # fmt: skip
    try:
        with ctx.db.write() as connection:
            row["warehouses"] = _known_codes(connection, warehouses)
            user_id = int(connection.execute(insert(users).returning(users.c.id), row).scalar_one())
            record(connection, ctx.clock(), by.actor, "user.created", f"user:{user_id}", role=role)
    except IntegrityError:
        raise Conflict(f"there is a user {name!r} already") from None
    return user_id


def change_user(
    ctx: Context, by: Principal, user_id: int, *, role: str, warehouses: Sequence[str], active: bool
) -> None:
    """Set role, warehouses and whether the person may sign in. Switching off ends all their sessions at once.

    Raises: NotFound; BadInput; Conflict: it would leave no admin who can sign in.
    """
    by.must("users.write")
    with ctx.db.write() as connection:
        before = _user(connection, user_id)
        values = {"role": str(_role(role)), "warehouses": _known_codes(connection, warehouses), "active": active}
        if before["role"] == Role.ADMIN and (role != Role.ADMIN or not active):
            _another_admin(connection, user_id)
        connection.execute(update(users).where(users.c.id == user_id).values(values))
        if not active:
            end_sessions(connection, user_id)
        changed = {key: value for key, value in values.items() if before[key] != value}
        record(connection, ctx.clock(), by.actor, "user.changed", f"user:{user_id}", **changed)


def change_own_password(ctx: Context, who: Principal, present: str, new: str) -> None:
    """Set a new password; the person's other sessions end. Raises AuthFailed: the present one is wrong; BadInput."""
    with ctx.db.read() as connection:
        row = _user(connection, who.id)
    if row["password_hash"] and not verify_password(row["password_hash"], present):
        raise AuthFailed("the present password is wrong")
    check_password(new, row["name"])
    hashed = hash_password(new)
    with ctx.db.write() as connection:
        connection.execute(update(users).where(users.c.id == who.id).values(password_hash=hashed))
        end_sessions(connection, who.id, but=who.session_id)
        record(connection, ctx.clock(), who.actor, "user.password_set", who.actor)


def has_password(ctx: Context, who: Principal) -> bool:
    """False for a person who came in by a link and never chose a password."""
    with ctx.db.read() as connection:
        return bool(_user(connection, who.id)["password_hash"])


def _role(text: str) -> Role:
    if text not in PEOPLE_ROLES:
        raise BadInput(f"no role {text!r}; there are: {', '.join(PEOPLE_ROLES)}")
    return Role(text)


def _known_codes(connection: Connection, codes: Sequence[str]) -> list[str]:
    wanted = sorted({code.strip() for code in codes if code.strip()})
    known = set(connection.execute(select(warehouse_table.c.code)).scalars()) if wanted else set()
    missing = [code for code in wanted if code not in known]
    if missing:
        raise BadInput(f"no warehouse {missing[0]!r}; there are: {', '.join(sorted(known)) or 'none yet'}")
    return wanted


def _user(connection: Connection, user_id: int) -> RowMapping:
    found = connection.execute(select(users).where(users.c.id == user_id).with_for_update()).mappings().first()
    if found is None:
        raise NotFound(f"no user {user_id}")
    return found


def _another_admin(connection: Connection, user_id: int) -> None:
    others: Any = select(func.count()).where(
        users.c.role == Role.ADMIN, users.c.active, users.c.password_hash != "", users.c.id != user_id
    )
    if not connection.execute(others).scalar_one():
        raise Conflict("this is the last admin who can sign in; make another one first")
