"""PyPI's `ShopifyAPI`, a client that is not ours, talks to the sandbox over its own transport."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import shopify
from pyactiveresource.connection import ResourceNotFound, UnauthorizedAccess

from connectors.kit.practice.sandbox import ShopItem
from connectors.shopify.sandbox import ShopifySandbox
from tests.connectors.shopify.shop import SHOPPER


@pytest.fixture
def client(shop: ShopifySandbox) -> Iterator[ShopifySandbox]:
    """A session of the library: it builds "127" + "." + domain + ":" + port, which is this machine."""
    shopify.Session.setup(protocol="http", myshopify_domain="0.0.1", port=shop.server.port)
    session = shopify.Session("127.0.0.1", "2026-07", shop.secrets["access_token"])
    shopify.ShopifyResource.activate_session(session)
    assert shopify.ShopifyResource.site == f"{shop.server.url}/admin/api/2026-07"
    yield shop
    shopify.ShopifyResource.clear_session()
    shopify.Session.setup(protocol="https", myshopify_domain="myshopify.com", port=None)


def test_it_finds_orders_and_one_order_by_id(client: ShopifySandbox) -> None:
    first = client.place_order(SHOPPER, [("LAMP", 2)])
    gone = client.place_order(SHOPPER, [("BULB", 1)])
    client.cancel_order(gone)
    assert [str(order.id) for order in shopify.Order.find()] == [first]  # open ones, as REST lists them
    assert [str(order.id) for order in shopify.Order.find(status="any")] == [first, gone]
    order = shopify.Order.find(int(first))
    assert (order.name, order.currency, order.total_price) == ("#1001", "USD", "69.70")
    assert [(line.sku, line.quantity, line.current_quantity) for line in order.line_items] == [("LAMP", 2, 2)]
    assert (order.shipping_address.city, order.email) == ("Bristol", "ana@example.com")


def test_it_pages_through_products(client: ShopifySandbox) -> None:
    client.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", n) for n in range(10)])
    page = shopify.Product.find(limit=5)
    found = [variant.sku for product in page for variant in product.variants]
    while page.has_next_page():
        page = page.next_page()
        found += [variant.sku for product in page for variant in product.variants]
    assert found == ["LAMP", "BULB", *(f"S-{n}" for n in range(10))]
    assert shopify.Order.count() == 0


def test_it_reads_the_shop_and_its_locations(client: ShopifySandbox) -> None:
    assert shopify.Shop.current().currency == "USD"
    assert [str(place.id) for place in shopify.Location.find()] == [client.settings["location_id"]]
    assert "read_orders" in [scope.handle for scope in shopify.AccessScope.find()]


def test_its_graphql_client_reads_and_writes(client: ShopifySandbox) -> None:
    ref = client.place_order(SHOPPER, [("LAMP", 1)])
    query = "query One($id: ID!) { order(id: $id) { name totalPriceSet { shopMoney { amount } } } }"
    body = json.loads(shopify.GraphQL().execute(query, {"id": f"gid://shopify/Order/{ref}"}, "One"))
    assert body["data"]["order"] == {"name": "#1001", "totalPriceSet": {"shopMoney": {"amount": "37.3"}}}
    write = """mutation Cancel($id: ID!) {
      orderCancel(orderId: $id, reason: STAFF, restock: true) { orderCancelUserErrors { message } }
    }"""
    body = json.loads(shopify.GraphQL().execute(write, {"id": f"gid://shopify/Order/{ref}"}))
    assert body["data"]["orderCancel"]["orderCancelUserErrors"] == []
    assert client.book()[0].state == "cancelled"


def test_it_is_refused_what_is_not_there_and_what_it_may_not(client: ShopifySandbox) -> None:
    with pytest.raises(ResourceNotFound):
        shopify.Order.find(42)
    shopify.ShopifyResource.headers["X-Shopify-Access-Token"] = "shpat_wrong"
    with pytest.raises(UnauthorizedAccess):
        shopify.Order.find()
