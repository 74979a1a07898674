"""Orders are read whole, from the cursor on, and mean the same whichever way they came."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from connectors.shopify.connector import Shopify
from connectors.shopify.feed import LINES_A_PAGE
from connectors.shopify.sandbox import ShopifySandbox, rest
from hub.canonical.errors import InvariantBroken
from hub.canonical.times import parse_time
from hub.ports.channel import RawRecord
from tests.connectors.shopify.shop import SHOPPER, parcel


def _queries(shop: ShopifySandbox, name: str) -> list[dict[str, object]]:
    seen: list[dict[str, object]] = []
    answer = shop.server._answer

    def listening(request: Request) -> Reply:
        body = json.loads(request.body)
        if body.get("operationName") == name:
            seen.append(body["variables"])
        return answer(request)

    shop.server._answer = listening
    return seen


def test_an_order_with_many_lines_is_completed(shop: ShopifySandbox, channel: Shopify) -> None:
    many = 2 * LINES_A_PAGE + 3
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", 9) for n in range(many)])
    ref = shop.place_order(SHOPPER, [(f"S-{n}", 1) for n in range(many)])
    more = _queries(shop, "MoreLines")
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert [line.sku for line in order.lines] == [f"S-{n}" for n in range(many)]
    assert len(more) == 2
    pulled = [record for page in channel.pull_orders(None) for record in page.records]
    assert channel.to_orders(pulled[0]) == (order,)


def test_lines_that_never_end_stop(shop: ShopifySandbox, channel: Shopify) -> None:
    ref = shop.place_order(SHOPPER, [("LAMP", 1)])
    answer = shop.server._answer

    def endless(request: Request) -> Reply:
        body = json.loads(request.body)
        body["variables"] |= {"after": None} if "after" in body["variables"] else {}
        raw = json.dumps(body | {"query": body["query"].replace("$after: String!", "$after: String")}).encode()
        reply = answer(Request(request.method, request.path, request.query, request.headers, raw))
        found = json.loads(reply.body)
        found["data"]["order"]["lineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": "again"}
        return Reply.json(found)

    shop.server._answer = endless
    with pytest.raises(InvariantBroken, match="again came twice"):
        channel.fetch_order(ref)


def test_a_pull_starts_a_little_before_its_cursor(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.place_order(SHOPPER, [("LAMP", 1)])
    (page,) = channel.pull_orders(None)
    asked = _queries(shop, "Orders")
    (again,) = channel.pull_orders(page.cursor)
    since = parse_time(page.cursor, "cursor") - timedelta(seconds=channel.spec.overlap_s)
    assert asked[0]["query"] == f"updated_at:>='{since.isoformat().replace('+00:00', 'Z')}'"
    assert (again.cursor, again.newest_at) == (page.cursor, page.newest_at)


def test_an_empty_shop_gives_an_empty_page_and_keeps_the_cursor(channel: Shopify) -> None:
    assert [(page.records, page.cursor) for page in channel.pull_orders(None)] == [((), None)]
    cursor = "2026-11-23T08:00:00Z"
    assert [(page.records, page.cursor) for page in channel.pull_orders(cursor)] == [((), cursor)]


@pytest.mark.parametrize("_case", ["placed", "edited", "cancelled", "partly shipped", "shipped"])
def test_webhook_and_query_give_the_same_order(shop: ShopifySandbox, channel: Shopify, _case: str) -> None:
    ref = shop.place_order(SHOPPER, [("LAMP", 3), ("BULB", 2)])
    if _case == "edited":
        assert shop.edit_order(ref, "LAMP", 1)
    elif _case == "cancelled":
        assert shop.cancel_order(ref)
    elif _case == "partly shipped":
        channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 1)]), key="k")
    elif _case == "shipped":
        channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 2)]), key="k")
    body = json.dumps(rest.order_body(shop.books.orders[int(ref)])).encode()
    record = channel.fetch_order(ref)
    assert record is not None
    queried, told = channel.to_orders(record), channel.to_orders(RawRecord(ref, body))
    assert [order.to_dict() for order in queried] == [order.to_dict() for order in told]
    assert "unexplained" not in queried[0].extra
