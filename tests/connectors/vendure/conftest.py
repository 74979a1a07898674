"""A running sandbox shop with two items."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from tests.connectors.vendure.shop import ITEMS, channel_of


@pytest.fixture
def shop() -> Iterator[VendureSandbox]:
    sandbox = VendureSandbox(seed=1)
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    sandbox.server.hold_s = 0.02
    yield sandbox
    sandbox.stop()


@pytest.fixture
def channel(shop: VendureSandbox) -> Vendure:
    return channel_of(shop)
