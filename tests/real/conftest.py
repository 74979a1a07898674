"""One real shop for all tests of a module, started once; every test brings SKUs of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.fixtures.need import skip_or_fail
from tests.real.full_circle import day, open_day
from tools.peers import NoPeer, Peer, running

__all__ = ["day", "open_day"]


@contextlib.contextmanager
def started(name: str, server_url: str | None = None) -> Iterator[Peer]:
    """A running peer with an empty catalog, fetched from npm the first time; without one the test is skipped."""
    with contextlib.ExitStack() as stack:
        try:
            peer = stack.enter_context(running(name, server_url))
        except NoPeer as problem:
            skip_or_fail(f"no {name} server: {problem}")
        yield peer
