"""A real Medusa server and the hub go the full circle, and the sandbox is held to what the server answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from connectors.medusa import checkup, client, stock
from connectors.medusa.sandbox import MedusaSandbox
from tests.connectors.contract import ITEMS, SHOPPER
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


REQUIRED = re.compile(r"total|metadata|region_id|labels")
"""Fields that Medusa's file of 2024-10 requires, and that 2.21 tells only where they are asked for, or no more."""


@dataclass(frozen=True)
class Side:
    """One of the two servers, with an order of two pieces of one item."""

    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    order: str
    item: str
    place: str

    def ask(self, method: str, path: str, key: str = "", **words: Any) -> requests.Response:
        url = f"{self.settings['shop_url']}/admin{path}"
        return requests.request(method, url, auth=(key or self.secrets["api_key"], ""), timeout=60, **words)

    def lists(self) -> list[Any]:
        """The order, inventory items and locations as the connector asks for them."""
        asked = {"/inventory-items": stock.FIELDS, "/stock-locations": checkup.FIELDS}
        return [self.shown(), *(self.ask("GET", path, params=query).json() for path, query in asked.items())]

    def shown(self) -> Any:
        """The order as the connector asks for it."""
        return self.ask("GET", f"/orders/{self.order}", params={"fields": client.FIELDS}).json()["order"]

    def fulfill(self, pieces: int, **changed: Any) -> requests.Response:
        items = [{"id": self.shown()["items"][0]["id"], "quantity": pieces}]
        body = {"items": items, "location_id": self.place, **changed}
        return self.ask("POST", f"/orders/{self.order}/fulfillments", params={"fields": client.FIELDS}, json=body)

    def level(self, stocked: Any, item: str = "", place: str = "") -> requests.Response:
        path = f"/inventory-items/{item or self.item}/location-levels/{place or self.place}"
        return self.ask("POST", path, json={"stocked_quantity": stocked})

    def new_level(self, place: str = "") -> requests.Response:
        body = {"location_id": place or self.place, "stocked_quantity": 3}
        return self.ask("POST", f"/inventory-items/{self.item}/location-levels", json=body)


@pytest.fixture(scope="module")
def real(shop: MedusaShop) -> Side:
    shop.stock_shelves({"HELD-TO": 30})
    ref = shop.place(("HELD-TO", 2))
    return Side(shop.settings, shop.secrets, ref, shop.items["HELD-TO"], shop.peer.made["location"])


@pytest.fixture(scope="module")
def ours() -> Iterator[Side]:
    sandbox = MedusaSandbox()
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    item = sandbox.books.items["MUG-RED"].id
    yield Side(sandbox.settings, sandbox.secrets, ref, item, sandbox.books.location)
    sandbox.stop()


@pytest.mark.parametrize(
    "ask",
    [
        lambda side: side.ask("GET", "/orders", key="sk_wrong"),
        lambda side: side.ask("GET", "/orders/order_none"),
        lambda side: side.ask("POST", "/orders/order_none/cancel"),
        lambda side: side.fulfill(9),
        lambda side: side.fulfill(0),
        lambda side: side.fulfill(1, items=[{"id": "ordli_none", "quantity": 1}]),
        lambda side: side.fulfill(1, location_id="sloc_none"),
        lambda side: side.fulfill(1, unknown="field"),
        lambda side: side.new_level(),
        lambda side: side.new_level("sloc_none"),
        lambda side: side.level(3, item="iitem_none"),
        lambda side: side.level(3, place="sloc_none"),
        lambda side: side.level(-3),
        lambda side: side.level("many"),
    ],
    ids=[
        "key", "order", "cancel unknown", "too many pieces", "no piece", "line", "place", "body", "level twice",
        "level at unknown place", "level of unknown item", "level where there is none", "below 0", "text",
    ],
)  # fmt: skip
def test_the_sandbox_refuses_as_the_server_does(
    real: Side, ours: Side, ask: Callable[[Side], requests.Response]
) -> None:
    theirs, told = ask(real), ask(ours)
    assert (told.status_code, told.json().get("type")) == (theirs.status_code, theirs.json().get("type"))
    assert theirs.status_code >= 400


def test_the_sandbox_tells_what_the_server_tells_and_in_the_same_kinds(
    real: Side, ours: Side, shop: MedusaShop
) -> None:
    """Of an order with a parcel, of inventory items, and of locations."""
    for side in (real, ours):
        made = side.fulfill(1).json()["order"]["fulfillments"][0]["id"]
        items = [{"id": side.shown()["items"][0]["id"], "quantity": 1}]
        label = {"tracking_number": "T-1", "tracking_url": "", "label_url": ""}
        path = f"/orders/{side.order}/fulfillments/{made}/shipments"
        assert side.ask("POST", path, json={"items": items, "labels": [label]}).ok
    for theirs, told in zip(real.lists(), ours.lists(), strict=True):
        known = _kinds(theirs)
        odd = {at: kinds for at, kinds in _kinds(told).items() if not _agree(kinds, known.get(at))}
        assert [at for at in odd if at in known or not REQUIRED.search(at)] == []


def _kinds(value: Any, at: str = "") -> dict[str, set[str]]:
    """Place of each value in a document -> its kinds; the items of a list are one place."""
    if isinstance(value, list | dict):
        pairs = value.items() if isinstance(value, dict) else (("[]", one) for one in value)
        found = dict[str, set[str]]()
        for name, one in pairs:
            for place, kinds in _kinds(one, f"{at}.{name}").items():
                found.setdefault(place, set()).update(kinds)
        return found
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {at: {"number" if number else type(value).__name__}}


def _agree(ours: set[str], theirs: set[str] | None) -> bool:
    """What is null on one side may be anything on the other."""
    return theirs is not None and ("NoneType" in ours | theirs or ours <= theirs)
