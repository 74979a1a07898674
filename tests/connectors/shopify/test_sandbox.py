"""The sandbox refuses what Shopify refuses, keeps its own books, and rings like Shopify."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import requests

from connectors.kit.contract.receiver import Receiver, receiving
from connectors.kit.practice.sandbox import Faults
from connectors.shopify.sandbox import ShopifySandbox, books
from connectors.shopify.webhooks import named, read_webhook
from tests.connectors.shopify.shop import ITEMS, SHOPPER, ask

SET = """
mutation Set($input: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $input) %s { inventoryAdjustmentGroup { id } userErrors { code field } }
}
"""
SHIP = """
mutation Ship($f: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $f) { fulfillment { id } userErrors { message } }
}
"""


def _set(shop: ShopifySandbox, key: str | None, quantity: int, **more: Any) -> dict[str, Any]:
    item = shop.books.items["LAMP"]
    line = {
        "inventoryItemId": f"gid://shopify/InventoryItem/{item.inventory_item_id}",
        "locationId": f"gid://shopify/Location/{shop.books.location_id}",
        "quantity": quantity,
        "changeFromQuantity": None,
    } | more
    directive = f'@idempotent(key: "{key}")' if key is not None else ""
    input_ = {"name": "available", "reason": "correction", "quantities": [line]}
    return ask(shop, SET % directive, {"input": input_})


def _codes(body: dict[str, Any]) -> list[str]:
    return [error["code"] for error in body["data"]["inventorySetQuantities"]["userErrors"]]


def test_a_wrong_or_missing_token_is_401_everywhere(shop: ShopifySandbox) -> None:
    for path in (
        "/admin/api/2026-07/graphql.json",
        "/admin/api/2026-07/orders.json",
        "/admin/oauth/access_scopes.json",
    ):
        for headers in ({}, {"X-Shopify-Access-Token": "shpat_wrong"}):
            answer = requests.post(
                shop.server.url + path, json={"query": "{ shop { id } }"}, headers=headers, timeout=5
            )
            assert answer.status_code == 401


def test_another_api_version_is_not_there(shop: ShopifySandbox) -> None:
    headers = {"X-Shopify-Access-Token": shop.secrets["access_token"]}
    url = f"{shop.server.url}/admin/api/2020-01/graphql.json"
    assert requests.post(url, json={"query": "{ shop { id } }"}, headers=headers, timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("_case", "query", "words"),
    [
        ("unknown field", "{ shop { id motto } }", "Cannot query field 'motto'"),
        ("syntax", "{ shop {", "Syntax Error"),
        ("missing argument", "{ order { id } }", "is required"),
        ("no page size", "{ orders { nodes { id } } }", "first must be"),
        ("page too large", "{ orders(first: 251) { nodes { id } } }", "first must be"),
        ("search", '{ orders(first: 1, query: "colour:red") { nodes { id } } }', "cannot search"),
        ("id of another kind", '{ order(id: "gid://shopify/Product/1") { id } }', "Invalid global id"),
        ("bare id", '{ order(id: "1") { id } }', "Invalid global id"),
        ("cursor", '{ orders(first: 1, after: "x") { nodes { id } } }', "Invalid cursor"),
    ],
)
def test_a_bad_document_is_refused(shop: ShopifySandbox, _case: str, query: str, words: str) -> None:
    errors = ask(shop, query)["errors"]
    assert words in errors[0]["message"]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b'{"query": 1}', b'{"query": "{shop{id}}", "variables": [1]}']
)
def test_a_body_that_is_no_graphql_request_is_400(shop: ShopifySandbox, raw: bytes) -> None:
    headers = {"X-Shopify-Access-Token": shop.secrets["access_token"]}
    url = f"{shop.server.url}/admin/api/2026-07/graphql.json"
    assert requests.post(url, data=raw, headers=headers, timeout=5).status_code == 400


def test_stock_needs_an_idempotency_key(shop: ShopifySandbox) -> None:
    assert "@idempotent directive is required" in _set(shop, None, 5)["errors"][0]["message"]
    assert "cannot be empty" in _set(shop, " ", 5)["errors"][0]["message"]
    assert shop.shown_stock()["LAMP"] == 20


def test_the_same_key_gives_the_first_result_again_and_other_variables_an_error(shop: ShopifySandbox) -> None:
    first = _set(shop, "k-1", 5)
    shop.change_stock_by_hand("LAMP", 9)
    assert _set(shop, "k-1", 5)["data"] == first["data"]
    assert shop.shown_stock()["LAMP"] == 9
    assert _codes(_set(shop, "k-1", 6)) == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]


def test_a_key_whose_first_try_failed_is_used_up(shop: ShopifySandbox) -> None:
    assert _codes(_set(shop, "k-1", 5, changeFromQuantity=3)) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert _codes(_set(shop, "k-1", 5, changeFromQuantity=3)) == ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]


def test_the_number_to_change_from_must_be_said_even_when_it_is_null(shop: ShopifySandbox) -> None:
    query = SET % '@idempotent(key: "k")'
    line = {"inventoryItemId": "gid://shopify/InventoryItem/1", "locationId": "gid://shopify/Location/1", "quantity": 1}
    body = ask(shop, query, {"input": {"name": "available", "reason": "correction", "quantities": [line]}})
    assert "changeFromQuantity must be given" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/1"}, "INVALID_LOCATION"),
        ({"quantity": 1_000_000_001}, "INVALID_QUANTITY_TOO_HIGH"),
        ({"changeFromQuantity": 19}, "CHANGE_FROM_QUANTITY_STALE"),
    ],
)
def test_a_wrong_stock_line_is_named_and_nothing_is_written(
    shop: ShopifySandbox, change: dict[str, Any], code: str
) -> None:
    body = _set(shop, "k", change.pop("quantity", 5), **change)
    error = body["data"]["inventorySetQuantities"]["userErrors"][0]
    assert (error["code"], error["field"][:3]) == (code, ["input", "quantities", "0"])
    assert shop.shown_stock()["LAMP"] == 20


def test_shipping_more_than_remains_is_refused(shop: ShopifySandbox) -> None:
    order = shop.books.orders[int(shop.place_order(SHOPPER, [("LAMP", 2)]))]
    line = f"gid://shopify/FulfillmentOrderLineItem/{order.lines[0].fulfillment_line_id}"
    group = {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{order.fulfillment_order_id}"}
    for pieces in (3, 0, -1):
        group["fulfillmentOrderLineItems"] = [{"id": line, "quantity": pieces}]  # type: ignore[assignment]
        body = ask(shop, SHIP, {"f": {"lineItemsByFulfillmentOrder": [group]}})
        assert "Invalid fulfillment order line item quantity" in str(body["data"]["fulfillmentCreate"]["userErrors"])
    assert order.shipped == 0
    del group["fulfillmentOrderLineItems"]  # without a list: all that remains
    assert (
        ask(shop, SHIP, {"f": {"lineItemsByFulfillmentOrder": [group]}})["data"]["fulfillmentCreate"]["userErrors"]
        == []
    )
    assert (order.shipped, order.state) == (2, "shipped")
    again = ask(shop, SHIP, {"f": {"lineItemsByFulfillmentOrder": [group]}})
    assert "not in an open state" in str(again["data"]["fulfillmentCreate"]["userErrors"])


def test_a_query_beyond_the_single_limit_and_one_beyond_the_bucket_are_told_apart() -> None:
    shop = ShopifySandbox(points=900.0, points_per_second=1.0)
    shop.start()
    try:
        lines = "lineItems(first: 250) { nodes { id variant { id } originalUnitPriceSet { shopMoney { amount } } } }"
        nodes = f"nodes {{ id totalPriceSet {{ shopMoney {{ amount }} }} {lines} }}"
        huge = ask(shop, f"{{ orders(first: 250) {{ {nodes} }} }}")["errors"][0]["extensions"]
        assert (huge["code"], huge["maxCost"]) == ("MAX_COST_EXCEEDED", 1000)
        shop.bucket.take(880)
        body = ask(shop, f"{{ orders(first: 25) {{ {nodes} }} }}")
        assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
        cost = body["extensions"]["cost"]
        assert cost["requestedQueryCost"] > cost["throttleStatus"]["currentlyAvailable"]
    finally:
        shop.stop()


def test_the_shop_sells_without_looking_and_counts_its_own_books(shop: ShopifySandbox) -> None:
    ref = shop.place_order(SHOPPER, [("LAMP", 25), ("BULB", 4)])
    assert shop.shown_stock() == {"LAMP": -5, "BULB": 96}
    assert shop.edit_order(ref, "LAMP", 10)
    assert not shop.edit_order(ref, "LAMP", 10)
    assert shop.shown_stock()["LAMP"] == 10
    (book,) = shop.book()
    assert [(line.sku, line.ordered, line.current) for line in book.lines] == [("LAMP", 25, 10), ("BULB", 4, 4)]
    assert shop.cancel_order(ref)
    assert not shop.cancel_order(ref)
    assert not shop.edit_order(ref, "BULB", 1)
    assert shop.shown_stock() == {"LAMP": 20, "BULB": 100}
    assert (shop.book()[0].state, shop.faults.counts["order_edited"], shop.faults.counts["order_cancelled"]) == (
        "cancelled", 1, 1,
    )  # fmt: skip


def test_ids_are_too_large_for_a_float(shop: ShopifySandbox) -> None:
    ref = shop.place_order(SHOPPER, [("LAMP", 1)])
    order = shop.books.orders[int(ref)]
    ids = [order.id, order.lines[0].id, order.fulfillment_order_id, shop.books.items["LAMP"].inventory_item_id]
    assert all(id_ > 2**53 for id_ in ids)
    assert len(set(ids)) == len(ids)


def test_the_same_seed_gives_the_same_shop() -> None:
    one, two, other = ShopifySandbox(5), ShopifySandbox(5), ShopifySandbox(6)
    for sandbox in (one, two, other):
        sandbox.stock_shelves(ITEMS)
    assert one.secrets == two.secrets != other.secrets
    assert one.books.items == two.books.items != other.books.items


def test_old_orders_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "KEPT_ORDERS", 3)
    shop = ShopifySandbox()
    shop.stock_shelves(ITEMS)
    refs = [shop.place_order(SHOPPER, [("BULB", 1)]) for _ in range(3)]
    shop.cancel_order(refs[1])
    refs.append(shop.place_order(SHOPPER, [("BULB", 1)]))
    assert [order.ref for order in shop.book()] == [refs[0], refs[2], refs[3]]
    assert len(shop.books.by_fulfillment_order) == 3


def _subscribed(shop: ShopifySandbox, url: str, *topics: str) -> None:
    for topic in topics:
        assert shop.hooks.subscribe(shop.books.new_id(), topic, url)


def _topics(receiver: Receiver, count: int) -> list[str]:
    return [str(named(got.headers, "topic")) for got in receiver.wait(lambda got: len(got) >= count)]


ALL = (
    "ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_EDITED", "ORDERS_CANCELLED", "REFUNDS_CREATE", "FULFILLMENTS_CREATE",
    "ORDERS_FULFILLED", "INVENTORY_LEVELS_UPDATE",
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_each_change_rings_its_topics_signed_under_either_spelling(seed: int) -> None:
    shop = ShopifySandbox(seed)
    shop.stock_shelves(ITEMS)
    shop.start()
    try:
        with receiving() as receiver:
            _subscribed(shop, receiver.url, *ALL)
            ref = shop.place_order(SHOPPER, [("LAMP", 2)])
            shop.edit_order(ref, "LAMP", 1)
            shop.cancel_order(ref)
            level = "inventory_levels/update"
            assert _topics(receiver, 9) == [
                level, "orders/create",
                level, "orders/edited", "orders/updated",
                level, "orders/cancelled", "refunds/create", "orders/updated",
            ]  # fmt: skip
            for got in receiver.got:
                read_webhook(got.headers, got.body, [shop.secrets["webhook_secret"]])
            spelled = {name for got in receiver.got for name in got.headers if name.endswith("hmac-sha256")}
            assert spelled == {"shopify-hmac-sha256" if seed else "x-shopify-hmac-sha256"}
            amounts = [json.loads(got.body)["available"] for got in receiver.got if b'"available"' in got.body]
            assert amounts == [18, 19, 20]
    finally:
        shop.stop()


def test_a_subscription_whose_deliveries_fail_is_deleted(shop: ShopifySandbox) -> None:
    shop.hooks.deliverer._backoff = (0.01,) * 8
    with receiving() as receiver:
        receiver.status = 500
        _subscribed(shop, receiver.url, "ORDERS_CREATE")
        shop.place_order(SHOPPER, [("LAMP", 1)])
        assert shop.hooks.deliverer.wait_idle()
        assert len(receiver.got) == 9  # the first and eight retries
        ids = {named(got.headers, "webhook-id") for got in receiver.got}
        assert len(ids) == 1
        assert shop.hooks.subscriptions == ()


def test_faults_of_webhooks_are_counted(shop: ShopifySandbox) -> None:
    kinds = ("webhook_lost", "webhook_late", "webhook_doubled", "webhook_reordered")
    shop.hooks.deliverer.late_s = 0.05
    with receiving() as receiver:
        _subscribed(shop, receiver.url, "ORDERS_CREATE")
        for kind in kinds:
            shop.faults.force(kind)
            shop.place_order(SHOPPER, [("BULB", 1)])
        shop.place_order(SHOPPER, [("BULB", 1)])
        assert shop.hooks.deliverer.wait_idle()
        assert len(receiver.got) == 5  # one lost, one doubled
    assert [shop.faults.counts[kind] for kind in kinds] == [1, 1, 1, 1]


def test_threads_may_share_the_shop() -> None:
    shop = ShopifySandbox(faults=Faults(3))
    shop.stock_shelves(ITEMS)
    shop.start()

    def shopping() -> None:
        for _ in range(25):
            ref = shop.place_order(SHOPPER, [("BULB", 1)])
            ask(shop, "{ orders(first: 50) { nodes { id lineItems(first: 5) { nodes { id } } } } }")
            shop.cancel_order(ref)

    try:
        threads = [threading.Thread(target=shopping) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert shop.shown_stock()["BULB"] == 100
        assert len(shop.book()) == 100
    finally:
        shop.stop()
