"""A Taobao sandbox whose exchanges are all held to the platform's metadata, and the channel that talks to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from connectors.taobao.sandbox.gate import form_of
from hub.ports.clock import utc_now
from tests.connectors.harness import connection_to, started
from tests.connectors.taobao.metadata import FOLDER, Metadata


def connect(sandbox: TaobaoSandbox, now: Callable[[], datetime] = utc_now, **changed: str) -> Taobao:
    """The channel; `changed` replaces settings or secrets by name."""
    return Taobao(connection_to(sandbox, **changed), now)


@pytest.fixture
def watched() -> Iterator[Callable[[TaobaoSandbox], TaobaoSandbox]]:
    with started(Metadata() if FOLDER.is_dir() else None) as start:
        yield start


@pytest.fixture
def sandbox(watched: Callable[[TaobaoSandbox], TaobaoSandbox]) -> TaobaoSandbox:
    return watched(TaobaoSandbox())


@pytest.fixture
def channel(sandbox: TaobaoSandbox) -> Taobao:
    return connect(sandbox)


@contextlib.contextmanager
def forms(sandbox: TaobaoSandbox) -> Iterator[list[dict[str, str]]]:
    """The forms that are posted meanwhile, beside whoever watches already."""
    before, posted = sandbox.server.watch, list[dict[str, str]]()

    def watch(request: Request, reply: Reply) -> None:
        posted.append(form_of(request))
        if before:
            before(request, reply)

    sandbox.server.watch = watch
    try:
        yield posted
    finally:
        sandbox.server.watch = before
