"""One real shop for all tests of this folder, started once; every test brings SKUs of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.need import skip_or_fail
from tests.real.buyer import RealShop
from tools.peers import NoPeer, running


@pytest.fixture(scope="session")
def shop() -> Iterator[RealShop]:
    """A real Vendure with an empty catalog; fetched from npm the first time."""
    try:
        with running("vendure") as peer:
            opened = RealShop(peer)
            yield opened
            opened.close()
    except NoPeer as problem:
        skip_or_fail(f"no Vendure server: {problem}")
