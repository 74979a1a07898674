"""An order that is refused is paid back whole, unless it is over, left, is not paid, or a person is to do it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.kit.orders.paying_back import RefundDesk
from connectors.kit.values import Row
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import OrderAnswer


class Desk(RefundDesk):
    title, by_hand, payment, paid = "the mall", "cancel it there", "money", "PAID"

    def __init__(self, order: Row, *, refund: bool = True) -> None:
        super().__init__(lambda ref: order if ref == "O" else None, refund=refund)
        self.told = list[tuple[Row, str]]()

    def over(self, order: Row) -> bool:
        return bool(order.get("over"))

    def left(self, order: Row) -> bool:
        return bool(order.get("left"))

    def pay_back(self, order: Row, answer: OrderAnswer) -> None:
        self.told.append((order, answer.reason))


def word(ref: str = "O") -> OrderAnswer:
    return OrderAnswer(ref, None, False, "sold out", (), datetime(2026, 11, 23, 8, tzinfo=UTC))


def test_a_paid_order_is_paid_back() -> None:
    desk = Desk({"money": "PAID"})
    desk.refuse(word())
    assert desk.told == [({"money": "PAID"}, "sold out")]


def test_one_that_is_over_is_left_alone_even_if_it_left() -> None:
    desk = Desk({"money": "BACK", "over": True, "left": True})
    desk.refuse(word())
    assert desk.told == []


@pytest.mark.parametrize(
    ("order", "refund", "why"),
    [
        ({"money": "PAID", "left": True}, True, "order O is shipped at the mall, whole or in part"),
        ({"money": "DUE"}, True, "order O is DUE at the mall, it cannot be paid back whole: cancel it there"),
        ({"money": "PAID"}, False, "order O is paid: cancel it there, or set refund_refused to yes"),
    ],
)
def test_what_cannot_be_paid_back_is_told(order: Row, refund: bool, why: str) -> None:
    desk = Desk(order, refund=refund)
    with pytest.raises(Conflict, match=why):
        desk.refuse(word())
    assert desk.told == []


def test_an_order_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="the shop has no order 9"):
        Desk({}).refuse(word("9"))
