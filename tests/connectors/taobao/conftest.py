"""A Taobao sandbox whose exchanges are all held to the platform's metadata, and the channel that talks to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from hub.ports.channel import Connection
from tests.connectors.contract import ITEMS
from tests.connectors.openapi import held_to
from tests.connectors.taobao.metadata import FOLDER, Metadata


def connect(sandbox: TaobaoSandbox, **changed: str) -> Taobao:
    """The channel; `changed` replaces settings or secrets by name."""
    settings = {**sandbox.settings, **{k: v for k, v in changed.items() if k not in sandbox.secrets}}
    secrets = {**sandbox.secrets, **{k: v for k, v in changed.items() if k in sandbox.secrets}}
    return Taobao(Connection(1, "tao", "taobao", settings, secrets))


@contextlib.contextmanager
def held_to_metadata(sandbox: TaobaoSandbox) -> Iterator[list[Any]]:
    """Watch every exchange, where the metadata is on this machine."""
    if not FOLDER.is_dir():
        yield []
        return
    with held_to(Metadata(), sandbox.server) as seen:  # type: ignore[arg-type]
        yield seen


@pytest.fixture
def watched() -> Iterator[Any]:
    """Starts and fills a sandbox, and holds its exchanges to the metadata."""
    with contextlib.ExitStack() as running:

        def start(sandbox: TaobaoSandbox) -> TaobaoSandbox:
            sandbox.start()
            running.callback(sandbox.stop)
            sandbox.stock_shelves(ITEMS)
            running.enter_context(held_to_metadata(sandbox))
            return sandbox

        yield start


@pytest.fixture
def sandbox(watched: Any) -> TaobaoSandbox:
    running: TaobaoSandbox = watched(TaobaoSandbox())
    return running


@pytest.fixture
def channel(sandbox: TaobaoSandbox) -> Taobao:
    return connect(sandbox)
