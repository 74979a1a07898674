"""Parcels: several of one order, parts of a line, repetitions, carriers, and what cannot be shipped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.amazon.connector import Amazon
from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.practice.sandbox import BookOrder
from hub.canonical.errors import Conflict, NotFound, Rejected
from hub.ports.channel import Dispatch, DispatchLine
from mappings.engine import OVERRIDES, Overrides
from tests.connectors.amazon.conftest import connect
from tests.connectors.amazon.test_feed import watch
from tests.connectors.contract import SHOPPER

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def parcel(sandbox: AmazonSandbox, ref: str, number: str, pieces: dict[str, int], **more: Any) -> Dispatch:
    """A parcel with so many pieces of each SKU."""
    lines = {line.sku: line.line_ref for line in book(sandbox, ref).lines}
    taken = tuple(DispatchLine(lines[sku], Decimal(count)) for sku, count in pieces.items())
    made = Dispatch(ref, ref, number, "DHL", f"T-{number}", AT, taken, final=True)
    return replace(made, **more)


def book(sandbox: AmazonSandbox, ref: str) -> BookOrder:
    return next(order for order in sandbox.book() if order.ref == ref)


@pytest.fixture
def ref(sandbox: AmazonSandbox) -> str:
    return sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 1)])


def test_a_line_leaves_in_two_parcels_and_each_is_told_once(sandbox: AmazonSandbox, channel: Amazon, ref: str) -> None:
    parcels = [
        parcel(sandbox, ref, "P1", {"MUG-RED": 1}), parcel(sandbox, ref, "P2", {"MUG-RED": 2, "TEA-GREEN": 1}),
    ]  # fmt: skip
    for one in (*parcels, *parcels):
        channel.push_shipment(one, key="k")
    found = book(sandbox, ref)
    assert (found.state, found.trackings) == ("shipped", ("T-P1", "T-P2"))
    assert [line.shipped for line in found.lines] == [3, 1]


def test_what_goes_out_is_a_package_with_a_number_of_its_own(sandbox: AmazonSandbox, channel: Amazon, ref: str) -> None:
    seen = watch(sandbox)
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}), key="k")
    (sent,) = [request for request in seen if request.method == "POST" and "shipment" in request.path]
    body = json.loads(sent.body)
    assert body["packageDetail"].pop("packageReferenceId").isdigit()
    line = book(sandbox, ref).lines[0].line_ref
    assert (sent.path, body) == (
        f"/orders/v0/orders/{ref}/shipmentConfirmation",
        {
            "marketplaceId": "A1PA6795UKMFR9",
            "packageDetail": {
                "carrierCode": "DHL", "trackingNumber": "T-P1", "shipDate": "2026-11-23T08:00:00.000Z",
                "orderItems": [{"orderItemId": line, "quantity": 1}],
            },
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("carrier", "shown"), [("dhl", "DHL"), ("顺丰速运", "SF Express"), ("Bob's Vans", "Bob's Vans"), ("", "Other")]
)
def test_a_carrier_goes_by_amazons_code_or_as_other_with_its_name(
    carrier: str, shown: str, sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}, carrier=carrier), key="k")
    (package,) = sandbox.shop.order(ref).packages.values()
    assert package.carrier == shown


def test_a_carrier_goes_by_a_row_of_the_connections_own(sandbox: AmazonSandbox, ref: str) -> None:
    own = Overrides.of({"tables": {"carriers": [["Bob's Vans", "DHL"]]}})
    channel = connect(sandbox, **{OVERRIDES: own.to_text()})
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}, carrier="bob's vans"), key="k")
    (package,) = sandbox.shop.order(ref).packages.values()
    assert package.carrier == "DHL"


def test_a_parcel_that_a_person_told_in_seller_central_is_not_told_again(
    sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    channel.push_shipment(parcel(sandbox, ref, "by hand", {"MUG-RED": 1}, tracking_no="T-P1"), key="k")
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}), key="k")
    assert book(sandbox, ref).trackings == ("T-P1",)
    channel.push_shipment(parcel(sandbox, ref, "P2", {"MUG-RED": 2}, tracking_no="T-P1"), key="k")
    assert book(sandbox, ref).trackings == ("T-P1", "T-P1")  # other pieces: another parcel


def test_a_parcel_that_does_not_show_yet_may_be_told_again(sandbox: AmazonSandbox, channel: Amazon, ref: str) -> None:
    sandbox.routes.hides = {"PACKAGES"}
    one = parcel(sandbox, ref, "P1", {"MUG-RED": 3, "TEA-GREEN": 1})
    for _ in range(2):
        channel.push_shipment(one, key="k")
    found = book(sandbox, ref)
    assert (found.state, found.trackings, [line.shipped for line in found.lines]) == ("shipped", ("T-P1",), [3, 1])


def test_a_second_parcel_of_pieces_that_left_is_refused_in_amazons_words(
    sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 3, "TEA-GREEN": 1}), key="k")
    with pytest.raises(Rejected):
        channel.push_shipment(parcel(sandbox, ref, "P2", {"MUG-RED": 1}), key="k")
    assert book(sandbox, ref).trackings == ("T-P1",)


def test_an_order_that_amazon_ships_takes_no_parcel(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.shop.listing("MUG-RED").fba = True
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    with pytest.raises(Conflict) as caught:
        channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}), key="k")
    assert str(caught.value) == f"Amazon ships order {ref} itself (FBA); it takes no parcel of yours"
    assert book(sandbox, ref).trackings == ()


def test_a_cancelled_or_pending_order_takes_no_parcel(sandbox: AmazonSandbox, channel: Amazon, ref: str) -> None:
    waits = sandbox.shop.place(SHOPPER, [("MUG-RED", 1)], pending=True).id
    assert sandbox.cancel_order(ref)
    for one, status in ((ref, "CANCELLED"), (waits, "PENDING")):
        with pytest.raises(Conflict) as caught:
            channel.push_shipment(parcel(sandbox, one, "P1", {"MUG-RED": 1}), key="k")
        assert str(caught.value) == f"order {one} is {status} at Amazon; parcel P1 is not told"


def test_a_parcel_needs_a_tracking_number(sandbox: AmazonSandbox, channel: Amazon, ref: str) -> None:
    with pytest.raises(Conflict) as caught:
        channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 1}, tracking_no=" "), key="k")
    assert str(caught.value) == "parcel P1 has no tracking number; Amazon takes none without"
    assert book(sandbox, ref).state == "open"


def test_more_pieces_than_were_sold_are_refused_in_amazons_words(
    sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    with pytest.raises(Rejected) as caught:
        channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 4}), key="k")
    assert "The quantity of order item" in str(caught.value)
    assert book(sandbox, ref).state == "open"


def test_an_order_that_is_not_there_is_named(sandbox: AmazonSandbox, ref: str) -> None:
    one = parcel(sandbox, ref, "P1", {"MUG-RED": 1}, order_ref="000-0000000-0000000")
    with pytest.raises(NotFound) as caught:
        connect(sandbox).push_shipment(one, key="k")
    assert str(caught.value) == "Amazon has no order 000-0000000-0000000 of this seller"
