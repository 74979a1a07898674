"""Refusals: the order is cancelled whole, once, for the reason that it has; what cannot be cancelled is left alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.amazon.connector import Amazon
from connectors.amazon.sandbox import AmazonSandbox
from hub.canonical.errors import Conflict, NotFound, Rejected
from hub.ports.channel import OrderAnswer
from tests.connectors.amazon.test_feed import watch
from tests.connectors.amazon.test_shipments import book, parcel
from tests.connectors.contract import SHOPPER

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def refusal(ref: str) -> OrderAnswer:
    return OrderAnswer(ref, ref, False, "no_stock", (), AT)


@pytest.fixture
def ref(sandbox: AmazonSandbox) -> str:
    return sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 1)])


@pytest.mark.parametrize(("asked", "reason"), [("", "NO_INVENTORY"), ("changed my mind", "BUYER_CANCELLED")])
def test_a_refused_order_is_cancelled_whole_with_its_reason(
    asked: str, reason: str, sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    sandbox.shop.order(ref).asked, seen = asked, watch(sandbox)
    for _ in range(2):
        channel.answer_order(refusal(ref), key="k")
    (sent,) = [request for request in seen if request.method == "PUT"]
    assert (sent.path, json.loads(sent.body)) == (
        f"/orders/2026-01-01/orders/{ref}/cancellation", {"cancelReasonCode": reason},
    )  # fmt: skip
    assert (book(sandbox, ref).state, sandbox.shop.order(ref).reason) == ("refused", reason)


def test_an_order_that_was_refused_is_read_as_cancelled_with_nothing_wanted(
    sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    channel.answer_order(refusal(ref), key="k")
    record = channel.fetch_order(ref)
    assert record is not None
    assert b'"cancelledBy":"MERCHANT"' in record.raw.replace(b" ", b"")
    (order,) = channel.to_orders(record)
    assert (order.status, order.payment) == ("cancelled", "void")
    assert set(order.extra["current"].values()) == {"0"}


def test_an_order_of_which_something_left_is_left_to_a_person(
    sandbox: AmazonSandbox, channel: Amazon, ref: str
) -> None:
    channel.push_shipment(parcel(sandbox, ref, "P1", {"MUG-RED": 3}), key="k")
    with pytest.raises(Conflict) as caught:
        channel.answer_order(refusal(ref), key="k")
    assert str(caught.value) == (
        f"something of order {ref} left, and Amazon cancels no part of an order: use Seller Central"
    )
    assert book(sandbox, ref).state == "partial"


def test_an_order_that_amazon_ships_is_not_refused(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.shop.listing("MUG-RED").fba = True
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    with pytest.raises(Conflict) as caught:
        channel.answer_order(refusal(ref), key="k")
    assert str(caught.value) == f"Amazon ships order {ref} itself (FBA); it is not yours to refuse"
    assert book(sandbox, ref).state == "open"


def test_what_amazon_does_not_cancel_is_told_in_its_words(sandbox: AmazonSandbox, channel: Amazon) -> None:
    waits = sandbox.shop.place(SHOPPER, [("MUG-RED", 1)], pending=True).id
    with pytest.raises(Rejected, match="is not in a state in which it can be cancelled"):
        channel.answer_order(refusal(waits), key="k")
    with pytest.raises(NotFound, match="Amazon has no order 000-0000000-0000000 of this seller"):
        channel.answer_order(refusal("000-0000000-0000000"), key="k")
    assert book(sandbox, waits).state == "open"
