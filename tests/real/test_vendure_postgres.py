"""A real Vendure server that keeps its data in PostgreSQL, and the hub go the full circle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.conftest import started
from tests.real.test_vendure import VendureCircle
from tests.real.vendure_shop import VendureShop

pytestmark = [pytest.mark.real("postgres"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def shop(postgres_server_url: str) -> Iterator[VendureShop]:
    with started("vendure", postgres_server_url) as peer:
        opened = VendureShop(peer)
        yield opened
        opened.close()


class TestVendureOnPostgres(VendureCircle):
    """The same as on SQLite."""
