"""The web server of one process: uvicorn on a bound socket, until SIGINT or SIGTERM."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from hub.main import create_app
from hub.wiring import Hub

GRACE_S = 3


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve_web(hub: Hub, listener: socket.socket, ready: Callable[[], None], *, demo: bool = False) -> None:
    """Answer on the socket until SIGINT or SIGTERM."""
    options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "lifespan": "on"}
    config = uvicorn.Config(create_app(hub, demo=demo), timeout_graceful_shutdown=GRACE_S, **options)
    with _signals_end_the_server_only():
        _Server(config, ready).run(sockets=[listener])


@contextmanager
def _signals_end_the_server_only() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more at its end; what is closed after it must not be skipped."""
    before = {number: signal.signal(number, lambda *_facts: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
