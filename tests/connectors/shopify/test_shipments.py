"""A parcel is told once, whatever happens on the way; a refusal cancels."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.kit.practice.sandbox import BookOrder
from connectors.kit.practice.server import Reply, Request
from connectors.shopify.connector import Shopify
from connectors.shopify.sandbox import ShopifySandbox
from hub.canonical.errors import BadRecord, ChannelDown, Conflict, NotFound, TimedOut
from tests.connectors.shopify.shop import SHOPPER, parcel, refusal


def _book(shop: ShopifySandbox, ref: str) -> BookOrder:
    return next(order for order in shop.book() if order.ref == ref)


def _shipped(shop: ShopifySandbox, ref: str) -> dict[str, int]:
    return {line.sku: line.shipped for line in _book(shop, ref).lines}


@pytest.fixture
def ref(shop: ShopifySandbox) -> str:
    return shop.place_order(SHOPPER, [("LAMP", 3), ("BULB", 2)])


def test_three_parcels_of_one_order_keep_their_trackings(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    for number, pieces in (("S1", [("LAMP", 1)]), ("S2", [("LAMP", 2), ("BULB", 1)]), ("S3", [("BULB", 1)])):
        channel.push_shipment(parcel(shop, ref, number, pieces), key=f"ship:{number}")
    assert _shipped(shop, ref) == {"LAMP": 3, "BULB": 2}
    assert (_book(shop, ref).state, _book(shop, ref).trackings) == ("shipped", ("TRACK-S1", "TRACK-S2", "TRACK-S3"))


def test_a_time_out_after_the_effect_is_found_by_reading_back(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    shop.faults.force("timeout_after_effect", 1)
    with pytest.raises(TimedOut):
        channel.push_shipment(told, key="ship:S1")
    channel.push_shipment(told, key="ship:S1")
    assert (_shipped(shop, ref), _book(shop, ref).trackings) == ({"LAMP": 1, "BULB": 0}, ("TRACK-S1",))


@pytest.mark.parametrize("kind", ["server_error_500", "rate_limited_429"])
def test_an_angry_answer_to_the_write_doubles_nothing(
    shop: ShopifySandbox, channel: Shopify, ref: str, kind: str
) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 2)])
    for _ in range(6):
        shop.faults.force(kind, 1)
        try:
            channel.push_shipment(told, key="ship:S1")
        except ChannelDown:
            continue
    assert (_shipped(shop, ref), _book(shop, ref).trackings) == ({"LAMP": 3, "BULB": 2}, ("TRACK-S1",))


def test_half_of_a_parcel_that_got_through_is_completed(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 2)]), key="ship:S1")
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 2)]), key="ship:S1")
    assert _shipped(shop, ref) == {"LAMP": 3, "BULB": 2}


def test_a_parcel_without_tracking_is_known_by_its_shipment_number(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)], tracking="")
    for _ in range(2):
        channel.push_shipment(told, key="ship:S1")
    assert (_shipped(shop, ref)["LAMP"], _book(shop, ref).trackings) == (1, ("S1",))


def test_a_parcel_with_more_than_remains_is_told_as_far_as_there_is_room_and_once(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 1)])
    assert shop.edit_order(ref, "LAMP", 2)
    for _ in range(2):
        channel.push_shipment(told, key="ship:S1")
    assert (_shipped(shop, ref), _book(shop, ref).trackings) == ({"LAMP": 2, "BULB": 1}, ("TRACK-S1",))


def test_a_parcel_without_any_room_is_a_conflict_and_nothing_is_told(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3)]), key="ship:S1")
    with pytest.raises(Conflict, match="too many are 1 of line"):
        channel.push_shipment(parcel(shop, ref, "S2", [("LAMP", 1)]), key="ship:S2")
    assert (_shipped(shop, ref), _book(shop, ref).trackings) == ({"LAMP": 3, "BULB": 0}, ("TRACK-S1",))


def test_an_order_that_was_cancelled_meanwhile_is_a_conflict(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    assert shop.cancel_order(ref)
    with pytest.raises(Conflict):
        channel.push_shipment(told, key="ship:S1")


def test_a_held_fulfillment_order_is_named(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    answer = shop.server._answer

    def holding(request: Request) -> Reply:
        reply = answer(request)
        return replace(reply, body=reply.body.replace(b'"status":"OPEN"', b'"status":"ON_HOLD"'))

    shop.server._answer = holding
    with pytest.raises(Conflict, match="3 are on hold or scheduled in Shopify"):
        channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 1)]), key="ship:S1")


def test_parts_at_two_locations_become_two_fulfillments_own_location_first(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    book = _book(shop, ref)
    line = f"gid://shopify/LineItem/{book.lines[0].line_ref}"
    own = f"gid://shopify/Location/{shop.settings['location_id']}"
    sent: list[Any] = []

    def part(number: int, location: str) -> dict[str, Any]:
        row = {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{number}",
            "remainingQuantity": 2,
            "lineItem": {"id": line},
        }
        lines = {"nodes": [row], "pageInfo": {"hasNextPage": False, "endCursor": None}}
        place = {"location": {"id": location}}
        id_ = f"gid://shopify/FulfillmentOrder/{number}"
        return {"id": id_, "status": "OPEN", "assignedLocation": place, "lineItems": lines}

    def two_places(request: Request) -> Reply:
        body = json.loads(request.body)
        if "fulfillmentCreate" in body["query"]:
            sent.append(body["variables"]["fulfillment"]["lineItemsByFulfillmentOrder"])
            return Reply.json({"data": {"fulfillmentCreate": {"fulfillment": {"id": "1"}, "userErrors": []}}})
        orders = [part(1, "gid://shopify/Location/5"), part(2, own)]
        connection = {"nodes": orders, "pageInfo": {"hasNextPage": False, "endCursor": None}}
        order = {"id": "o", "cancelledAt": None, "fulfillments": [], "fulfillmentOrders": connection}
        return Reply.json({"data": {"order": order}})

    shop.server._answer = two_places
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3)]), key="ship:S1")
    taken = [(group["fulfillmentOrderId"][-1], group["fulfillmentOrderLineItems"][0]["quantity"]) for (group,) in sent]
    assert taken == [("2", 2), ("1", 1)]


def test_a_fraction_of_a_piece_is_refused(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    broken = replace(told, lines=(replace(told.lines[0], quantity=Decimal("0.5")),))
    with pytest.raises(BadRecord, match="whole number"):
        channel.push_shipment(broken, key="ship:S1")


def test_an_unknown_order_is_not_found(shop: ShopifySandbox, channel: Shopify, ref: str) -> None:
    told = replace(parcel(shop, ref, "S1", [("LAMP", 1)]), order_ref="42")
    with pytest.raises(NotFound):
        channel.push_shipment(told, key="ship:S1")
    with pytest.raises(NotFound):
        channel.answer_order(refusal("42"), key="answer:42")


def test_a_refusal_cancels_for_want_of_stock_and_restocks_once(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    shop.faults.force("timeout_after_effect", 1)
    with pytest.raises(TimedOut):
        channel.answer_order(refusal(ref), key="answer:1")
    channel.answer_order(refusal(ref), key="answer:1")
    assert (_book(shop, ref).state, shop.shown_stock()) == ("refused", {"LAMP": 20, "BULB": 100})


def test_an_order_that_was_shipped_meanwhile_cannot_be_refused(
    shop: ShopifySandbox, channel: Shopify, ref: str
) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 1)]), key="ship:S1")
    with pytest.raises(Conflict, match="fulfilled items"):
        channel.answer_order(refusal(ref), key="answer:1")
    assert _book(shop, ref).state == "partial"
