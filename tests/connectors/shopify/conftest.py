"""A running sandbox shop with two items."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.shopify.connector import Shopify
from connectors.shopify.sandbox import ShopifySandbox
from tests.connectors.shopify.shop import ITEMS, channel_of


@pytest.fixture
def shop() -> Iterator[ShopifySandbox]:
    sandbox = ShopifySandbox(seed=1)
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    sandbox.server.hold_s = 0.02
    yield sandbox
    sandbox.stop()


@pytest.fixture
def channel(shop: ShopifySandbox) -> Shopify:
    return channel_of(shop)
