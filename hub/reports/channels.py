"""Channels and their streams: health in one word, how far behind they are, what waits and what was given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, select

from hub.canonical.errors import NotFound
from hub.rules.health import WORST, Health, Pulse, channel_health, stream_health
from hub.rules.pacing import Throttle
from hub.store.database import Database
from hub.store.levels import read_throttles
from hub.store.pushes import to_push
from hub.store.tables import connections, holds, inbox, listings, orders, outbox, stock_pushes, streams
from hub.store.zeros import count_doubted

_c, _s, _p = connections.c, streams.c, stock_pushes.c
STREAMS = (
    "orders",
    "refunds",
    "webhooks",
    "webhook_check",
    "refetch",
    "listings",
    "stock",
    "outbox",
    "backfill",
    "reconcile_orders",
    "reconcile_stock",
)
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """One kind of traffic. `lag_s`: age of the oldest thing that waits (None: nothing waits or cannot be known).

    behind: it walks a backlog step by step, and stands at `newest_at`. placed: it reads on from a place.
    breaker: the mass-zero breaker keeps back zeros.
    """

    stream: str
    health: Health
    ok_at: datetime | None
    failed_at: datetime | None
    due_at: datetime
    every_s: int
    error: str
    failures: int
    newest_at: datetime | None
    paused: bool
    breaker: bool
    running: bool
    behind: bool
    placed: bool
    total: int
    waiting: int
    lag_s: float | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One connection. `lag_s`: age of the oldest message, push or order that waits on it, 0 where none does.

    held_until: the channel allows no calls before; pace_percent: of what it allows, after 429s.
    waiting_*: not yet done; dead: given up, all kinds; held: open holds; unlinked: listings without a SKU,
    unlinked_by_hand: those of them whose link a person took away.
    waiting_zeros: listings whose 0 waits for a person; zero_allowed: a person switched the mass-zero breaker off.
    """

    id: int
    name: str
    channel: str
    state: str
    state_reason: str
    on_shortage: str
    health: Health
    lag_s: float
    streams: tuple[StreamState, ...]
    orders: int
    held: int
    listings: int
    unlinked: int
    waiting_inbox: int
    waiting_outbox: int
    waiting_pushes: int
    dead: int
    waiting_zeros: int
    zero_allowed: bool
    held_until: datetime | None = None
    pace_percent: int = 100
    unlinked_by_hand: int = 0

    @property
    def breaker(self) -> bool:
        """Whether the mass-zero breaker keeps back zeros."""
        return self.waiting_zeros > 0

    @property
    def others_go_on(self) -> bool:
        """Whether all numbers but zeros that are kept back are told: its stock neither stands still nor fails."""
        goes = [
            stream for stream in self.streams if stream.stream == "stock" and not (stream.paused or stream.failures)
        ]
        return bool(goes) and self.state == "active" and self.held_until is None

    @property
    def stopped(self) -> tuple[StreamState, ...]:
        """Its stopped streams."""
        return tuple(stream for stream in self.streams if stream.paused)

    @property
    def failing(self) -> list[StreamState]:
        """Its streams that fail now, or that were stopped for it, the worst and newest first.

        What a channel refused to a stream of a connection that is well is no failure.
        """
        found = [stream for stream in self.streams if stream.error and (stream.failures or stream.paused)]
        newest = {one.stream: one.failed_at.timestamp() if one.failed_at else 0.0 for one in found}
        return sorted(found, key=lambda one: (WORST.index(one.health), -newest[one.stream]))

    @property
    def last_error(self) -> str:
        """What the first of them says; empty: none fails."""
        return next((f"{one.stream}: {one.error}" for one in self.failing), "")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits on one connection: how many, and since when the oldest does."""

    count: int = 0
    oldest: datetime | None = None

    def lag_s(self, now: datetime) -> float | None:
        return None if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())


def read_channels(db: Database, now: datetime) -> list[ChannelState]:
    """All connections by name."""
    with db.read() as connection:
        return channel_states(connection, now, None)


def read_channel(db: Database, connection_id: int, now: datetime) -> ChannelState:
    """One connection. Raises NotFound."""
    with db.read() as connection:
        found = channel_states(connection, now, connection_id)
    if not found:
        raise NotFound(f"there is no connection {connection_id}")
    return found[0]


def channel_choices(db: Database) -> list[tuple[str, str]]:
    """(id as text, name) of all connections, by name: for a select."""
    with db.read() as connection:
        return [(str(row.id), row.name) for row in connection.execute(select(_c.id, _c.name).order_by(_c.name))]


def channel_states(db: Connection, now: datetime, connection_id: int | None) -> list[ChannelState]:
    """All connections, or the one asked for, by name."""
    query = select(connections).order_by(_c.name)
    rows = db.execute(query if connection_id is None else query.where(_c.id == connection_id)).all()
    by_connection: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(select(streams)):
        by_connection[row.connection_id].append(row)
    facts = _facts(db, now)
    return [_state(row, by_connection[row.id], facts, now) for row in rows]


@dataclass(frozen=True, slots=True)
class _Facts:
    inbox: dict[int, Backlog]
    outbox: dict[int, Backlog]
    pushes: dict[int, Backlog]
    zeros: dict[int, int]
    dead: dict[int, int]
    orders: dict[int, int]
    held: dict[int, int]
    listings: dict[int, int]
    unlinked: dict[int, int]
    by_hand: dict[int, int]
    throttles: dict[int, Throttle]


def _facts(db: Connection, now: datetime) -> _Facts:
    dead: dict[int, int] = defaultdict(int)
    for table, which in ((inbox, inbox.c.state == "dead"), (outbox, outbox.c.state == "dead"),
                         (stock_pushes, _p.dead.is_(True))):  # fmt: skip
        for connection_id, number in _counts(db, table, which).items():
            dead[connection_id] += number
    return _Facts(
        inbox=_backlog(db, inbox, inbox.c.received_at, inbox.c.state == "new"),
        outbox=_backlog(db, outbox, outbox.c.created_at, outbox.c.state == "new"),
        pushes=_backlog(db, stock_pushes, _p.changed_at, to_push()),
        zeros=count_doubted(db),
        dead=dict(dead),
        orders=_counts(db, orders, orders.c.id > 0),
        held=_counts(db, holds, holds.c.state == "open"),
        listings=_counts(db, listings, listings.c.id > 0),
        unlinked=_counts(db, listings, listings.c.sku.is_(None)),
        by_hand=_counts(db, listings, listings.c.unlinked_at.is_not(None)),
        throttles=read_throttles(db, now),
    )


def _backlog(db: Connection, table: Table, since: Any, which: ColumnElement[bool]) -> dict[int, Backlog]:
    owner = table.c.connection_id
    rows = db.execute(select(owner, func.count(), func.min(since)).where(which).group_by(owner))
    return {row[0]: Backlog(row[1], row[2]) for row in rows}


def _counts(db: Connection, table: Table, which: ColumnElement[bool]) -> dict[int, int]:
    owner = table.c.connection_id
    return {row[0]: row[1] for row in db.execute(select(owner, func.count()).where(which).group_by(owner))}


def _state(row: Row[Any], stream_rows: Sequence[Row[Any]], facts: _Facts, now: datetime) -> ChannelState:
    nothing = Backlog()
    backlogs = {
        "orders": facts.inbox.get(row.id, nothing),
        "outbox": facts.outbox.get(row.id, nothing),
        "stock": facts.pushes.get(row.id, nothing),
    }
    throttle = facts.throttles.get(row.id, Throttle(0.0, 100))
    held_until = datetime.fromtimestamp(throttle.until, UTC) if throttle.until > now.timestamp() else None
    zeros = facts.zeros.get(row.id, 0)
    found = [_stream(stream, backlogs.get(stream.stream), now, row.state, held_until, zeros) for stream in stream_rows]
    found.sort(key=lambda s: (STREAMS.index(s.stream) if s.stream in STREAMS else len(STREAMS), s.stream))
    return ChannelState(
        id=row.id, name=row.name, channel=row.channel, state=row.state, state_reason=row.state_reason,
        on_shortage=row.on_shortage, health=channel_health(row.state, [stream.health for stream in found]),
        lag_s=max(backlog.lag_s(now) or 0.0 for backlog in backlogs.values()), streams=tuple(found),
        orders=facts.orders.get(row.id, 0), held=facts.held.get(row.id, 0), listings=facts.listings.get(row.id, 0),
        unlinked=facts.unlinked.get(row.id, 0), waiting_inbox=backlogs["orders"].count,
        waiting_outbox=backlogs["outbox"].count, waiting_pushes=backlogs["stock"].count,
        dead=facts.dead.get(row.id, 0), waiting_zeros=zeros,
        zero_allowed=row.settings.get("allow_mass_zero") == "yes", held_until=held_until,
        pace_percent=throttle.percent, unlinked_by_hand=facts.by_hand.get(row.id, 0),
    )  # fmt: skip


SENDING = frozenset({"stock", "outbox", "refetch", "webhooks"})
"""Streams that run only when there is something to do."""


def _stream(
    row: Row[Any], backlog: Backlog | None, now: datetime, state: str, held_until: datetime | None, zeros: int
) -> StreamState:  # fmt: skip
    """Of a connection that is not active only webhooks go on: they are kept for later."""
    breaker = zeros > 0 and row.stream == "stock"
    count = backlog.count if backlog else 0
    waits = count > 0 if row.stream in SENDING else True
    stopped = row.paused or (state != "active" and row.stream != "webhooks")
    held = held_until if row.stream != "webhooks" else None
    refused = bool(row.error) and not row.failures
    pulse = Pulse(stopped, row.failures, row.ok_at, row.due_at, row.every_s, waits, breaker, held is not None, refused)
    return StreamState(
        stream=row.stream, health=stream_health(pulse, now), ok_at=row.ok_at, failed_at=row.failed_at,
        due_at=max(row.due_at, held or row.due_at), every_s=row.every_s, error=row.error, failures=row.failures,
        newest_at=row.newest_at, paused=row.paused, breaker=breaker,
        running=bool(row.leased_until and row.leased_until > now), behind=row.behind, total=row.total, waiting=count,
        placed=row.cursor is not None,
        lag_s=backlog.lag_s(now) if backlog else None,
    )  # fmt: skip
