"""Only a package's own faults are its own: what the contract names, and a database that is away, goes up as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from connectors.kit import registry
from connectors.kit.guard import guarded
from hub.canonical.errors import AuthFailed, ConnectorFault, HeldBack
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import ConnectorSpec, ListingOffer


class Shop(BaseChannel):
    spec = ConnectorSpec("corner", "Corner", frozenset())

    def __init__(self, error: Exception) -> None:
        self._error = error

    def pull_listings(self) -> Iterator[ListingOffer]:
        yield ListingOffer("1", "MUG")
        raise self._error


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_packages", lambda: {"corner": "stockline_corner", "taobao": "connectors.taobao"})


@pytest.mark.parametrize("error", [AuthFailed("no"), HeldBack("later", 3), OperationalError("x", {}, OSError("away"))])
def test_what_has_a_meaning_goes_up_as_it_is(error: Exception) -> None:
    offers = guarded("corner", lambda: Shop(error)).pull_listings()
    assert next(offers) == ListingOffer("1", "MUG")
    with pytest.raises(type(error)) as raised:
        next(offers)
    assert raised.value is error


def test_a_fault_of_a_package_keeps_what_it_comes_from() -> None:
    bug = KeyError("x")
    with pytest.raises(
        ConnectorFault, match=r"its package stockline_corner has a fault of its own in pull_listings"
    ) as told:
        list(guarded("corner", lambda: Shop(bug)).pull_listings())
    assert (told.value.__cause__, told.value.package, told.value.kind) == (bug, "stockline_corner", "KeyError")


def test_a_verb_that_is_promised_and_not_there_is_the_packages_fault() -> None:
    with pytest.raises(ConnectorFault, match="in push_stock \\(ChannelUnsupported: corner does not declare push_stock"):
        guarded("corner", lambda: Shop(KeyError("x"))).push_stock(())


def test_a_channel_of_ours_has_no_guard() -> None:
    ours = Shop(KeyError("x"))
    assert guarded("taobao", lambda: ours) is ours
