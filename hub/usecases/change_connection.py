"""Changes a connection: its settings, and credentials that were renewed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import Row, or_, select

from hub.canonical.errors import InvariantBroken, NotFound
from hub.ports.channel import Connection, ConnectorSpec
from hub.store.audit import record
from hub.store.secrets import connection_aad
from hub.store.tables import connections, streams
from hub.usecases.connect import Seal
from hub.usecases.connection_fields import check_fields, laid_over, trimmed
from hub.usecases.connection_fit import misfits
from hub.usecases.context import Context

_c, _s = connections.c, streams.c


def change_connection(
    ctx: Context, seal: Seal, spec: ConnectorSpec, connection_id: int, settings: Mapping[str, str],
    secrets: Mapping[str, str], *, actor: str, drop: Collection[str] = (), on_shortage: str | None = None,
    unread: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Put these settings and secrets over the stored ones; every process builds the channel anew by itself.

    Blanks around values are taken away.

    Args:   settings: an empty text takes the passport's default, or leaves the setting out; others stay as they are.
            secrets:  new values of those that change; drop: names of optional ones to forget, as an empty text does.
            unread:   what was given in a way that cannot be read, "settings.x" or "secrets.x" -> why.
    Raises: NotFound. BadInput: `fields` says which is missing, unknown or cannot be used; nothing changed then.
    """
    settings, typed = trimmed(settings), trimmed(secrets)
    secrets = {name: text for name, text in typed.items() if text}
    drop = {*drop, *typed} - set(secrets)
    now = ctx.clock()
    with ctx.db.write() as db:
        row = db.execute(select(connections).where(_c.id == connection_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"there is no connection {connection_id}")
        if row.channel != spec.name:
            raise InvariantBroken(f"connection {row.name} is of {row.channel}, its passport was taken from {spec.name}")
        merged = laid_over(spec, row.settings, settings)
        sealed = {name: text for name, text in row.secrets.items() if name not in drop}
        shortage = on_shortage or row.on_shortage
        stays = {name: text for name, text in sealed.items() if name not in secrets}
        described = Connection(connection_id, row.name, spec.name, merged, secrets)
        check_fields(
            spec, row.name, merged, {*sealed, *secrets}, shortage, given=settings,
            further=lambda: misfits(ctx, spec, described, stays), unread=unread,
        )  # fmt: skip
        sealed |= {name: seal(text, connection_aad(connection_id, name)) for name, text in secrets.items()}
        values = {"settings": merged, "secrets": sealed, "on_shortage": shortage, "updated_at": now}
        db.execute(connections.update().where(_c.id == connection_id).values(values))
        _try_again(db, connection_id, now)
        changed = _changed(row, merged, shortage)
        record(db, now, actor, "connection.changed", f"connection:{connection_id}", settings=changed,
               secrets=sorted(secrets), dropped=sorted(set(drop) & set(row.secrets)))  # fmt: skip


def _changed(row: Row[Any], merged: Mapping[str, str], shortage: str) -> list[str]:
    """The names of what is not as it was; values stay out of the audit log."""
    names = {name for name in {*row.settings, *merged} if row.settings.get(name) != merged.get(name)}
    return sorted(names | ({"on_shortage"} if shortage != row.on_shortage else set()))


def _try_again(db: Transaction, connection_id: int, now: datetime) -> None:
    """What failed or was refused with the old values waits no longer; stopped streams stay stopped."""
    failed = (_s.connection_id == connection_id, _s.paused.is_(False), or_(_s.failures > 0, _s.error != ""))
    db.execute(streams.update().where(*failed).values(failures=0, error="", due_at=now))
