"""A parcel is told once, whatever happens on the way; a refusal gives the money back and cancels."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from hub.canonical.errors import BadRecord, ChannelDown, Conflict, NotFound, TimedOut
from tests.connectors.vendure.shop import SHOPPER, book_of, channel_of, parcel, refusal, shipped, spy


@pytest.fixture
def ref(shop: VendureSandbox) -> str:
    return shop.place_order(SHOPPER, [("LAMP", 3), ("BULB", 2)])


def test_three_parcels_of_one_order_keep_their_trackings(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    for number, pieces in (("S1", [("LAMP", 1)]), ("S2", [("LAMP", 2), ("BULB", 1)]), ("S3", [("BULB", 1)])):
        channel.push_shipment(parcel(shop, ref, number, pieces), key=f"ship:{number}")
    assert shipped(shop, ref) == {"LAMP": 3, "BULB": 2}
    assert (book_of(shop, ref).state, book_of(shop, ref).trackings) == ("shipped", ("TRACK-S1", "TRACK-S2", "TRACK-S3"))


def test_a_parcel_does_not_change_what_is_on_sale(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    before = shop.shown_stock()
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 2)]), key="ship:S1")
    assert shop.shown_stock() == before
    lamp = shop.books.items["LAMP"]
    assert (lamp.on_hand, lamp.allocated) == (18, 1)


@pytest.mark.parametrize("lost", [1, 2])
def test_a_time_out_after_either_step_is_found_by_reading_back(
    shop: VendureSandbox, channel: Vendure, ref: str, lost: int
) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    for _ in range(lost):
        shop.faults.force("timeout_after_effect", 1)
        with pytest.raises(TimedOut):
            channel.push_shipment(told, key="ship:S1")
    channel.push_shipment(told, key="ship:S1")
    assert (shipped(shop, ref), book_of(shop, ref).trackings) == ({"LAMP": 1, "BULB": 0}, ("TRACK-S1",))


@pytest.mark.parametrize("kind", ["server_error_500", "rate_limited_429"])
def test_an_angry_answer_doubles_nothing(shop: VendureSandbox, channel: Vendure, ref: str, kind: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 2)])
    for _ in range(6):
        shop.faults.force(kind, 1)
        try:
            channel.push_shipment(told, key="ship:S1")
        except ChannelDown:
            continue
    assert (shipped(shop, ref), book_of(shop, ref).trackings) == ({"LAMP": 3, "BULB": 2}, ("TRACK-S1",))


def test_half_of_a_parcel_that_got_through_is_completed(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 2)]), key="ship:S1")
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 2)]), key="ship:S1")
    assert shipped(shop, ref) == {"LAMP": 3, "BULB": 2}


def test_a_parcel_without_tracking_is_known_by_its_number(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)], tracking="")
    for _ in range(2):
        channel.push_shipment(told, key="ship:S1")
    assert (shipped(shop, ref)["LAMP"], book_of(shop, ref).trackings) == (1, ("S1",))


def test_a_parcel_with_more_than_remains_is_told_as_far_as_there_is_room_and_once(
    shop: VendureSandbox, channel: Vendure, ref: str
) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 3), ("BULB", 1)])
    assert shop.edit_order(ref, "LAMP", 2)
    for _ in range(2):
        channel.push_shipment(told, key="ship:S1")
    assert (shipped(shop, ref), book_of(shop, ref).trackings) == ({"LAMP": 2, "BULB": 1}, ("TRACK-S1",))


def test_a_parcel_without_any_room_is_a_conflict_and_nothing_is_told(
    shop: VendureSandbox, channel: Vendure, ref: str
) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3)]), key="ship:S1")
    with pytest.raises(Conflict, match="too many are 1 of line"):
        channel.push_shipment(parcel(shop, ref, "S2", [("LAMP", 1)]), key="ship:S2")
    assert (shipped(shop, ref), book_of(shop, ref).trackings) == ({"LAMP": 3, "BULB": 0}, ("TRACK-S1",))


def test_an_order_that_was_cancelled_meanwhile_is_a_conflict(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    assert shop.cancel_order(ref)
    with pytest.raises(Conflict, match="the order is Cancelled"):
        channel.push_shipment(told, key="ship:S1")


def test_too_little_on_hand_is_told_with_vendures_words(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    shop.books.items["LAMP"].on_hand = 1
    with pytest.raises(Conflict, match=r"shipment S1: .*; 1 \(INSUFFICIENT_STOCK_ON_HAND_ERROR\)"):
        channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 3)]), key="ship:S1")
    assert shipped(shop, ref)["LAMP"] == 0


def test_a_handler_that_the_shop_does_not_have_is_named(shop: VendureSandbox, ref: str) -> None:
    with pytest.raises(Conflict, match="INVALID_FULFILLMENT_HANDLER_ERROR"):
        channel_of(shop, fulfillment_handler="drone").push_shipment(parcel(shop, ref, "S1", [("LAMP", 1)]), key="k")


def test_a_fraction_of_a_piece_is_refused(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    told = parcel(shop, ref, "S1", [("LAMP", 1)])
    broken = replace(told, lines=(replace(told.lines[0], quantity=Decimal("0.5")),))
    with pytest.raises(BadRecord, match="whole number"):
        channel.push_shipment(broken, key="ship:S1")


def test_an_unknown_order_is_not_found(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    told = replace(parcel(shop, ref, "S1", [("LAMP", 1)]), order_ref="4711")
    with pytest.raises(NotFound):
        channel.push_shipment(told, key="ship:S1")
    with pytest.raises(NotFound):
        channel.answer_order(refusal("4711"), key="answer:4711")


@pytest.mark.parametrize("lost", [1, 2])
def test_a_refusal_refunds_once_and_cancels(shop: VendureSandbox, channel: Vendure, ref: str, lost: int) -> None:
    for _ in range(lost):
        shop.faults.force("timeout_after_effect", 1)
        with pytest.raises(TimedOut):
            channel.answer_order(refusal(ref), key="answer:1")
    channel.answer_order(refusal(ref), key="answer:1")
    book = book_of(shop, ref)
    assert (book.state, book.extra["refunded"]) == ("refused", str(3 * 3000 + 2 * 450 + 595))
    assert shop.shown_stock() == {"LAMP": 20, "BULB": 100}


def test_a_refusal_gives_back_only_what_was_not_refunded_yet(shop: VendureSandbox, channel: Vendure, ref: str) -> None:
    order = shop.books.orders[int(ref)]
    shop.books.refund(order.payment, 1000, "goodwill")
    channel.answer_order(refusal(ref), key="answer:1")
    assert [refund.total for refund in order.payment.refunds] == [1000, order.payment.amount - 1000]


def test_a_payment_that_is_only_authorized_is_cancelled(shop: VendureSandbox, channel: Vendure) -> None:
    order = shop.books.place(SHOPPER, [("LAMP", 1)], paid="Authorized")
    channel.answer_order(refusal(str(order.id)), key="answer:1")
    assert (order.state, order.payment.state, order.payment.refunds) == ("Cancelled", "Cancelled", [])


def test_the_money_of_an_order_that_the_buyer_cancelled_is_left_to_the_shop(
    shop: VendureSandbox, channel: Vendure, ref: str
) -> None:
    shop.cancel_order(ref)
    seen = spy(shop)
    channel.answer_order(refusal(ref), key="answer:1")
    assert [request["operationName"] for request in seen] == ["Login", "Shippable"]


def test_an_order_that_was_shipped_meanwhile_cannot_be_refused(
    shop: VendureSandbox, channel: Vendure, ref: str
) -> None:
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 1)]), key="ship:S1")
    with pytest.raises(Conflict, match=f"something of order {ref} left; it cannot be refused"):
        channel.answer_order(refusal(ref), key="answer:1")
    assert (book_of(shop, ref).state, book_of(shop, ref).extra["refunded"]) == ("partial", "0")
