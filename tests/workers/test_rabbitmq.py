"""Worker and scheduler processes over PostgreSQL and RabbitMQ: they hear each other, take over, and stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kombu import Connection
from sqlalchemy import insert, select, update

from hub.settings import Settings, load
from hub.store import migrate
from hub.store.tables import connections, leases, streams
from hub.wiring import Hub
from tests.workers.proxy import Proxy
from workers.app import QUEUE_ARGUMENTS, Workshop
from workers.tasks.works import WORKS

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres]
Wait = Callable[[Callable[[], object]], None]
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def settings(rabbitmq_url: str, queue_prefix: str, new_postgres_url: Callable[[], str], tmp_path: Path) -> Settings:
    return load(
        broker_url=rabbitmq_url, queue_prefix=queue_prefix, database_url=new_postgres_url(), data_dir=tmp_path,
        threads=2, lease_s=2.0, poll_s=0.2, log_format="json",
    )  # fmt: skip


@pytest.fixture
def scaled(settings: Settings) -> Iterator[Hub]:
    with Hub(settings) as hub:
        migrate.upgrade(hub.db)
        yield hub
    with Connection(settings.broker_url) as broker:
        for lane in ("ingest", "place", "push", "pull", "slow"):
            broker.default_channel.queue_delete(f"{settings.queue_prefix}{lane}")


@contextmanager
def _process(settings: Settings, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A stockline process; stopped with SIGTERM at the end."""
    names = ("broker_url", "queue_prefix", "database_url", "data_dir", "threads", "lease_s", "poll_s", "log_format")
    environment = os.environ | {f"STOCKLINE_{name.upper()}": str(getattr(settings, name)) for name in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli.main", *command], env=environment, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"the process ended without saying {words!r}: {''.join(seen)}")


def _paused_nowhere(hub: Hub) -> int:
    """A connection whose connector does not exist: doing its work leaves a visible trace, its state."""
    with hub.db.write() as connection:
        key = connection.execute(
            insert(connections).values(
                name="shop", channel="nowhere", settings={}, secrets={}, state="active", state_reason="",
                on_shortage="hold", created_at=NOW, updated_at=NOW,
            ).returning(connections.c.id)
        ).scalar_one()  # fmt: skip
        connection.execute(
            insert(streams).values(
                connection_id=key,
                stream="orders",
                due_at=NOW,
                every_s=3600,
                error="",
                failures=0,
                paused=False,
                total=0,
            )
        )
    return int(key)


def _state(hub: Hub) -> tuple[str, str]:
    with hub.db.read() as connection:
        row = connection.execute(select(connections.c.state, connections.c.state_reason)).one()
    return row.state, row.state_reason


def test_a_ring_reaches_a_worker_process_which_stops_cleanly(scaled: Hub, settings: Settings, until: Wait) -> None:
    key = _paused_nowhere(scaled)
    with _process(settings, "worker") as worker:
        _read_until(worker, "worker.ready")
        assert _state(scaled) == ("active", "")
        workshop = Workshop(scaled, WORKS)
        scaled.doorbell.ring("orders.pull", key)
        until(lambda: _state(scaled)[0] == "auth_failed")
        workshop.close()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(40) == 0
    assert "no connector named 'nowhere'" in _state(scaled)[1]


def test_a_scheduler_finds_what_is_due_and_a_second_takes_over_when_it_is_killed(
    scaled: Hub, settings: Settings, until: Wait
) -> None:
    def leader() -> str | None:
        with scaled.db.read() as connection:
            found: str | None = connection.scalar(select(leases.c.owner))
        return found

    with _process(settings, "worker") as worker, _process(settings, "scheduler") as first:
        _read_until(worker, "worker.ready")
        _read_until(first, "scheduler.ready")
        until(leader)
        dead = leader()
        with _process(settings, "scheduler") as second:
            _read_until(second, "scheduler.ready")
            first.kill()
            until(lambda: leader() not in (dead, None))
            _paused_nowhere(scaled)
            until(lambda: _state(scaled)[0] == "auth_failed")
            _activate(scaled)  # and again, so that it was no ring of the dead one
            until(lambda: _state(scaled)[0] == "auth_failed")


def test_a_ring_is_a_small_lasting_json_message_on_a_quorum_queue(scaled: Hub, settings: Settings, until: Wait) -> None:
    workshop = Workshop(scaled, WORKS)
    scaled.doorbell.ring("inbox.ingest")
    with Connection(settings.broker_url) as broker:
        queue = f"{settings.queue_prefix}ingest"

        def count() -> int:
            with broker.channel() as channel:
                found = channel.queue_declare(queue, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS)
            return int(found.message_count)

        until(lambda: count() == 1)
        with broker.channel() as channel:
            message = channel.basic_get(queue, no_ack=True)
        assert message.headers["task"] == "inbox.ingest"
        assert message.properties["content_type"] == "application/json"
        assert message.properties["delivery_mode"] == 2
    workshop.close()


def test_a_worker_and_a_doorbell_find_back_to_a_broker_that_was_away(
    scaled: Hub, settings: Settings, until: Wait
) -> None:
    broker = urlsplit(settings.broker_url)
    proxy = Proxy(broker.hostname or "127.0.0.1", broker.port or 5672)
    there = broker._replace(netloc=f"{broker.username}:{broker.password}@127.0.0.1:{proxy.port}").geturl()
    behind = settings.model_copy(update={"broker_url": there})
    with Hub(behind) as hub, _process(behind, "worker") as worker:
        _read_until(worker, "worker.ready")
        workshop = Workshop(hub, WORKS)
        key = _paused_nowhere(scaled)
        hub.doorbell.ring("orders.pull", key)
        until(lambda: _state(scaled)[0] == "auth_failed")
        proxy.cut()
        _activate(scaled)
        hub.doorbell.ring("orders.pull", key)
        time.sleep(2)
        assert _state(scaled)[0] == "active"
        proxy.mend()
        until(lambda: _state(scaled)[0] == "auth_failed")
        workshop.close()
    proxy.close()


def _activate(hub: Hub) -> None:
    with hub.db.write() as connection:
        connection.execute(update(connections).values(state="active"))
        connection.execute(update(streams).values(due_at=NOW))
