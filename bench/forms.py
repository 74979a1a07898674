"""The scaled form for a bench: a database, queues and a data folder of its own, gone afterwards."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu import Connection, Queue
from kombu.exceptions import OperationalError

from bench.places import Server
from hub.canonical.errors import Misconfigured
from hub.settings import Settings, load
from hub.wiring import Hub
from workers.work import Lane

BROKER, LOCAL = "STOCKLINE_BENCH_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//"


def broker_url() -> str:
    """The broker at STOCKLINE_BENCH_BROKER_URL, else RabbitMQ on this machine. Raises Misconfigured: none answers."""
    url = os.environ.get(BROKER) or LOCAL
    try:
        with Connection(url, connect_timeout=3) as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
    except (OperationalError, OSError) as error:
        raise Misconfigured(f"no broker answers at {url.rpartition('@')[2]}: set {BROKER}=amqp://…") from error
    return url


@contextmanager
def scaled(server: Server, broker: str) -> Iterator[Hub]:
    """A hub whose processes share a new database and queues that nobody else has."""
    url = server.create()
    with tempfile.TemporaryDirectory(prefix="stockline-bench-") as folder:
        settings = load(
            data_dir=Path(folder), database_url=url, broker_url=broker, port=0, log_level="error",
            queue_prefix=f"stockline-bench-{uuid.uuid4().hex[:12]}.",
        )  # fmt: skip
        try:
            with Hub(settings) as hub:
                yield hub
        finally:
            _forget_queues(settings)
            server.drop(url)


def _forget_queues(settings: Settings) -> None:
    with Connection(settings.broker_url) as broker:
        channel = broker.channel()
        for lane in Lane:
            Queue(f"{settings.queue_prefix}{lane}")(channel).delete()
