"""A running WooCommerce sandbox, every exchange held to what is documented, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from tests.connectors.harness import connection_to, started
from tests.connectors.woocommerce.documented import specification


def connect(sandbox: WooSandbox, **changed: str) -> WooCommerce:
    """The channel; `changed` replaces settings or secrets by name."""
    return WooCommerce(connection_to(sandbox, **changed))


@pytest.fixture
def sandbox() -> Iterator[WooSandbox]:
    with started(specification()) as start:
        yield start(WooSandbox())


@pytest.fixture
def loose() -> Iterator[WooSandbox]:
    """One that may be asked what is not documented."""
    with started(None) as start:
        yield start(WooSandbox())


@pytest.fixture
def channel(sandbox: WooSandbox) -> WooCommerce:
    return connect(sandbox)
