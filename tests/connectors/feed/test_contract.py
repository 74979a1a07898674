"""The passport's part of the shared contract; the rest has nothing to ask of a channel that is never called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from connectors.feed.connector import CONNECTOR
from connectors.kit.contract.claims import ClaimsContract
from connectors.kit.contract.passport import PassportContract
from connectors.kit.practice.sandbox import Sandbox, ShopItem
from hub.ports.channel import Can, Connection


class Nobody:
    """Stands where a sandbox would: there is nobody to be reached."""

    channel = "feed"
    settings: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}

    def start(self) -> None:
        """Nothing runs."""

    def stop(self) -> None:
        """Nothing ran."""

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        """The dealer's shelves are his own."""


class TestFeed(ClaimsContract, PassportContract):
    def make_sandbox(self) -> Sandbox:
        return cast(Any, Nobody())


def test_it_is_asked_for_nothing_but_its_feed() -> None:
    channel = CONNECTOR(Connection(1, "dealer", "feed", {}, {}))
    assert channel.spec.can == {Can.STOCK_FEED}
    assert repr(channel) == "Feed('dealer')"
