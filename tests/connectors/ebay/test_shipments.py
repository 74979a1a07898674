"""Parcels with and without tracking, in parts; refusals that pay back, and those left to a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from connectors.ebay.sandbox.signature import SigningKey
from hub.canonical.errors import Conflict, Misconfigured, NotFound, Rejected
from hub.canonical.order import Fulfillment, Order, Payment
from hub.ports.channel import Connection, Dispatch, DispatchLine, OrderAnswer
from tests.connectors.contract import SHOPPER
from tests.connectors.ebay.conftest import connect

AT = datetime(2026, 11, 23, 8, 0, 30, 250_000, tzinfo=UTC)


def order(channel: Ebay, ref: str) -> Order:
    record = channel.fetch_order(ref)
    assert record is not None
    return channel.to_orders(record)[0]


def parcel(found: Order, pieces: Mapping[str, int], number: str = "S1", **changed: Any) -> Dispatch:
    lines = tuple(
        DispatchLine(line.channel_ref, Decimal(pieces[str(line.sku)])) for line in found.lines if line.sku in pieces
    )
    values = {"carrier": "DHL", "tracking_no": f"00 34-{number}", "shipped_at": AT, "final": False, **changed}
    return Dispatch(found.channel_ref, found.number, number, lines=lines, **values)


def refusal(ref: str, reason: str = "out of stock") -> OrderAnswer:
    return OrderAnswer(ref, ref, False, reason, (), AT)


def parcels(sandbox: EbaySandbox, ref: str) -> list[tuple[str, str, str, list[int]]]:
    found = sandbox.shop.order(ref).parcels
    return [(one.carrier, one.tracking, one.shipped, [count for _, count in one.lines]) for one in found]


def test_a_line_goes_out_in_two_parcels_and_ebay_keeps_letters_and_digits_of_the_number(
    sandbox: EbaySandbox, channel: Ebay
) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 5)])
    channel.push_shipment(parcel(order(channel, ref), {"TEA-GREEN": 2}), key="k1")
    assert order(channel, ref).fulfillment is Fulfillment.PARTIAL
    channel.push_shipment(parcel(order(channel, ref), {"TEA-GREEN": 3}, "S2"), key="k2")
    assert order(channel, ref).fulfillment is Fulfillment.FULFILLED
    at = "2026-11-23T08:00:30.000Z"
    assert parcels(sandbox, ref) == [("DHL", "0034S1", at, [2]), ("DHL", "0034S2", at, [3])]


def test_a_parcel_without_tracking_is_known_again_by_its_time_and_lines(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 5)])
    first = parcel(order(channel, ref), {"TEA-GREEN": 2}, tracking_no="")
    for _ in range(2):
        channel.push_shipment(first, key="k1")
    later = parcel(order(channel, ref), {"TEA-GREEN": 2}, tracking_no="", shipped_at=AT.replace(hour=9))
    channel.push_shipment(later, key="k2")
    assert [(number, pieces) for _, number, _, pieces in parcels(sandbox, ref)] == [("", [2]), ("", [2])]


def test_a_tracking_number_without_a_carrier_is_told_as_of_another(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)])
    channel.push_shipment(parcel(order(channel, ref), {"TEA-GREEN": 1}, carrier=""), key="k1")
    assert [carrier for carrier, *_ in parcels(sandbox, ref)] == ["Other"]


def test_what_ebay_says_against_a_parcel_is_told_and_nothing_is_shipped(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)])
    with pytest.raises(Rejected, match="Invalid quantity for line item id"):
        channel.push_shipment(parcel(order(channel, ref), {"TEA-GREEN": 2}), key="k1")
    sandbox.cancel_order(ref)
    with pytest.raises(Rejected, match="The order is cancelled"):
        channel.push_shipment(parcel(order(channel, ref), {"TEA-GREEN": 1}), key="k1")
    assert parcels(sandbox, ref) == []


def test_a_refused_order_is_paid_back_whole_and_the_buyer_is_told_why(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.answer_order(refusal(ref, "x" * 300), key="k")
    found = order(channel, ref)
    assert (found.payment, found.refunded_total) == (Payment.REFUNDED, Decimal("29.90"))
    assert [found.wanted(line) for line in found.lines] == [0]


def test_an_order_that_has_a_refund_is_left_alone(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.shop.refund(sandbox.shop.order(ref), Decimal("5.00"))
    channel.answer_order(refusal(ref), key="k")
    assert order(channel, ref).refunded_total == Decimal("5.00")


def test_refunds_are_a_persons_unless_the_connection_says_otherwise(sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel = connect(sandbox, refund_refused="no")
    with pytest.raises(Conflict, match="is paid: cancel it in Seller Hub, or set refund_refused to yes"):
        channel.answer_order(refusal(ref), key="k")
    assert order(channel, ref).refunded_total == Decimal("0.00")


def test_a_refund_that_must_be_signed_is_a_persons_and_stops_nothing_else(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.routes.signing = SigningKey(0)
    with pytest.raises(Conflict, match="with a digital signature"):
        channel.answer_order(refusal(ref), key="k")
    assert order(channel, ref).payment is Payment.PAID


def signing(sandbox: EbaySandbox, **secrets: str) -> Ebay:
    return Ebay(Connection(1, "eb", "ebay", sandbox.settings, {**sandbox.secrets, **secrets}))


def test_a_seller_with_a_signing_key_pays_back_where_ebay_wants_signatures(sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.routes.signing = key = SigningKey(0)
    channel = signing(sandbox, **key.secrets)
    channel.answer_order(refusal(ref), key="k")
    assert order(channel, ref).payment is Payment.REFUNDED


def test_a_request_signed_with_another_key_is_refused(sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.routes.signing = key = SigningKey(0)
    channel = signing(sandbox, **{**key.secrets, "signing_key": SigningKey(1).secrets["signing_key"]})
    with pytest.raises(Conflict, match="with a digital signature"):
        channel.answer_order(refusal(ref), key="k")
    assert order(channel, ref).payment is Payment.PAID


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ({"signing_key": "x"}, "set both signing_key and signing_jwe"),
        ({"signing_jwe": "x"}, "set both signing_key and signing_jwe"),
        ({"signing_key": "canary-key", "signing_jwe": "x"}, "signing_key is no Ed25519 private key"),
    ],
)
def test_half_a_signing_key_or_none_at_all_is_told(secrets: dict[str, str], says: str, sandbox: EbaySandbox) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        signing(sandbox, **secrets)
    assert "canary-key" not in str(caught.value)


def test_an_order_that_is_shipped_or_not_paid_is_not_refused(sandbox: EbaySandbox, channel: Ebay, watched: Any) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(order(channel, ref), {"MUG-RED": 1}), key="k1")
    with pytest.raises(Conflict, match="is shipped at eBay, whole or in part"):
        channel.answer_order(refusal(ref), key="k")
    unpaid: EbaySandbox = watched(EbaySandbox(seed=1, paid=False))
    ref = unpaid.place_order(SHOPPER, [("MUG-RED", 2)])
    with pytest.raises(Conflict, match="is PENDING at eBay, it cannot be paid back whole"):
        connect(unpaid).answer_order(refusal(ref), key="k")
    assert sandbox.shop.order(next(iter(sandbox.shop.orders))).refunds == []


def test_an_order_that_ebay_does_not_have_is_told(channel: Ebay) -> None:
    with pytest.raises(NotFound, match="the shop has no order 99-1, or has forgotten it"):
        channel.answer_order(refusal("99-1"), key="k")
