"""What Prometheus reads: counters of this process, and counts taken from the tables whenever it asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Select, and_, case, func, select

from hub.ports.clock import Clock, utc_now
from hub.store.database import Database
from hub.store.heat import read_hot
from hub.store.pushes import doubted
from hub.store.tables import connections, holds, inbox, orders, outbox, stock_pushes, streams
from hub.store.zeros import FORGOTTEN

RUNS = Counter("stockline_work_runs", "Runs of a kind of work in this process.", ["work", "outcome"])
SECONDS = Histogram("stockline_work_seconds", "Seconds that one run took.", ["work"])
HANDLED = Counter("stockline_work_handled", "Records, orders, messages or lines that were handled.", ["work"])
ERRORS = Counter("stockline_work_errors", "Runs that ended with an error, by its kind.", ["work", "error"])
RINGS = Counter("stockline_doorbell_rings", "Doorbell messages: sent, or failed: no broker.", ["result"])
LEADER = Gauge("stockline_scheduler_leader", "1 where this process holds the scheduler's lease.")
WEBHOOKS = Counter("stockline_webhooks", "Webhooks received, by how they were answered.", ["connection", "status"])

LIVE_STATES = ("waiting", "unpaid", "held", "routed", "partial")
"""States of orders that still want something; the others only grow and are not counted at every scrape."""


def page(db: Database) -> bytes:
    """The text that Prometheus reads: this process's own counters, then the counts of the tables."""
    tables = CollectorRegistry(auto_describe=False)
    tables.register(TableCounts(db))
    return generate_latest(REGISTRY) + generate_latest(tables)


class TableCounts(Collector):
    """Counts what waits, what is stuck and how old it is; each query runs on an index made for waiting rows."""

    def __init__(self, db: Database, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One read transaction for all of them."""
        now = self._clock()
        with self._db.read() as connection:
            yield from _messages(connection, now)
            yield from _orders(connection, now)
            yield from _streams(connection, now)
            yield from _hot(connection, now)


def _gauge(name: str, words: str, labels: list[str], rows: Iterable[tuple[Any, ...]]) -> GaugeMetricFamily:
    """Rows: the labels' values, then the number; rows without a number are left out."""
    gauge = GaugeMetricFamily(f"stockline_{name}", words, labels=labels)
    for *values, number in rows:
        if number is not None:
            gauge.add_metric([str(value) for value in values], float(number))
    return gauge


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())


def _messages(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    waiting = connection.execute(
        select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == "new")
    ).one()
    yield _gauge("inbox_waiting", "Messages that were received and not yet read.", [], [(waiting[0],)])
    yield _gauge("inbox_oldest_seconds", "Age of the oldest of them.", [], [(_age(now, waiting[1]),)])
    unsent = case((outbox.c.state == "new", "waiting"), else_="dead")
    yield _gauge(
        "outbox", "Messages to channels: waiting, or given up.", ["connection", "state"],
        _by_connection(connection, unsent, outbox.c.connection_id, outbox.c.state.in_(("new", "dead"))),
    )  # fmt: skip
    unpushed = case((stock_pushes.c.dead, "dead"), (doubted(), "doubted"), else_="waiting")
    push = stock_pushes.c
    yield _gauge(
        "stock_push", "Listings whose number is not on the channel: waiting, doubted (0 waits for a person), given up.",
        ["connection", "state"],
        _by_connection(connection, unpushed, push.connection_id, and_(push.seq > push.sent_seq, ~FORGOTTEN)),
    )  # fmt: skip


def _by_connection(connection: Connection, state: Any, key: Any, where: Any) -> list[tuple[Any, ...]]:
    """(connection's name, state, count)."""
    counted = select(key.label("key"), state.label("state"), func.count().label("number")).where(where)
    part = counted.group_by(key, state).subquery()
    ask = select(connections.c.name, part.c.state, part.c.number).join(part, part.c.key == connections.c.id)
    return [tuple(row) for row in connection.execute(ask)]


def _orders(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    live = select(orders.c.state, func.count()).where(orders.c.state.in_(LIVE_STATES)).group_by(orders.c.state)
    counts = dict.fromkeys(LIVE_STATES, 0) | {row[0]: row[1] for row in connection.execute(live)}
    yield _gauge("orders", "Orders that still want something, by state.", ["state"], counts.items())
    oldest = connection.scalar(select(func.min(orders.c.created_at)).where(orders.c.state == "waiting"))
    yield _gauge(
        "orders_oldest_waiting_seconds", "Age of the oldest order that is not placed.", [], [(_age(now, oldest),)]
    )
    open_holds = select(holds.c.kind, func.count()).where(holds.c.state == "open").group_by(holds.c.kind)
    yield _gauge("holds_open", "Holds that wait for a person, by kind.", ["kind"], _rows(connection, open_holds))


def _rows(connection: Connection, ask: Select[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(ask)]


def _streams(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    states = select(connections.c.name, connections.c.state)
    yield _gauge("connection", "1 for each connection, with its state.", ["connection", "state"],
                 [(*row, 1) for row in connection.execute(states)])  # fmt: skip
    ask = select(
        connections.c.name, streams.c.stream, streams.c.ok_at, streams.c.due_at, streams.c.failures,
    ).join(connections, connections.c.id == streams.c.connection_id)  # fmt: skip
    rows = connection.execute(ask).all()
    labels = ["connection", "stream"]
    yield _gauge("stream_lag_seconds", "Seconds since this traffic last ended well.", labels,
                 [(row.name, row.stream, _age(now, row.ok_at)) for row in rows])  # fmt: skip
    yield _gauge("stream_overdue_seconds", "Seconds since this traffic should have run.", labels,
                 [(row.name, row.stream, _age(now, row.due_at)) for row in rows])  # fmt: skip
    yield _gauge("stream_failures", "Failures of this traffic in a row.", labels,
                 [(row.name, row.stream, row.failures) for row in rows])  # fmt: skip


def _hot(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    """Few at any time: each has a tenth of the lines, or workers took its stock from each other a minute ago."""
    found = read_hot(connection, now)
    yield _gauge("hot_sku_share", "Share of the order lines that are for a hot SKU, 0 to 1.", ["sku"],
                 [(sku, heat.permille / 1000) for sku, heat in found.items()])  # fmt: skip
    yield _gauge("hot_sku_single", "1 where a hot SKU's orders are taken in by one worker at a time.", ["sku"],
                 [(sku, heat.is_single(now)) for sku, heat in found.items()])  # fmt: skip
