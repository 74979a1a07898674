"""A webhook receiver on loopback that keeps what it got."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Delivery:
    """One POST as it came; header names in lower case."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers every POST with `status` and keeps it in `got`; a GET with what `answer` makes of its query."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.status = 200
        self.answer: Callable[[Mapping[str, str]], str] = lambda query: ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/1"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                receiver.got.append(Delivery({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                told = receiver.answer(dict(parse_qsl(urlsplit(self.path).query))).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def wait(self, enough: Callable[[list[Delivery]], bool], seconds: float = 15) -> list[Delivery]:
        """What came, once `enough` holds; fails the test when it does not in time."""
        deadline = time.monotonic() + seconds
        while not enough(list(self.got)):
            assert time.monotonic() < deadline, f"only {len(self.got)} webhooks came in {seconds} s"
            time.sleep(0.01)
        return list(self.got)


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A running receiver, stopped at the end."""
    receiver = Receiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
