"""A running Douyin sandbox whose every exchange is held to the table of fields, and the channel that talks to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from hub.ports.channel import Connection
from tests.connectors import fieldtable
from tests.connectors.contract import ITEMS
from tests.connectors.openapi import Specification, held_to


@cache
def specification() -> Specification:
    """The table of fields beside this file."""
    return fieldtable.load(Path(__file__).with_name("fields.yaml"))


def connect(sandbox: DouyinSandbox, **changed: str) -> Douyin:
    """The channel; `changed` replaces settings or secrets by name."""
    settings = {**sandbox.settings, **{k: v for k, v in changed.items() if k not in sandbox.secrets}}
    secrets = {**sandbox.secrets, **{k: v for k, v in changed.items() if k in sandbox.secrets}}
    return Douyin(Connection(1, "dou", "douyin", settings, secrets))


@pytest.fixture
def watched() -> Iterator[Any]:
    """Starts and fills a sandbox, and holds its exchanges to the table."""
    with contextlib.ExitStack() as running:

        def start(sandbox: DouyinSandbox) -> DouyinSandbox:
            sandbox.start()
            running.callback(sandbox.stop)
            sandbox.stock_shelves(ITEMS)
            running.enter_context(held_to(specification(), sandbox.server))
            return sandbox

        yield start


@pytest.fixture
def sandbox(watched: Any) -> DouyinSandbox:
    running: DouyinSandbox = watched(DouyinSandbox())
    return running


@pytest.fixture
def channel(sandbox: DouyinSandbox) -> Douyin:
    return connect(sandbox)
