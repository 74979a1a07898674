"""A raw socket server: sends back exactly the bytes a test names, however broken."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence


class Wire:
    """Listens on loopback; the n-th request gets the n-th reply (the last one again and again)."""

    def __init__(self, replies: Sequence[bytes], drip_s: float = 0.0) -> None:
        self._replies, self._drip_s = list(replies), drip_s
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.requests: list[bytes] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError), socket.create_connection(self._socket.getsockname(), timeout=1):
            pass
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            peer, _ = self._socket.accept()
            with peer, contextlib.suppress(OSError):
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        asked = _whole_request(peer)
        if self._stopping.is_set() or not asked:
            return
        self.requests.append(asked)
        reply = self._replies[min(len(self.requests), len(self._replies)) - 1]
        if reply == SILENCE:
            self._stopping.wait(3)
            return
        step = 1 if self._drip_s else len(reply) or 1
        for at in range(0, len(reply), step):
            peer.sendall(reply[at : at + step])
            time.sleep(self._drip_s)


SILENCE = b"(silence)"


def _whole_request(peer: socket.socket) -> bytes:
    """Head and body, as far as `Content-Length` promises one."""
    asked = peer.recv(65_536)
    head, _, body = asked.partition(b"\r\n\r\n")
    size = re.search(rb"(?i)content-length: (\d+)", head)
    while size and len(body) < int(size[1]):
        more = peer.recv(65_536)
        asked, body = asked + more, body + more
        if not more:
            break
    return asked


def reply(status: str, body: bytes = b"", **headers: str) -> bytes:
    """One whole HTTP/1.1 answer; underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def wire(*replies: bytes, drip_s: float = 0.0) -> Iterator[Wire]:
    """A running `Wire`, stopped at the end."""
    server = Wire(replies, drip_s)
    server.start()
    try:
        yield server
    finally:
        server.stop()
