"""Orders that wait for the seller's word: every line gets a decision, and a repetition changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from hub.canonical.errors import AuthFailed, Conflict, NotFound, TimedOut
from hub.canonical.order import OrderStatus, Payment
from hub.ports.channel import AnswerLine, OrderAnswer
from tests.connectors.contract import SHOPPER
from tests.connectors.mirakl.conftest import connect

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Start = Callable[[MiraklSandbox], MiraklSandbox]


@pytest.fixture
def asking(watched: Start) -> MiraklSandbox:
    """A marketplace whose orders wait for the seller, and whose customers are debited later."""
    return watched(MiraklSandbox(asks=True, debits=False))


def word(asking: MiraklSandbox, ref: str, *, accepted: bool) -> OrderAnswer:
    lines = tuple(
        AnswerLine(line.id, Decimal(line.ordered), Decimal(line.ordered if accepted else 0))
        for line in asking.shop.order(ref).lines
    )
    return OrderAnswer(ref, ref, accepted, "" if accepted else "out of stock", lines, NOW)


def pulled(channel: Mirakl, ref: str) -> Any:
    record = channel.fetch_order(ref)
    assert record is not None
    return channel.to_orders(record)[0]


def test_an_order_waits_is_accepted_debited_and_then_to_be_shipped(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    seen = [pulled(channel, ref)]
    for _ in range(2):
        channel.answer_order(word(asking, ref, accepted=True), key="k")
    seen.append(pulled(channel, ref))
    asking.debit_order(ref)
    seen.append(pulled(channel, ref))
    assert [(order.status, order.payment, order.extra["state"]) for order in seen] == [
        (OrderStatus.OPEN, Payment.AUTHORIZED, "WAITING_ACCEPTANCE"),
        (OrderStatus.OPEN, Payment.AUTHORIZED, "WAITING_DEBIT_PAYMENT"),
        (OrderStatus.OPEN, Payment.PAID, "SHIPPING"),
    ]


def test_a_line_that_cannot_be_promised_whole_is_refused_alone(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 5)])
    whole = word(asking, ref, accepted=True)
    channel.answer_order(replace(whole, lines=(whole.lines[0], replace(whole.lines[1], promised=Decimal(4)))), key="k")
    order = pulled(channel, ref)
    assert [order.wanted(line) for line in order.lines] == [2, 0]
    assert asking.shown_stock()["TEA-GREEN"] == 300


def test_a_refusal_refuses_every_line_and_the_pieces_go_back_on_sale(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 5)])
    for _ in range(2):
        channel.answer_order(word(asking, ref, accepted=False), key="k")
    assert asking.shop.order(ref).state == "REFUSED"
    assert (pulled(channel, ref).status, asking.shown_stock()["MUG-RED"]) == (OrderStatus.CANCELLED, 40)


def test_an_acceptance_cut_off_after_its_effect_is_finished_by_repeating(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2)])
    asking.faults.force("timeout_after_effect")
    with pytest.raises(TimedOut):
        channel.answer_order(word(asking, ref, accepted=True), key="k")
    channel.answer_order(word(asking, ref, accepted=True), key="k")
    assert asking.shop.order(ref).state == "WAITING_DEBIT_PAYMENT"


def test_an_order_that_was_accepted_is_refused_by_cancelling_it(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.answer_order(word(asking, ref, accepted=True), key="k1")
    channel.answer_order(word(asking, ref, accepted=False), key="k2")
    assert (asking.shop.order(ref).state, asking.shown_stock()["MUG-RED"]) == ("CANCELED", 40)


def test_an_order_that_the_buyer_cancelled_can_not_be_accepted(asking: MiraklSandbox) -> None:
    channel, ref = connect(asking), asking.place_order(SHOPPER, [("MUG-RED", 2)])
    told = word(asking, ref, accepted=True)
    assert asking.cancel_order(ref)
    with pytest.raises(Conflict, match=f"order {ref} is CANCELED at the marketplace; it cannot be accepted"):
        channel.answer_order(told, key="k")


def test_an_order_that_left_can_not_be_refused(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    told = word(sandbox, ref, accepted=False)
    sandbox.shop.ship(sandbox.shop.order(ref))
    with pytest.raises(Conflict, match=f"order {ref} is SHIPPED at the marketplace; it cannot be cancelled"):
        channel.answer_order(told, key="k")
    assert sandbox.book()[0].state == "shipped"


def test_an_order_that_the_marketplace_does_not_have_is_not_found(channel: Mirakl) -> None:
    with pytest.raises(NotFound, match="the shop has no order Order_9-A, or has forgotten it"):
        channel.answer_order(OrderAnswer("Order_9-A", None, True, "", (), NOW), key="k")


def test_a_key_that_may_not_answer_needs_a_person(asking: MiraklSandbox) -> None:
    ref = asking.place_order(SHOPPER, [("MUG-RED", 2)])
    asking.routes.rights.discard("orders: write")
    with pytest.raises(AuthFailed, match="Access is denied"):
        connect(asking).answer_order(word(asking, ref, accepted=True), key="k")
    assert asking.shop.order(ref).state == "WAITING_ACCEPTANCE"
