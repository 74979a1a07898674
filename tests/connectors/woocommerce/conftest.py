"""A running WooCommerce sandbox and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from tests.connectors.contract import ITEMS
from tests.connectors.harness import connection_to


def connect(sandbox: WooSandbox, **changed: str) -> WooCommerce:
    """The channel; `changed` replaces settings or secrets by name."""
    return WooCommerce(connection_to(sandbox, **changed))


@pytest.fixture
def sandbox() -> Iterator[WooSandbox]:
    sandbox = WooSandbox()
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def channel(sandbox: WooSandbox) -> WooCommerce:
    return connect(sandbox)
