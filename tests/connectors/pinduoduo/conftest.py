"""A running Pinduoduo sandbox, each exchange held to the platform's description, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from hub.ports.channel import Connection
from tests.connectors.contract import ITEMS
from tests.connectors.pinduoduo.fields import held


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
    settings = {**sandbox.settings, **{k: v for k, v in changed.items() if k not in sandbox.secrets}}
    secrets = {**sandbox.secrets, **{k: v for k, v in changed.items() if k in sandbox.secrets}}
    return Pinduoduo(Connection(1, "pdd", "pinduoduo", settings, secrets), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[PinduoduoSandbox]:
    running = PinduoduoSandbox(clock=clock)
    running.start()
    running.stock_shelves(ITEMS)
    try:
        with held(running.server):
            yield running
    finally:
        running.stop()


@pytest.fixture
def channel(sandbox: PinduoduoSandbox, clock: Clock) -> Pinduoduo:
    return connect(sandbox, clock)
