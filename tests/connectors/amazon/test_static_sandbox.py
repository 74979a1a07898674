"""Amazon's static sandbox: each request that it names goes out exactly so, and each answer is understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses

from connectors.amazon.client import Seller
from connectors.amazon.connector import Amazon
from connectors.amazon.operations import OPERATIONS
from connectors.amazon.orders import read_orders
from connectors.amazon.spec import LOGIN, REGIONS
from connectors.amazon.stock import offer_of, refused_by
from connectors.kit.values import rows_of
from connectors.kit.wire.http import Answer
from hub.canonical.errors import Rejected
from hub.ports.channel import Connection, Dispatch, DispatchLine, ListingOffer

pytestmark = pytest.mark.data
Pair = dict[str, Any]
KEYS = {"client_secret": "s-secret", "refresh_token": "Atzr|r-secret"}
SETTINGS = {"client_id": "me", "seller_id": "SELLER", "marketplaces": "ATVPDKIKX0DER"}
CONNECTION = Connection(1, "a", "amazon", SETTINGS, KEYS)
UNNAMED = {"sellerId": "SELLER", "sku": "GM-ZDPI-9B4E", "feedId": "1", "feedDocumentId": "1", "notificationType": "X"}
"""What a pair leaves open, but an address needs."""


USED = [
    ("confirmShipment", "204"), ("confirmShipment", "400"), ("createDestination", "200"), ("createFeed", "400"),
    ("createFeedDocument", "400"), ("createSubscription", "200"), ("getDestinations", "200"), ("getFeed", "400"),
    ("getFeedDocument", "200"), ("getFeedDocument", "400"), ("getListingsItem", "200"), ("getOrder", "200"),
    ("getOrder", "200"), ("getSubscription", "200"), ("patchListingsItem", "200"), ("patchListingsItem", "200"),
    ("searchListingsItems", "200"), ("searchListingsItems", "400"), ("searchOrders", "200"), ("searchOrders", "200"),
]  # fmt: skip
"""Every pair of an operation that is used; the same name in another model is another operation."""


@pytest.fixture
def pairs(shared_data: Path) -> list[Pair]:
    found: list[Pair] = json.loads((shared_data / "amazon" / "sandbox_pairs_shared.json").read_text(encoding="utf-8"))
    ours = {name: one.path for name, one in OPERATIONS.items()}
    return [pair for pair in found if ours.get(pair["operationId"]) == pair["path"]]


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"{LOGIN}/auth/o2/token", json={"access_token": "t", "expires_in": 3600, "token_type": "bearer"})
        yield mock


def asked(pair: Pair) -> tuple[dict[str, str], Any, dict[str, str]]:
    """(query, body, what stands in the address) of a pair."""
    given = {name: one["value"] for name, one in pair["request"]["parameters"].items() if "value" in one}
    body = given.pop("body", None)
    names = re.findall(r"\{(\w+)\}", pair["path"])
    way = {name: str(given.pop(name, UNNAMED.get(name))) for name in names}
    return {name: ",".join(one) if isinstance(one, list) else str(one) for name, one in given.items()}, body, way


def wait(pair: Pair, wire: responses.RequestsMock) -> str:
    """Amazon's answer waits where the pair's request goes; returns its address."""
    url = REGIONS["na"] + pair["path"].format(**asked(pair)[2])
    wire.add(pair["method"], url, json=pair["response"] or None, status=int(pair["status"]))
    return url


def send(pair: Pair, wire: responses.RequestsMock) -> Answer:
    """The answer to the pair's request, which went out exactly as the pair says. Raises what is made of an error."""
    (query, body, way), url = asked(pair), wait(pair, wire)
    try:
        return Seller(CONNECTION).ask(pair["operationId"], query or None, body=body, **way)
    finally:
        call = wire.calls[-1].request
        assert (call.method, str(call.url).partition("?")[0]) == (pair["method"], url)
        assert call.params == query
        assert (json.loads(call.body) if call.body else None) == body
        assert call.headers["x-amz-access-token"] == "t"


def test_every_pair_of_the_operations_that_are_used_is_looked_at(pairs: list[Pair]) -> None:
    assert sorted((pair["operationId"], pair["status"]) for pair in pairs) == USED


def test_each_good_request_goes_out_exactly_and_its_answer_is_understood(
    pairs: list[Pair], wire: responses.RequestsMock
) -> None:
    read = {
        "searchOrders": lambda a: [order.channel_ref for order in read_orders(a.body, {})],
        "getOrder": lambda a: [order.channel_ref for order in read_orders(a.body, {})],
        "confirmShipment": lambda a: a.status,
        "patchListingsItem": refused_by,
        "getListingsItem": lambda a: offer_of(a.data),
        "searchListingsItems": lambda a: [offer_of(row) for row in rows_of(a.data, "items")],
        "getFeedDocument": lambda a: a.data["url"],
        "getSubscription": lambda a: a.data["payload"]["destinationId"],
        "createSubscription": lambda a: a.data["payload"]["destinationId"],
        "getDestinations": lambda a: [row["resource"]["sqs"]["arn"] for row in rows_of(a.data, "payload")],
        "createDestination": lambda a: a.data["payload"]["destinationId"],
    }
    title = "Hardside Carry-On Spinner Suitcase Luggage"
    luggage = ListingOffer("GM-ZDPI-9B4E", "GM-ZDPI-9B4E", title, None, 100, {"sku": "GM-ZDPI-9B4E"})
    good = [pair for pair in pairs if pair["status"] != "400"]
    assert [(pair["operationId"], read[pair["operationId"]](send(pair, wire))) for pair in good] == [
        ("confirmShipment", 204),
        ("searchOrders", ["250-1234567-8901234"]),
        ("searchOrders", ["171-2345678-9012345"]),
        ("getOrder", ["171-9876543-2109876"]),
        ("getOrder", ["114-9876543-1234567"]),
        ("getListingsItem", luggage),
        ("patchListingsItem", ""),
        ("patchListingsItem", "The attributes are invalid."),
        ("searchListingsItems", [luggage]),
        ("getFeedDocument", "https://d34o8swod1owfl.cloudfront.net/Feed_101__POST_PRODUCT_DATA_.xml"),
        ("getSubscription", "TEST_CASE_200_DESTINATION_ID"),
        ("createSubscription", "TEST_CASE_200_DESTINATION_ID"),
        ("getDestinations", ["arn:aws:sqs:us-east-2:444455556666:queue1"]),
        ("createDestination", "TEST_CASE_200_DESTINATION_ID"),
    ]


def test_each_bad_request_goes_out_exactly_and_is_refused_in_amazons_words(
    pairs: list[Pair], wire: responses.RequestsMock
) -> None:
    for pair in (pair for pair in pairs if pair["status"] == "400"):
        with pytest.raises(Rejected) as caught:
            send(pair, wire)
        (error,) = pair["response"]["errors"]
        words = dict.fromkeys(error[name] for name in ("code", "message", "details") if error.get(name))
        assert f"gave 400: {': '.join(words)}" in str(caught.value)


def test_an_order_is_read_with_the_very_request_that_the_static_sandbox_answers(
    pairs: list[Pair], wire: responses.RequestsMock
) -> None:
    pair = next(pair for pair in pairs if asked(pair)[2].get("orderId") == "171-9876543-2109876")
    wait(pair, wire)
    record = Amazon(CONNECTION).fetch_order("171-9876543-2109876")
    assert record is not None
    assert wire.calls[-1].request.params == asked(pair)[0]
    assert (json.loads(record.raw), record.updated_at) == (
        pair["response"]["order"], datetime(2024, 12, 25, 8, 15, tzinfo=UTC),
    )  # fmt: skip


def test_a_parcel_goes_out_as_the_static_sandbox_wants_it(pairs: list[Pair], wire: responses.RequestsMock) -> None:
    """But for what the hub does not know: shipping method, supply source and transparency codes are optional."""
    pair = next(pair for pair in pairs if (pair["operationId"], pair["status"]) == ("confirmShipment", "204"))
    (_, body, way), url = asked(pair), wait(pair, wire)
    order = {
        "orderId": way["orderId"], "salesChannel": {"channelName": "AMAZON", "marketplaceId": body["marketplaceId"]},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
    }  # fmt: skip
    wire.get(f"{REGIONS['na']}/orders/2026-01-01/orders/{way['orderId']}", json={"order": order})
    told = body["packageDetail"]
    lines = tuple(DispatchLine(one["orderItemId"], Decimal(one["quantity"])) for one in told["orderItems"])
    shipped = datetime.fromisoformat(told["shipDate"])
    parcel = Dispatch(
        way["orderId"], None, "S1", told["carrierName"], told["trackingNumber"], shipped, lines, final=True
    )
    Amazon(CONNECTION).push_shipment(parcel, key="k")
    call = wire.calls[-1].request
    sent = json.loads(call.body or b"")
    assert (call.url, sent["marketplaceId"]) == (url, body["marketplaceId"])
    for name in ("shippingMethod", "shipFromSupplySourceId", "carrierName", "packageReferenceId"):
        told.pop(name)
    assert sent["packageDetail"].pop("packageReferenceId").isdigit()
    assert sent["packageDetail"] == {**told, "orderItems": [{"orderItemId": "79039765272157", "quantity": 1}]}
