"""Starts the hub for the demo: one process, or web here with workers and a scheduler beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from hub.canonical.errors import InvariantBroken
from hub.main import create_app
from hub.settings import Settings
from hub.wiring import Hub
from workers.app import Workshop
from workers.embedded import Embedded
from workers.tasks.works import WORKS

START_S = 20.0


@contextmanager
def running(hub: Hub, workers: int) -> Iterator[str]:
    """The hub at work; yields its address. `workers`: processes beside this one where a broker is named."""
    with _workforce(hub, workers), _web(hub) as address:
        yield address


@contextmanager
def _workforce(hub: Hub, workers: int) -> Iterator[None]:
    if hub.settings.embedded:
        engine = Embedded(hub, WORKS)
        engine.start()
        try:
            yield
        finally:
            engine.stop()
        return
    bell = Workshop(hub, WORKS)
    others = [_spawn(hub.settings, ["worker"]) for _ in range(workers)] + [_spawn(hub.settings, ["scheduler"])]
    try:
        yield
    finally:
        for other in others:
            other.terminate()
        for other in others:
            other.wait(60)
        bell.close()


def _spawn(settings: Settings, command: list[str]) -> subprocess.Popen[bytes]:
    """One `stockline` process with the same database, broker, keys and queues; what it prints goes to stderr."""
    own = {
        "STOCKLINE_DATABASE_URL": settings.database, "STOCKLINE_BROKER_URL": settings.broker_url,
        "STOCKLINE_DATA_DIR": str(settings.data_dir.absolute()), "STOCKLINE_QUEUE_PREFIX": settings.queue_prefix,
        "STOCKLINE_LOG_LEVEL": settings.log_level, "STOCKLINE_LOG_FORMAT": settings.log_format,
    }  # fmt: skip
    program = [sys.executable, "-m", "hub.cli.main", *command]
    return subprocess.Popen(program, env=os.environ | own, stdout=sys.stderr, stdin=subprocess.DEVNULL)  # noqa: S603


@contextmanager
def _web(hub: Hub) -> Iterator[str]:
    """The web server in a thread."""
    config = uvicorn.Config(
        create_app(hub, demo=True), host=hub.settings.host, port=hub.settings.port, log_config=None, access_log=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield _address(server, thread, hub.settings)
    finally:
        server.should_exit = True
        thread.join(START_S)


def _address(server: uvicorn.Server, thread: threading.Thread, settings: Settings) -> str:
    deadline = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise InvariantBroken(
                f"the web server did not start on {settings.host}:{settings.port}: is the port taken?"
            )
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    return settings.with_port(int(port)).address
