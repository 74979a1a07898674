"""API keys: shown once when made, only their hash is kept, with a role and an expiry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update

from hub.canonical.errors import BadInput, NotFound
from hub.rules.permissions import Principal, Role
from hub.store.audit import record
from hub.store.tables import connections
from hub.store.tables.people import api_keys
from hub.store.tokens import new_prefix, new_token, token_hash
from hub.usecases.context import Context

LONGEST_DAYS = 730
USED_EVERY_S = 60
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `text` is shown to its maker once and can never be read again."""

    id: int
    prefix: str
    expires_at: datetime
    text: str = field(repr=False)


def create_key(
    ctx: Context, by: Principal, name: str, role: str, days: int = 365, *, connection_id: int | None = None
) -> NewKey:
    """Make a key. Needs keys.write.

    Args:   days:          1 to 730; there is no key without an end.
            connection_id: whose stock a key of the role feed may read; for that role only.
    Raises: BadInput: name, role, days or connection cannot be used. NotFound: no such connection.
    """
    by.must("keys.write")
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise BadInput(f"the key needs a name of 1 to {NAME_LENGTH} characters that says who uses it")
    if role not in list(Role):
        raise BadInput(f"no role {role!r}; there are: {', '.join(Role)}")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"a key lives 1 to {LONGEST_DAYS} days; {days} is outside")
    if (role == Role.FEED) != (connection_id is not None):
        raise BadInput(
            "a key of the role feed is made for one connection, and only such a key: stockline connection key"
        )
    prefix, now = new_prefix(), ctx.clock()
    text, ends = f"{prefix}_{new_token()}", now + timedelta(days=days)
    row = {"name": name.strip(), "prefix": prefix, "key_hash": token_hash(text), "role": role,
           "connection_id": connection_id, "created_by": by.actor, "created_at": now, "expires_at": ends}  # fmt: skip
    with ctx.db.write() as connection:
        _must_be_connected(connection, connection_id)
        key_id = int(connection.execute(insert(api_keys).returning(api_keys.c.id), row).scalar_one())
        record(connection, now, by.actor, "key.created", f"key:{key_id}", role=role, days=days)
    return NewKey(key_id, prefix, ends, text)


def _must_be_connected(db: Connection, connection_id: int | None) -> None:
    known = select(connections.c.id).where(connections.c.id == connection_id)
    if connection_id is not None and db.scalar(known) is None:
        raise NotFound(f"there is no connection {connection_id}")


def revoke_key(ctx: Context, by: Principal, key_id: int) -> None:
    """Make a key useless at once; twice is fine. Needs keys.write. Raises NotFound."""
    by.must("keys.write")
    with ctx.db.write() as connection:
        if connection.execute(select(api_keys.c.id).where(api_keys.c.id == key_id)).first() is None:
            raise NotFound(f"no API key {key_id}")
        live = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        if connection.execute(update(api_keys).where(live).values(revoked_at=ctx.clock())).rowcount:
            record(connection, ctx.clock(), by.actor, "key.revoked", f"key:{key_id}")


def find_key(ctx: Context, text: str) -> Principal | None:
    """Who acts with this key; None: unknown, revoked or run out. Notes once a minute that it was used."""
    now = ctx.clock()
    live = (api_keys.c.key_hash == token_hash(text)) & api_keys.c.revoked_at.is_(None)
    unexpired = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
    with ctx.db.read() as connection:
        found = connection.execute(select(api_keys).where(live, unexpired)).mappings().first()
    if found is None:
        return None
    if found["used_at"] is None or (now - found["used_at"]).total_seconds() >= USED_EVERY_S:
        with ctx.db.write() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == found["id"]).values(used_at=now))
    return Principal("key", found["id"], found["name"], Role(found["role"]), connection_id=found["connection_id"])
