"""Orders by date of change: a last page that comes again, times without a zone, answers that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import responses

from connectors.kit.practice.sandbox import ShopItem
from connectors.magento.connector import Magento
from connectors.magento.sandbox import MagentoSandbox
from hub.canonical.errors import BadRecord, ChannelDown, InvariantBroken
from hub.ports.channel import Connection
from tests.connectors.contract import SHOPPER
from tests.connectors.magento.conftest import connect

ORDERS = "https://shop.example/rest/default/V1/orders"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def remote(**settings: str) -> Magento:
    return Magento(
        Connection(1, "m", "magento", {"shop_url": "https://shop.example", **settings}, {"access_token": "t"})
    )


def pulled(channel: Magento, cursor: str | None = None) -> list[str]:
    return [record.ref for page in channel.pull_orders(cursor) for record in page.records]


@pytest.mark.parametrize("count", [99, 100, 101, 200])
def test_orders_of_one_second_that_fill_pages_come_once_each(count: int, watched: Any) -> None:
    """After its last page Magento sends that page again: only the count says that there are no more."""
    sandbox: MagentoSandbox = watched(MagentoSandbox(clock=lambda: NOW))
    placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(count)]
    assert sorted(pulled(connect(sandbox))) == sorted(placed)


@responses.activate
def test_the_first_pull_starts_where_the_merchant_says_and_the_search_is_in_utc() -> None:
    responses.get(ORDERS, json={"items": [], "search_criteria": {"filter_groups": []}, "total_count": 0})
    assert pulled(remote(orders_since="2026-11-01")) == []
    assert pulled(remote(), "2026-11-23T08:00:00Z") == []
    one = "searchCriteria[filterGroups][0][filters][0]"
    asked = [call.request.params for call in responses.calls]
    assert [(query[f"{one}[field]"], query[f"{one}[value]"], query[f"{one}[conditionType]"]) for query in asked] == [
        ("updated_at", "2026-11-01 00:00:00", "gteq"),
        ("updated_at", "2026-11-23 07:58:00", "gteq"),
    ]


def test_the_practice_shop_writes_whole_cents_that_add_up(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox())
    sandbox.stock_shelves([ShopItem("MUG-RED", "Mug", "10.55", 9), ShopItem("TEA-GREEN", "Tea", "7.95", 9)])
    channel = connect(sandbox)
    record = channel.fetch_order(sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 3)]))
    assert record is not None
    (order,) = channel.to_orders(record)
    assert [line.tax for line in order.lines] == [Decimal("1.06"), Decimal("2.39")]
    assert (order.tax_total, order.total) == (Decimal("3.94"), Decimal("43.24"))  # the postage: 4.90 and 0.49
    assert "unexplained" not in order.extra


def test_an_order_is_found_by_its_increment_id_which_is_not_taken_for_an_id(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox())
    ref, channel = sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]), connect(sandbox)
    found = channel.find_order(f"#{int(ref):09d}")
    assert found is not None
    assert found.ref == ref
    assert channel.find_order(ref) is None
    assert channel.fetch_order(f"{int(ref):09d}") is None


@responses.activate
def test_of_two_stores_that_number_alike_the_newer_order_is_meant() -> None:
    rows = [{"entity_id": at, "increment_id": "000000007"} for at in (7, 9)]
    responses.get(ORDERS, json={"items": rows, "search_criteria": {"filter_groups": []}, "total_count": 2})
    found = remote().find_order("000000007")
    assert found is not None
    assert found.ref == "9"


@responses.activate
def test_an_empty_answer_may_have_no_list_at_all() -> None:
    responses.get(ORDERS, json={"items": None, "search_criteria": None, "total_count": 0})
    assert pulled(remote()) == []


@responses.activate
@pytest.mark.parametrize("body", [[], "cached", {"message": "maintenance"}, 7])
def test_what_is_no_answer_to_a_search_is_retried_later(body: object) -> None:
    responses.get(ORDERS, json=body)
    with pytest.raises(ChannelDown, match="something else than a list"):
        pulled(remote())


@responses.activate
def test_an_order_without_an_id_is_held_and_its_neighbors_go_on() -> None:
    rows = [{"increment_id": "1"}, {"entity_id": 7, "updated_at": "2026-11-23 08:00:00", "grand_total": 40.10}]
    responses.get(ORDERS, json={"items": rows, "search_criteria": {}, "total_count": 2})
    (page,) = remote().pull_orders(None)
    bad, good = page.records
    assert isinstance(bad.problem, BadRecord)
    assert (good.ref, good.updated_at, page.cursor) == ("7", NOW, "2026-11-23T08:00:00Z")
    assert good.raw == b'{"entity_id":7,"updated_at":"2026-11-23 08:00:00","grand_total":40.1}'


@responses.activate
def test_a_list_of_products_that_comes_twice_stops() -> None:
    rows = [{"id": number, "sku": f"P{number}", "type_id": "simple"} for number in range(1, 101)]
    products = ORDERS.replace("orders", "products")
    salable = ORDERS.replace("orders", "inventory/export-stock-salable-qty/website/base")
    responses.get(products, json={"items": rows, "search_criteria": {}, "total_count": 300})
    responses.get(salable, json={"items": [], "search_criteria": {}, "total_count": 0})
    with pytest.raises(InvariantBroken, match="items: page 2 is page 1 again"):
        list(remote().pull_listings())
