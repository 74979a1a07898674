"""Shipments and refusals: what the customer is told, and how a half-done one is finished."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from hub.canonical.errors import Conflict, NotFound, TimedOut
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import Dispatch, DispatchLine, OrderAnswer
from tests.connectors.contract import ITEMS, SHOPPER
from tests.connectors.woocommerce.conftest import connect

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


@pytest.fixture
def plain() -> Iterator[WooSandbox]:
    """A shop without the tracking plug-in."""
    sandbox = WooSandbox(tracking_plugin=False)
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    yield sandbox
    sandbox.stop()


def parcel(sandbox: WooSandbox, ref: str, number: str = "S1", *, final: bool = True) -> Dispatch:
    line = sandbox.shop.order(int(ref)).lines[0]
    lines = (DispatchLine(str(line.id), Decimal(line.quantity)),)
    return Dispatch(
        ref, ref, number, "DHL", f"T-{number}", NOW, lines, final, tracking_url=f"https://dhl.example/{number}"
    )


def refusal(ref: str) -> OrderAnswer:
    return OrderAnswer(ref, ref, False, "out of stock", (), NOW)


def test_with_the_plug_in_the_parcel_is_a_tracking(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(sandbox, ref), key="k")
    order = sandbox.shop.order(int(ref))
    (tracking,) = order.trackings
    assert (tracking["tracking_provider"], tracking["tracking_number"], tracking["date_shipped"]) == (
        "DHL",
        "T-S1",
        "2026-11-23",
    )
    assert tracking["tracking_link"] == "https://dhl.example/S1"
    assert (order.status, order.notes) == ("completed", [])


def test_a_parcel_told_before_writes_nothing(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(sandbox, ref), key="k")
    sandbox.faults.force("timeout_after_effect", 1)  # would strike the first write
    channel.push_shipment(parcel(sandbox, ref), key="k")
    assert sandbox.faults.counts["timeout_after_effect"] == 0


def test_without_it_the_customer_gets_a_note(plain: WooSandbox) -> None:
    ref = plain.place_order(SHOPPER, [("MUG-RED", 2)])
    for _ in range(2):
        connect(plain).push_shipment(parcel(plain, ref), key="k")
    (note,) = plain.shop.order(int(ref)).notes
    assert note["note"] == "Parcel S1 left with DHL, tracking number T-S1. https://dhl.example/S1"
    assert note["customer_note"] is True


def test_an_order_that_was_raised_while_its_last_parcel_left_stays_open(
    sandbox: WooSandbox, channel: WooCommerce
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 1)])
    red, green = sandbox.shop.order(int(ref)).lines
    known = {"lines": [{"channel_ref": str(line.id), "quantity": "1"} for line in (red, green)]}
    lines = tuple(DispatchLine(str(line.id), Decimal(1)) for line in (red, green))
    assert sandbox.edit_order(ref, "MUG-RED", 3)
    channel.push_shipment(Dispatch(ref, ref, "S1", "DHL", "T1", NOW, lines, True, order=known), key="k1")
    (book,) = sandbox.book()
    assert (book.state, [line.shipped for line in book.lines]) == ("partial", [1, 1])
    known = {"lines": [{"channel_ref": str(red.id), "quantity": "3"}, {"channel_ref": str(green.id), "quantity": "1"}]}
    rest = (DispatchLine(str(red.id), Decimal(2)),)
    channel.push_shipment(Dispatch(ref, ref, "S2", "DHL", "T2", NOW, rest, True, order=known), key="k2")
    (book,) = sandbox.book()
    assert (book.state, [line.shipped for line in book.lines]) == ("shipped", [3, 1])


def test_a_parcel_that_is_not_the_last_leaves_the_order_open(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k")
    assert sandbox.shop.order(int(ref)).status == "processing"
    (mark,) = sandbox.shop.order(int(ref)).parcels()
    line = str(sandbox.shop.order(int(ref)).lines[0].id)
    assert mark == {"key": "k", "carrier": "DHL", "tracking_no": "T-S1", "lines": {line: "2"}}


def test_a_parcel_that_turns_out_to_be_the_last_completes_the_order_and_tracks_nothing_twice(
    sandbox: WooSandbox, channel: WooCommerce
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k")
    assert sandbox.refund_order(ref, "TEA-GREEN", 1)
    for _ in range(2):
        channel.push_shipment(parcel(sandbox, ref), key="k:last")
    order = sandbox.shop.order(int(ref))
    assert (order.status, len(order.trackings), [mark["key"] for mark in order.parcels()]) == ("completed", 1, ["k"])


def test_an_order_that_ended_otherwise_is_left_as_it_is(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k")
    order = sandbox.shop.order(int(ref))
    sandbox.shop.update(order, "refunded", [])
    channel.push_shipment(parcel(sandbox, ref), key="k:last")
    assert (order.status, len(order.trackings), len(order.parcels())) == ("refunded", 1, 1)


def test_a_parcel_without_tracking_number_only_marks_the_order(plain: WooSandbox) -> None:
    ref = plain.place_order(SHOPPER, [("MUG-RED", 2)])
    connect(plain).push_shipment(replace(parcel(plain, ref), tracking_no=""), key="k")
    order = plain.shop.order(int(ref))
    assert (order.status, order.notes, order.trackings) == ("completed", [], [])


@pytest.mark.parametrize("with_plugin", [True, False])
@pytest.mark.parametrize("strikes_at", [1, 2])
def test_a_parcel_cut_off_after_any_write_is_finished_by_repeating(with_plugin: bool, strikes_at: int) -> None:
    """The first write is the tracking or the note, the second the mark and the status."""
    sandbox = WooSandbox(tracking_plugin=with_plugin)
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        channel, told = connect(sandbox), parcel(sandbox, ref)
        sandbox.faults.force("timeout_after_effect", strikes_at)
        with pytest.raises(TimedOut):
            channel.push_shipment(told, key="k")
        sandbox.faults.calm()
        channel.push_shipment(told, key="k")
        order = sandbox.shop.order(int(ref))
    finally:
        sandbox.stop()
    assert (order.status, len(order.trackings) + len(order.notes), len(order.parcels())) == ("completed", 1, 1)


def test_a_parcel_of_a_cancelled_order_is_a_conflict_and_changes_nothing(
    sandbox: WooSandbox, channel: WooCommerce
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    assert sandbox.cancel_order(ref)
    with pytest.raises(Conflict, match="is cancelled at the shop"):
        channel.push_shipment(parcel(sandbox, ref), key="k")
    order = sandbox.shop.order(int(ref))
    assert (order.status, order.trackings, order.parcels()) == ("cancelled", [], [])


def test_a_parcel_of_an_order_that_is_gone_is_not_found(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    told = parcel(sandbox, ref)
    sandbox.delete_order(ref)
    with pytest.raises(NotFound):
        channel.push_shipment(told, key="k")


def test_a_refusal_cancels_restocks_and_tells_the_customer_once(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    for _ in range(3):
        channel.answer_order(refusal(ref), key="k")
    order = sandbox.shop.order(int(ref))
    (note,) = order.notes
    assert (order.status, note["customer_note"]) == ("cancelled", True)
    assert note["note"] == "We are sorry: your order cannot be delivered (out of stock)."
    assert sandbox.shown_stock()["MUG-RED"] == 40


@pytest.mark.parametrize("strikes_at", [1, 2, 3, 4])
def test_a_refusal_cut_off_after_any_write_is_finished_by_repeating(
    strikes_at: int, sandbox: WooSandbox, channel: WooCommerce
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.faults.force("timeout_after_effect", strikes_at)
    for _ in range(4):
        with contextlib.suppress(TimedOut):
            channel.answer_order(refusal(ref), key="k")
    assert sandbox.faults.counts["timeout_after_effect"] == strikes_at
    order = sandbox.shop.order(int(ref))
    assert (order.status, len(order.notes), sandbox.shown_stock()["MUG-RED"]) == ("cancelled", 1, 40)


def test_an_order_the_buyer_cancelled_gets_no_second_word(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.cancel_order(ref)
    channel.answer_order(refusal(ref), key="k")
    assert sandbox.shop.order(int(ref)).notes == []
    assert sandbox.book()[0].state == "cancelled"


def test_a_completed_order_cannot_be_refused(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(sandbox, ref), key="k")
    with pytest.raises(Conflict, match="is completed"):
        channel.answer_order(refusal(ref), key="k")
    assert sandbox.book()[0].state == "shipped"


def test_an_order_of_which_a_parcel_left_is_not_cancelled_whole(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k")
    with pytest.raises(Conflict, match="it cannot be refused"):
        channel.answer_order(refusal(ref), key="k")
    assert sandbox.shop.order(int(ref)).status == "processing"


def test_accepting_is_not_declared(channel: WooCommerce) -> None:
    with pytest.raises(ChannelUnsupported, match="accept_order"):
        channel.answer_order(replace(refusal("1"), accepted=True), key="k")
