"""The first page: the numbers that matter, what needs a person, and what happened last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from hub.reports.channels import ChannelState, channel_states
from hub.reports.hot_skus import HotSku, hot_skus
from hub.reports.names import actor_names
from hub.store.database import Database
from hub.store.pushes import to_push
from hub.store.tables import (
    fulfillment_orders,
    holds,
    inbox,
    order_events,
    orders,
    stock_balances,
    stock_pushes,
)
from hub.store.waiting import needs_person

_o = orders.c


@dataclass(frozen=True, slots=True)
class Tiles:
    """Counts; `lag_s`: age of the oldest thing that waits on any channel, in seconds; `oversold`: balances that promise
    more than there is (always 0, or the fence is broken); `causes`: why the `held` orders wait for a person; `unread`:
    messages and files that wait for one because they could not be read."""

    orders_today: int
    orders_hour: int
    to_ship: int
    oldest_to_ship: datetime | None
    held: int
    causes: int
    unread: int
    waiting: int
    refused: int
    lag_s: float
    failed: int
    pushes: int
    oversold: int
    shipped_today: int


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person must mend. `kind` says which words and which button:

    holds (`count` causes of the hold kind `what`), auth_failed, breaker (`count` listings wait with 0; `detail`:
    "others" where all other numbers go on), unwatched (its breaker is switched off), failing (a channel), dead,
    oversold.
    """

    kind: str
    count: int = 0
    what: str = ""
    connection_id: int | None = None
    connection: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of any order, newest first."""

    id: int
    at: datetime
    kind: str
    actor: str
    order_id: int
    number: str
    connection: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    tiles: Tiles
    channels: tuple[ChannelState, ...]
    needs: tuple[Need, ...]
    hot: tuple[HotSku, ...]
    happened: tuple[Happening, ...]


def read_overview(db: Database, now: datetime, events: int = 12) -> Overview:
    """All of the first page in one read."""
    with db.read() as connection:
        channels = tuple(channel_states(connection, now, None))
        tiles = _tiles(connection, channels, now)
        needs, hot = _needs(connection, channels, tiles), hot_skus(connection, now)
        return Overview(tiles, channels, needs, hot, _happened(connection, channels, events))


def _count(db: Connection, table: Table, *which: Any) -> int:
    return db.scalar(select(func.count()).select_from(table).where(*which)) or 0


def _tiles(db: Connection, channels: tuple[ChannelState, ...], now: datetime) -> Tiles:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    states: dict[str, int] = {
        row.state: row.number for row in db.execute(select(_o.state, func.count().label("number")).group_by(_o.state))
    }
    today = _since(db, day)
    work = fulfillment_orders.c
    oldest = db.scalar(select(func.min(work.created_at)).where(work.status.in_(("open", "picking", "packed"))))
    opened = select(func.count(holds.c.fingerprint.distinct())).where(needs_person(), holds.c.order_id.is_not(None))
    return Tiles(
        orders_today=today, orders_hour=_since(db, now.replace(minute=0, second=0, microsecond=0)),
        to_ship=states.get("routed", 0) + states.get("partial", 0), oldest_to_ship=oldest,
        held=states.get("held", 0), causes=db.scalar(opened) or 0,
        unread=_count(db, holds, needs_person(), holds.c.order_id.is_(None)),
        waiting=states.get("waiting", 0) + _count(db, inbox, inbox.c.state == "new"), refused=states.get("refused", 0),
        lag_s=max((channel.lag_s for channel in channels), default=0.0),
        failed=sum(channel.dead for channel in channels),
        pushes=_count(db, stock_pushes, to_push()),
        oversold=_count(db, stock_balances, stock_balances.c.reserved > stock_balances.c.on_hand),
        shipped_today=_count(db, order_events, order_events.c.kind == "parcel_shipped", order_events.c.at >= day),
    )  # fmt: skip


def _since(db: Connection, start: datetime) -> int:
    return _count(db, orders, _o.created_at >= start)


def _needs(db: Connection, channels: tuple[ChannelState, ...], tiles: Tiles) -> tuple[Need, ...]:
    """The most harmful first."""
    found = [Need("oversold", tiles.oversold)] if tiles.oversold else []
    for channel in channels:
        found += _channel_needs(channel)
    kinds = select(holds.c.kind, func.count(holds.c.fingerprint.distinct()), func.count())
    for kind, causes, waiting in db.execute(kinds.where(needs_person()).group_by(holds.c.kind)):
        found.append(Need("holds", causes, kind, detail=str(waiting)))
    if tiles.failed:
        found.append(Need("dead", tiles.failed))
    return tuple(found)


def _channel_needs(channel: ChannelState) -> list[Need]:
    if channel.state == "auth_failed":
        return [Need("auth_failed", 1, "", channel.id, channel.name, channel.state_reason)]
    if channel.breaker:
        others = "others" if channel.others_go_on else ""
        return [Need("breaker", channel.waiting_zeros, "stock", channel.id, channel.name, others), *_failing(channel)]
    unwatched = [Need("unwatched", 1, "stock", channel.id, channel.name)] if channel.zero_allowed else []
    return unwatched + _failing(channel)


def _failing(channel: ChannelState) -> list[Need]:
    """Its worst stream, where one fails, whatever else is to be said of it; nothing of one that a person paused."""
    failing = [stream for stream in channel.streams if stream.health == "error"]
    if failing and channel.state == "active":
        worst = max(failing, key=lambda stream: stream.failures)
        return [Need("failing", worst.failures, worst.stream, channel.id, channel.name, worst.error)]
    return []


def _happened(db: Connection, channels: tuple[ChannelState, ...], limit: int) -> tuple[Happening, ...]:
    names = {channel.id: channel.name for channel in channels}
    query = select(order_events, _o.number, _o.connection_id).join(orders, _o.id == order_events.c.order_id)
    rows = db.execute(query.order_by(order_events.c.id.desc()).limit(limit)).all()
    actors = actor_names(db, {row.actor for row in rows})
    return tuple(
        Happening(row.id, row.at, row.kind, actors[row.actor], row.order_id, row.number,
                  names.get(row.connection_id, ""), row.data)
        for row in rows
    )  # fmt: skip
