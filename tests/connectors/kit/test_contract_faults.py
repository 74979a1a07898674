"""The contract refuses connectors with faults that a friendly shop would not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.contract.base import ITEMS, ContractBase
from connectors.kit.contract.receiver import Delivery
from connectors.kit.scaffold import PACKAGE
from connectors.kit.template import connector, contract
from connectors.kit.template.sandbox import PracticeShop
from hub.ports.channel import Channel, Connection, ListingOffer, Page, StockReading

MOMENT = "test_many_orders_of_one_moment_come_each_once"
OLDEST = "test_all_orders_come_oldest_first_and_no_page_goes_back"
LISTED = "test_every_item_is_a_listing_with_its_number"
WRITTEN = "test_the_number_written_is_the_number_shown"


class PageIgnored(connector.Orders):
    """Asks for the first page again and again."""

    def page(self, since: datetime | None, number: int) -> Any:
        return super().page(since, 1)


class SecondPageLost(connector.Orders):
    """Takes the first page for the last one where nothing tells the times apart."""

    def page(self, since: datetime | None, number: int) -> Any:
        return super().page(since, number)[0], False


class Faulty(connector.Shop):
    """The template's shop, with one fault each below."""


class OrdersTwice(Faulty):
    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return (replace(page, records=page.records[:1] + page.records) for page in super().pull_orders(cursor))


class ListingsTwice(Faulty):
    def pull_listings(self) -> Iterator[ListingOffer]:
        return (offer for offer in super().pull_listings() for _ in range(2))


class FloatListings(Faulty):
    def pull_listings(self) -> Iterator[ListingOffer]:
        return (replace(offer, available=float(offer.available or 0)) for offer in super().pull_listings())  # type: ignore[arg-type]


class FloatStock(Faulty):
    def read_stock(self, listings: Any) -> Iterator[StockReading]:
        return (replace(found, available=float(found.available)) for found in super().read_stock(listings))  # type: ignore[arg-type]


class StockTwice(Faulty):
    def read_stock(self, listings: Any) -> Iterator[StockReading]:
        return (found for found in super().read_stock(listings) for _ in range(2))


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The template's contract, whose connector is registered."""
    monkeypatch.setattr(registry, "_packages", lambda: {"shelfmart": PACKAGE})
    registry.spec.cache_clear()
    yield contract.TestContract()
    registry.spec.cache_clear()


@pytest.fixture
def shop(suite: Any) -> Iterator[PracticeShop]:
    shop = PracticeShop()
    shop.start()
    shop.stock_shelves(ITEMS)
    yield shop
    shop.stop()


def _channel(shop: PracticeShop, made: Callable[[Connection], Channel] = connector.CONNECTOR) -> Channel:
    return made(Connection(1, "broken", "shelfmart", shop.settings, shop.secrets))


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        (
            PageIgnored,
            "120 orders of one moment stop the pull: page 2 of the orders came twice; is each page asked for?",
        ),
        (SecondPageLost, "70 of 120 orders of one moment were not pulled"),
    ],
)
def test_a_page_that_is_not_asked_for_fails_where_many_orders_have_one_time(
    suite: Any, shop: PracticeShop, monkeypatch: pytest.MonkeyPatch, orders: type[connector.Orders], words: str
) -> None:
    monkeypatch.setattr(connector, "Orders", orders)
    with pytest.raises(AssertionError) as failed:
        getattr(suite, MOMENT)(shop, _channel(shop))
    assert str(failed.value).splitlines()[0] == words


@pytest.mark.parametrize(
    ("made", "test", "words"),
    [
        (OrdersTwice, OLDEST, "orders that come twice on a page: "),
        (OrdersTwice, MOMENT, "orders that came twice in one pull in which nothing changed"),
        (ListingsTwice, LISTED, "listings that come twice: "),
        (FloatListings, LISTED, "numbers of listings that are no int: {'MUG-RED': "),
        (FloatStock, WRITTEN, "numbers that were read and are no int"),
        (StockTwice, WRITTEN, "listings that are read twice"),
    ],
)
def test_what_comes_twice_or_is_no_whole_number_fails(
    suite: Any, shop: PracticeShop, made: type[Faulty], test: str, words: str
) -> None:
    getattr(suite, test)(shop, _channel(shop))
    shop.stock_shelves(ITEMS)
    shop.shop.orders.clear()
    with pytest.raises(AssertionError) as failed:
        getattr(suite, test)(shop, _channel(shop, made))
    assert str(failed.value).splitlines()[0].startswith(words)


def test_a_contract_that_stops_no_clock_says_where_it_is_stopped(shop: PracticeShop) -> None:
    class Unstopped(contract.TestContract):
        stop_clock = ContractBase.stop_clock

    with pytest.raises(NotImplementedError, match=r"^stop_clock in contract\.py: stop the practice shop's clock$"):
        Unstopped().test_many_orders_of_one_moment_come_each_once(shop, _channel(shop))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", 'contract.py names no header: signature_header = "x-…" (small letters), the one with the signature'),
        ("x-sig", "contract.py: signature_header = 'x-sig', and what came has: content-type, x-signature"),
    ],
)
def test_a_signature_header_that_is_forgotten_or_misspelt_is_told(suite: Any, header: str, words: str) -> None:
    class Signed(contract.TestContract):
        signature_header = header

    with pytest.raises(AssertionError) as failed:
        Signed().signature_of(Delivery({"content-type": "x", "x-signature": "y"}, b""))
    assert str(failed.value).splitlines()[0] == words


def test_a_setting_that_the_passport_lacks_is_told_with_those_that_it_has(shop: PracticeShop) -> None:
    with pytest.raises(LookupError) as fault:
        connector.given(Connection(1, "x", "shelfmart", {}, {}), connector.SPEC, "tokn")
    assert str(fault.value) == "the passport has no 'tokn'; it has shop_url, orders_since, calls_per_second, token"
