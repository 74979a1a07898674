"""Shipments from the right source, told once; refusals of unpaid and of paid orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.magento.connector import Magento
from connectors.magento.sandbox import MagentoSandbox
from hub.canonical.errors import Conflict, NotFound, Rejected, TimedOut
from hub.canonical.order import Order
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import Dispatch, DispatchLine, OrderAnswer
from tests.connectors.contract import SHOPPER
from tests.connectors.magento.conftest import connect

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def fetch(channel: Magento, ref: str) -> Order:
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    return order


def parcel(order: Order, number: str, *pieces: int, carrier: str = "DHL", warehouse: str = "BER") -> Dispatch:
    lines = [
        DispatchLine(line.channel_ref, Decimal(wanted))
        for line, wanted in zip(order.lines, pieces, strict=True)
        if wanted
    ]
    return Dispatch(
        order.channel_ref, order.number, number, carrier, f"T-{number}", NOW, tuple(lines), False, warehouse
    )  # fmt: skip


def word(ref: str, *, accepted: bool = False) -> OrderAnswer:
    return OrderAnswer(ref, None, accepted, "out of stock", (), NOW)


@pytest.fixture
def two(watched: Any) -> MagentoSandbox:
    """A shop with two sources: all of it lies in Berlin, five red mugs in Munich."""
    running: MagentoSandbox = watched(MagentoSandbox(sources=("berlin", "munich"), paid=True))
    running.shop.sources["munich"]["MUG-RED"] = Decimal(5)
    return running


def test_a_parcel_leaves_from_the_source_of_its_warehouse(two: MagentoSandbox) -> None:
    channel = connect(two, sources="MUC=munich\nBER = berlin")
    ref = two.place_order(SHOPPER, [("MUG-RED", 3), ("MUG-BLUE", 1)])
    order = fetch(channel, ref)
    channel.push_shipment(parcel(order, "S1", 2, 0, warehouse="MUC"), key="k1")
    assert (two.shop.sources["munich"]["MUG-RED"], two.shop.sources["berlin"]["MUG-RED"]) == (3, 40)
    channel.push_shipment(parcel(order, "S2", 1, 1, warehouse="elsewhere", carrier="Hermes"), key="k2")
    assert two.shop.sources["berlin"]["MUG-RED"] == 39
    assert [(one.source, one.tracks) for one in two.shop.orders[int(ref)].parcels] == [
        ("munich", [{"track_number": "T-S1", "title": "DHL", "carrier_code": "dhl"}]),
        ("berlin", [{"track_number": "T-S2", "title": "Hermes", "carrier_code": "custom"}]),
    ]
    assert (fetch(channel, ref).status, fetch(channel, ref).fulfillment) == ("closed", "fulfilled")


def test_shipping_does_not_change_what_may_be_sold(two: MagentoSandbox) -> None:
    ref = two.place_order(SHOPPER, [("MUG-RED", 3)])
    before = two.shown_stock()["MUG-RED"]
    channel = connect(two)
    channel.push_shipment(parcel(fetch(channel, ref), "S1", 3), key="k1")
    assert two.shown_stock()["MUG-RED"] == before


def test_a_source_that_has_too_few_says_so_and_nothing_is_shipped(two: MagentoSandbox) -> None:
    channel = connect(two, sources="MUC=munich")
    ref = two.place_order(SHOPPER, [("MUG-RED", 6)])
    with pytest.raises(Rejected, match="Not all of your products are available in the requested quantity"):
        channel.push_shipment(parcel(fetch(channel, ref), "S1", 6, warehouse="MUC"), key="k1")
    assert two.book()[0].state == "open"


def test_a_parcel_without_tracking_is_told_without_a_track(sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    one = parcel(fetch(channel, ref), "S1", 1)
    channel.push_shipment(
        Dispatch(**{**{name: getattr(one, name) for name in one.__slots__}, "tracking_no": ""}), key="k"
    )
    assert (sandbox.book()[0].state, sandbox.book()[0].trackings) == ("shipped", ())


def test_a_canceled_order_is_not_shipped(sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    order = fetch(channel, ref)
    sandbox.cancel_order(ref)
    with pytest.raises(Conflict, match=f"order {ref} is canceled at the shop; the parcel is not told"):
        channel.push_shipment(parcel(order, "S1", 1), key="k1")


def test_the_buyer_is_mailed_only_where_the_connection_says_so(sandbox: MagentoSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    connect(sandbox, notify_customer="no").answer_order(word(ref), key="k")
    ((_, _, said),) = sandbox.shop.orders[int(ref)].histories
    assert (said["is_customer_notified"], said["is_visible_on_front"]) == (0, 1)
    assert said["comment"] == "Your order cannot be delivered (out of stock)."


def test_a_paid_order_is_left_to_a_person_and_the_buyer_told_nothing(two: MagentoSandbox) -> None:
    ref = two.place_order(SHOPPER, [("MUG-RED", 1)])
    with pytest.raises(Conflict, match="is invoiced, so Magento cannot cancel it: refund it in Magento"):
        connect(two, refund_refused="no").answer_order(word(ref), key="k")
    assert (two.book()[0].state, two.shop.orders[int(ref)].histories) == ("open", [])


def test_a_paid_order_is_paid_back_once_where_the_connection_says_so(two: MagentoSandbox) -> None:
    ref = two.place_order(SHOPPER, [("MUG-RED", 2)])
    channel = connect(two)
    two.faults.force("timeout_after_effect", 2)
    for _ in range(2):
        with pytest.raises(TimedOut):
            channel.answer_order(word(ref), key="k")
    channel.answer_order(word(ref), key="k")
    order = fetch(channel, ref)
    assert (order.status, order.payment, order.total, order.refunded_total) == (
        "closed", "refunded", Decimal("32.89"), Decimal("32.89"),
    )  # fmt: skip
    assert order.wanted(order.lines[0]) == 0
    assert (two.book()[0].state, two.shown_stock()["MUG-RED"]) == ("refused", 45)
    assert len(two.shop.orders[int(ref)].histories) == 1


@pytest.mark.parametrize("state", ["complete", "holded", "payment_review"])
def test_an_order_in_the_hands_of_others_is_not_refused(state: str, sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    sandbox.shop.orders[int(ref)].state = state
    with pytest.raises(Conflict, match=f"order {ref} is {state} at the shop; it cannot be refused$"):
        channel.answer_order(word(ref), key="k")


def test_an_order_that_magento_does_not_cancel_is_a_conflict(sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(fetch(channel, ref), "S1", 1), key="k1")
    with pytest.raises(Conflict, match=f"Magento does not cancel order {ref}"):
        channel.answer_order(word(ref), key="k")


def test_what_the_shop_does_not_know_is_not_found_and_orders_are_never_accepted(channel: Magento) -> None:
    with pytest.raises(NotFound):
        channel.answer_order(word("999"), key="k")
    with pytest.raises(ChannelUnsupported):
        channel.answer_order(word("999", accepted=True), key="k")


def test_pieces_paid_back_are_no_longer_wanted(two: MagentoSandbox) -> None:
    ref = two.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 1)])
    assert two.refund_order(ref, "MUG-RED", 2)
    order = fetch(connect(two), ref)
    assert [order.wanted(line) for line in order.lines] == [1, 1]
    assert (order.payment, order.refunded_total) == ("partially_refunded", Decimal("27.5"))


def bundle(sandbox: MagentoSandbox, *, together: bool) -> str:
    """Two sets of one red mug and three teas."""
    parts = [(sandbox.shop.product("MUG-RED"), 1), (sandbox.shop.product("TEA-GREEN"), 3)]
    return str(sandbox.shop.place_bundle(SHOPPER, parts, 2, together=together).id)


def test_a_bundle_that_ships_as_one_is_told_as_one(sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = bundle(sandbox, together=True)
    order = fetch(channel, ref)
    assert [(line.sku, line.quantity) for line in order.lines] == [("MUG-RED", 2), ("TEA-GREEN", 6)]
    assert "unexplained" not in order.extra
    channel.push_shipment(parcel(order, "S1", 1, 3), key="k1")
    channel.push_shipment(parcel(order, "S2", 1, 3), key="k2")
    assert [line.shipped for line in sandbox.book()[0].lines] == [2, 6]
    assert (sandbox.book()[0].state, fetch(channel, ref).fulfillment) == ("shipped", "fulfilled")


@pytest.mark.parametrize("pieces", [(1, 0), (1, 2), (2, 3)])
def test_a_bundle_that_ships_as_one_is_not_torn_apart(
    pieces: tuple[int, int], sandbox: MagentoSandbox, channel: Magento
) -> None:
    order = fetch(channel, bundle(sandbox, together=True))
    with pytest.raises(Conflict, match="the bundle MUG-RED-TEA-GREEN ships together"):
        channel.push_shipment(parcel(order, "S1", *pieces), key="k1")
    assert sandbox.book()[0].state == "open"


def test_the_parts_of_another_bundle_leave_one_by_one(sandbox: MagentoSandbox, channel: Magento) -> None:
    ref = bundle(sandbox, together=False)
    order = fetch(channel, ref)
    channel.push_shipment(parcel(order, "S1", 2, 0), key="k1")
    assert [line.shipped for line in sandbox.book()[0].lines] == [2, 0]
    channel.push_shipment(parcel(order, "S2", 0, 6), key="k2")
    assert sandbox.book()[0].state == "shipped"
