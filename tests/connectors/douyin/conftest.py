"""A running Douyin sandbox whose every exchange is held to the table of fields, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from tests.connectors import fieldtable
from tests.connectors.harness import connection_to, started
from tests.connectors.openapi import Specification


@cache
def specification() -> Specification:
    """The table of fields beside this file."""
    return fieldtable.load(Path(__file__).with_name("fields.yaml"))


def connect(sandbox: DouyinSandbox, **changed: str) -> Douyin:
    """The channel; `changed` replaces settings or secrets by name."""
    return Douyin(connection_to(sandbox, **changed))


@pytest.fixture
def watched() -> Iterator[Callable[[DouyinSandbox], DouyinSandbox]]:
    with started(specification()) as start:
        yield start


@pytest.fixture
def sandbox(watched: Callable[[DouyinSandbox], DouyinSandbox]) -> DouyinSandbox:
    return watched(DouyinSandbox())


@pytest.fixture
def channel(sandbox: DouyinSandbox) -> Douyin:
    return connect(sandbox)
