"""A running Pinduoduo sandbox, each exchange held to the platform's description, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from tests.connectors.harness import connection_to, started
from tests.connectors.pinduoduo.fields import published


class Clock:
    """The platform's and our time; `pass_on` moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_on(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


def connect(sandbox: PinduoduoSandbox, clock: Clock, **changed: str) -> Pinduoduo:
    """The channel; `changed` replaces settings or secrets by name."""
    return Pinduoduo(connection_to(sandbox, **changed), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[PinduoduoSandbox]:
    with started(published()) as start:
        yield start(PinduoduoSandbox(clock=clock))


@pytest.fixture
def channel(sandbox: PinduoduoSandbox, clock: Clock) -> Pinduoduo:
    return connect(sandbox, clock)
