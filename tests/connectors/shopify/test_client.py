"""GraphQL errors become ours, the cost limit is kept, and reads shrink until Shopify takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.shopify.client import GraphQL
from connectors.shopify.connector import Shopify
from connectors.shopify.documents import ORDERS, SHIP, SHOP
from connectors.shopify.sandbox import ShopifySandbox
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    InvariantBroken,
    Misconfigured,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.rules.pacing import Limit
from tests.connectors.shopify.shop import SHOPPER, channel_of


@pytest.fixture
def graph(channel: Shopify) -> GraphQL:
    return channel._graph


def _answering(shop: ShopifySandbox, *bodies: Any, status: int = 200) -> list[dict[str, Any]]:
    """Let the shop answer with these bodies (the last one for ever); gives what it was asked."""
    asked: list[dict[str, Any]] = []

    def answer(request: Request) -> Reply:
        asked.append(json.loads(request.body or b"{}"))
        body = bodies[min(len(asked), len(bodies)) - 1]
        return Reply(status, body) if isinstance(body, bytes) else Reply.json(body, status)

    shop.server._answer = answer
    return asked


def _error(code: str, **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": f"because of {code}", "extensions": {"code": code}}], **more}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ACCESS_DENIED", AuthFailed),
        ("UNAUTHORIZED", AuthFailed),
        ("SHOP_INACTIVE", Misconfigured),
        ("INTERNAL_SERVER_ERROR", ChannelDown),
        ("BAD_REQUEST", InvariantBroken),
        ("undefinedField", InvariantBroken),
    ],
)
def test_an_error_code_becomes_our_error(
    shop: ShopifySandbox, graph: GraphQL, code: str, expected: type[StocklineError]
) -> None:
    _answering(shop, _error(code))
    with pytest.raises(expected, match=f"because of {code}"):
        graph.query(SHOP, {})


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, AuthFailed), (403, AuthFailed), (402, Misconfigured), (423, Misconfigured), (404, Misconfigured)],
)
def test_a_status_becomes_our_error(
    shop: ShopifySandbox, graph: GraphQL, status: int, expected: type[StocklineError]
) -> None:
    _answering(shop, {"errors": "no"}, status=status)
    with pytest.raises(expected):
        graph.query(SHOP, {})


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"data": null}', b'{"data": []}'])
def test_an_answer_without_data_is_silence(shop: ShopifySandbox, graph: GraphQL, body: bytes) -> None:
    _answering(shop, body)
    with pytest.raises((ChannelDown, TimedOut)):
        graph.query(SHOP, {})
    with pytest.raises(TimedOut):  # a write may have happened
        graph.mutate(SHIP, {"fulfillment": {}})


def test_throttled_names_the_wait_that_the_bucket_needs(shop: ShopifySandbox, graph: GraphQL) -> None:
    cost = {
        "requestedQueryCost": 400,
        "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": 150, "restoreRate": 50.0},
    }
    _answering(shop, _error("THROTTLED", extensions={"cost": cost}))
    with pytest.raises(Throttled) as caught:
        graph.query(SHOP, {})
    assert caught.value.retry_after == 5.0


def test_a_429_with_retry_after_is_throttled(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.faults.force("rate_limited_429", 10)
    with pytest.raises(Throttled) as caught:
        channel.fetch_order("1")
    assert caught.value.retry_after == 1.0


def test_a_query_that_is_too_costly_is_asked_in_smaller_pages_and_that_is_remembered(
    shop: ShopifySandbox, graph: GraphQL
) -> None:
    fine = {"data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
    asked = _answering(shop, _error("MAX_COST_EXCEEDED"), _error("MAX_COST_EXCEEDED"), fine)
    variables = {"first": 25, "lines": 3, "after": None, "query": None}
    for _ in range(2):
        assert graph.query(ORDERS, variables, sizes=("first", "lines")) == fine["data"]
    sizes = [(call["variables"]["first"], call["variables"]["lines"]) for call in asked]
    assert sizes == [(25, 3), (12, 1), (6, 1), (6, 1)]


def test_a_query_that_is_too_costly_at_any_size_stops(shop: ShopifySandbox, graph: GraphQL) -> None:
    asked = _answering(shop, _error("MAX_COST_EXCEEDED"))
    with pytest.raises(InvariantBroken):
        graph.query(ORDERS, {"first": 4, "lines": 1, "after": None, "query": None}, sizes=("first", "lines"))
    assert [call["variables"]["first"] for call in asked] == [4, 2, 1]


def test_our_own_bucket_keeps_the_shop_from_throttling() -> None:
    shop = ShopifySandbox(points=1000.0, points_per_second=2000.0)
    shop.start()
    try:
        channel = channel_of(shop)
        for _ in range(40):
            channel.fetch_order("999")
        assert shop.bucket.status()["maximumAvailable"] == 1000.0
        assert channel._graph._bucket.limit == Limit(2000.0, 1000.0)
    finally:
        shop.stop()


def test_a_throttled_shop_says_so_and_recovers() -> None:
    shop = ShopifySandbox(points=200.0, points_per_second=1.0)
    shop.start()
    try:
        shop.stock_shelves([])
        with pytest.raises(Throttled) as caught:
            for _ in range(100):
                channel_of(shop).fetch_order("999")  # each a process of its own, with a full bucket of its own
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after < 200
        shop.bucket.give_back(1000)
        assert channel_of(shop).fetch_order("999") is None
    finally:
        shop.stop()


def test_a_write_is_never_repeated_by_the_client(shop: ShopifySandbox, graph: GraphQL) -> None:
    asked = _answering(shop, {"errors": "down"}, status=503)
    with pytest.raises(ChannelDown):
        graph.mutate(SHIP, {"fulfillment": {}})
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"shop_url": ""}, "shop_url is not set"),
        ({"shop_url": "http://my-shop.myshopify.com"}, "not https"),
        (
            {"shop_url": "https://me:pass@my-shop.myshopify.com"},
            "shop_url = 'https://my-shop.myshopify.com': leave out what stands before the @",
        ),
        ({"api_version": "latest"}, "api_version 'latest'"),
    ],
)
def test_a_wrong_setting_is_named(shop: ShopifySandbox, settings: Mapping[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        channel_of(shop, **settings)


@pytest.fixture
def findings(shop: ShopifySandbox) -> Callable[..., dict[str, tuple[bool, bool]]]:
    def look(url: str | None = None, **settings: str) -> dict[str, tuple[bool, bool]]:
        return {f.what: (f.ok, f.repaired) for f in channel_of(shop, **settings).check(url)}

    return look


def test_check_makes_the_subscriptions_and_mends_a_deleted_one(
    shop: ShopifySandbox, findings: Callable[..., dict[str, tuple[bool, bool]]]
) -> None:
    url = "http://127.0.0.1:9/webhooks/1"
    first = findings(url)
    made = {what for what, (ok, repaired) in first.items() if ok and repaired}
    assert len(made) == len(shop.hooks.subscriptions) == 8
    assert all(repaired is False for _, repaired in findings(url).values())
    gone = next(made for made in shop.hooks.subscriptions if made.topic == "ORDERS_UPDATED")
    shop.hooks.unsubscribe(gone.id)
    again = findings(url)
    assert [what for what, (_, repaired) in again.items() if repaired] == ["webhook ORDERS_UPDATED"]
    assert all(ok for ok, _ in again.values())


def test_a_subscription_that_shopify_refuses_is_told_in_its_words(shop: ShopifySandbox) -> None:
    shop.hooks.subscribe = lambda *_: None  # type: ignore[assignment]
    refused = [f for f in channel_of(shop).check("http://127.0.0.1:9/webhooks/1") if not f.ok]
    assert len(refused) == 8
    assert {f.mend for f in refused} == {"Shopify refused it: Address for this topic has already been taken"}


def test_check_refuses_a_callback_that_shopify_would_refuse(
    findings: Callable[..., dict[str, tuple[bool, bool]]],
) -> None:
    assert findings("http://hub.example/webhooks/1")["webhooks"] == (False, False)


def test_check_names_each_missing_scope(shop: ShopifySandbox, channel: Shopify) -> None:
    answer = shop.server._answer

    def poorer(request: Request) -> Reply:
        if request.path.endswith("access_scopes.json"):
            return Reply.json({"access_scopes": [{"handle": "write_orders"}, {"handle": "read_inventory"}]})
        if b"locations(" in request.body or b"webhookSubscriptions(" in request.body:
            denied = {"message": "Access denied for locations field.", "extensions": {"code": "ACCESS_DENIED"}}
            return Reply.json({"data": None, "errors": [denied]})
        return answer(request)

    shop.server._answer = poorer
    token, finding = channel.check("https://hub.example/webhooks/1")
    assert (token.what, token.ok, finding.what, finding.ok) == ("access token", True, "access scopes", False)
    assert finding.mend.startswith(
        "missing: read_products, write_inventory, read_locations, read_merchant_managed_fulfillment_orders, "
        "write_merchant_managed_fulfillment_orders;"
    )


def test_the_only_location_is_found_and_a_wrong_one_is_named(
    shop: ShopifySandbox, findings: Callable[..., dict[str, tuple[bool, bool]]]
) -> None:
    main = f"location Main ({shop.settings['location_id']})"
    assert findings(location_id="")[main] == (True, False)
    assert findings(location_id="42")["location"] == (False, False)
    offers = list(channel_of(shop, location_id="").pull_listings())
    assert {offer.place["location_id"] for offer in offers} == {shop.settings["location_id"]}


def test_an_open_choice_of_locations_names_them(shop: ShopifySandbox, channel: Shopify) -> None:
    nodes = [
        {"id": f"gid://shopify/Location/{n}", "name": f"Hall {n}", "isActive": True, "fulfillsOnlineOrders": True}
        for n in (7, 8)
    ]
    _answering(shop, {"data": {"locations": {"nodes": nodes}}})
    with pytest.raises(Misconfigured, match="Hall 7 = 7, Hall 8 = 8"):
        list(channel_of(shop, location_id="").pull_listings())


def test_an_order_is_never_accepted_because_shopify_asks_for_no_word(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.place_order(SHOPPER, [("LAMP", 1)])
    assert "accept_order" not in {str(can) for can in channel.spec.can}
