"""The HTTP base of the sandboxes: a real server in a thread that misbehaves on order (webhooks: `deliverer.py`)."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.kit.practice.sandbox import Faults

MAX_BODY = 5_000_000
START_S = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: header names in lower case, `query` with the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """An answer with a JSON body."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"content-type": "application/json; charset=utf-8"} | dict(headers or {}))


def _throttle() -> Reply:
    return Reply.json({"errors": "Too many requests"}, 429, {"retry-after": "1"})


def _failure() -> Reply:
    return Reply.json({"errors": "Internal Server Error"}, 500)


class SandboxServer:
    """A local HTTP server on a free port of 127.0.0.1 with request faults.

    Args:
        answer:     makes the reply; called in the server's thread, one request at a time; must not wait.
        faults:     decides when `rate_limited_429`, `server_error_500` and `timeout_after_effect` strike.
        is_write:   which requests change something (only those can time out after the effect).
        throttle, failure: the platform's own 429 and 500 answers.
        hold_s:     how long a caller waits on a time-out after the effect before the server hangs up.

    `watch`: called with every request and the reply made to it, the faulty ones too.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        faults: Faults,
        *,
        is_write: Callable[[Request], bool] = lambda request: request.method not in {"GET", "HEAD"},
        throttle: Callable[[], Reply] = _throttle,
        failure: Callable[[], Reply] = _failure,
        hold_s: float = 0.5,
    ) -> None:
        self._answer, self._faults, self._is_write = answer, faults, is_write
        self._throttle, self._failure, self.hold_s = throttle, failure, hold_s
        self.watch: Callable[[Request, Reply], None] | None = None
        self._dark_until = 0.0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Bind, serve in a thread, and return once requests are taken; a second start takes the same port."""
        sock = _bound(self.port)
        self.port = int(sock.getsockname()[1])
        config = uvicorn.Config(
            self._serve, http=self._protocol(), ws="none", loop="asyncio", lifespan="off", log_config=None,
            interface="asgi3", access_log=False, proxy_headers=False,
            timeout_graceful_shutdown=1, timeout_keep_alive=30,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([sock],), name=f"sandbox-{self.port}", daemon=True
        )
        self._thread.start()
        self._wait_until_started()

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + START_S
        while self._server and not self._server.started:
            if time.monotonic() > deadline or not (self._thread and self._thread.is_alive()):
                raise RuntimeError("the sandbox server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Hang up on everybody and end the thread."""
        self._dark_until = 0.0
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(START_S)
        self._server = self._thread = None

    def outage(self, seconds: float) -> None:
        """Hang up on every connection without an answer, from now on, for so long. Counts `outage`."""
        self._faults.count("outage")
        self._dark_until = time.monotonic() + seconds

    @property
    def dark(self) -> bool:
        """Whether an outage lasts."""
        return time.monotonic() < self._dark_until

    def _protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's HTTP protocol, which hangs up during an outage and lets a handler hang up."""
        sandbox = self

        class Hanging(HttpToolsProtocol):
            def data_received(self, data: bytes) -> None:
                if sandbox.dark:
                    self.transport.abort()
                else:
                    super().data_received(data)

            def on_message_begin(self) -> None:
                super().on_message_begin()
                self.scope["hang_up"] = self.transport.abort  # type: ignore[typeddict-unknown-key]

        return Hanging

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        request = await _request(scope, receive)
        if request is None:
            await _send(send, Reply.json({"errors": "body too large"}, 413))
            return
        reply = self._refused() or self._answer(request)
        if self.watch:
            self.watch(request, reply)
        if reply.status < 400 and self._is_write(request) and self._faults.strikes("timeout_after_effect"):
            await asyncio.sleep(self.hold_s)
            scope["hang_up"]()
            await _gone(receive)
            return
        await _send(send, reply)

    def _refused(self) -> Reply | None:
        if self._faults.strikes("rate_limited_429"):
            return self._throttle()
        if self._faults.strikes("server_error_500"):
            return self._failure()
        return None


def _bound(port: int) -> socket.socket:
    """A listening socket's base: the same port as before where one was, else any free one. Raises OSError: it is taken.

    It names TCP, for asyncio switches off Nagle's delay (40 ms an answer) only where a socket does.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


async def _request(scope: Any, receive: Callable[[], Awaitable[Any]]) -> Request | None:
    """The whole request; None when its body is too large."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(scope["method"], scope["path"], query, headers, body)


async def _send(send: Callable[[Any], Awaitable[None]], reply: Reply) -> None:
    headers = {"content-length": str(len(reply.body))} | dict(reply.headers)
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": reply.body})


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
