"""A world's shops are connected even where the machine is busy: an address that proves itself late is asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.contract.receiver import Receiver, receiving
from demo import world
from hub.settings import load
from hub.usecases.prove_address import prove_address
from hub.wiring import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    settings = load(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/hub.sqlite3", broker_url="")
    with Hub(settings) as made:
        yield made


def shop_of_ebay(hub: Hub) -> world.World:
    world.empty(hub)
    return world.build(hub, 1, [lambda seed, faults: EbaySandbox(seed, faults)])


def late(hub: Hub, receiver: Receiver, silent: int) -> str:
    """The address that answers wrong `silent` times, then as the hub does."""
    address, asked = receiver.url.removesuffix("/webhooks/1"), list[Mapping[str, str]]()

    def answer(query: Mapping[str, str]) -> str:
        asked.append(query)
        name = "demo-ebay"
        right = prove_address(hub.context("web"), name, query, f"{address}/webhooks/{name}")
        return "" if len(asked) <= silent else right

    receiver.answer = answer
    return address


def test_a_shop_whose_proof_came_late_is_asked_again_until_it_is_well(hub: Hub) -> None:
    built = shop_of_ebay(hub)
    with receiving() as receiver:
        assert world.connect_webhooks(built, late(hub, receiver, silent=1)) == []
    world.close(built)


def test_a_shop_that_stays_unwell_is_told_when_patience_ends(hub: Hub) -> None:
    built = shop_of_ebay(hub)
    with receiving() as receiver:
        troubles = world.connect_webhooks(built, late(hub, receiver, silent=99), patience_s=0.0)
    world.close(built)
    said = "eBay did not take it: The endpoint did not answer the challenge as expected"
    assert troubles == [f"demo-ebay: notification address: {said}"]
