"""API keys: shown once when made, only their hash is kept, with a role and an expiry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update

from hub.canonical.errors import BadInput, NotFound
from hub.rules.permissions import Principal, Role
from hub.store.audit import record
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


def create_key(ctx: Context, by: Principal, name: str, role: str, days: int = 365) -> NewKey:
    """Make a key. Needs keys.write.

    Args:   days: 1 to 730; there is no key without an end.
    Raises: BadInput: name, role or days cannot be used.
    """
    by.must("keys.write")
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise BadInput(f"the key needs a name of 1 to {NAME_LENGTH} characters that says who uses it")
    if role not in list(Role):
        raise BadInput(f"no role {role!r}; there are: {', '.join(Role)}")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"a key lives 1 to {LONGEST_DAYS} days; {days} is outside")
    prefix, now = new_prefix(), ctx.clock()
    text, ends = f"{prefix}_{new_token()}", now + timedelta(days=days)
    row = {"name": name.strip(), "prefix": prefix, "key_hash": token_hash(text), "role": role,
           "created_by": by.actor, "created_at": now, "expires_at": ends}  # fmt: skip
    with ctx.db.write() as connection:
        key_id = int(connection.execute(insert(api_keys).returning(api_keys.c.id), row).scalar_one())
        record(connection, now, by.actor, "key.created", f"key:{key_id}", role=role, days=days)
    return NewKey(key_id, prefix, ends, text)


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
    return Principal(kind="key", id=found["id"], name=found["name"], role=Role(found["role"]))
