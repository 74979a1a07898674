"""A running WooCommerce sandbox and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from hub.ports.channel import Connection
from tests.connectors.contract import ITEMS


def connect(sandbox: WooSandbox, **changed: str) -> WooCommerce:
    """The channel; `changed` replaces settings or secrets by name."""
    settings = {**sandbox.settings, **{k: v for k, v in changed.items() if k not in sandbox.secrets}}
    secrets = {**sandbox.secrets, **{k: v for k, v in changed.items() if k in sandbox.secrets}}
    return WooCommerce(Connection(1, "woo", "woocommerce", settings, secrets))


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
