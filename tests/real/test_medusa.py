"""A real Medusa server and the hub go the full circle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.conftest import started
from tests.real.full_circle import FullCircle
from tests.real.medusa_shop import MedusaShop

pytestmark = [pytest.mark.real("postgres"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def shop(postgres_server_url: str) -> Iterator[MedusaShop]:
    with started("medusa", postgres_server_url) as peer:
        opened = MedusaShop(peer)
        yield opened
        opened.close()


class TestMedusa(FullCircle):
    currency, partly, sent, cancelled = "EUR", "partially_shipped", "shipped", "canceled"
    findings = 4
