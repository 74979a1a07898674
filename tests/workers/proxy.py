"""A TCP proxy that can lose its line: what stands between a worker and its broker when the network fails."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Forwards connections from `port` on 127.0.0.1 to another address, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._up.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Drop every connection and refuse new ones."""
        self._up.clear()
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            _drop(line)

    def mend(self) -> None:
        """Take new connections again."""
        self._up.set()

    def close(self) -> None:
        """Cut, and stop listening."""
        self.cut()
        _drop(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._up.is_set():
                _drop(near)
                continue
            far = socket.create_connection(self._target)
            with self._lock:
                self._lines += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=[source, sink], daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    _drop(source)
    _drop(sink)


def _drop(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
