"""A mapping that gives orders or their lines other ids breaks them: the hub and the channel find them by these."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.canonical.order import Order, OrderLine
from hub.rules.order_diff import Reading, compare


def order(ref: str = "o1", *lines: str, number: str = "7") -> Order:
    rows = tuple(OrderLine(channel_ref=line, quantity=Decimal(1)) for line in lines or ("a", "b"))
    return Order(channel="fake", channel_ref=ref, number=number, lines=rows)


@pytest.mark.parametrize("other", [order("o2"), order("o1", "a", "c"), order("o1", "a")])
def test_other_ids_break_an_order(other: Order) -> None:
    found = compare(1, "m1", Reading((order(),)), Reading((other,)))
    assert (found.verdict, found.changes, found.before) == ("broken", (), "")
    assert "the ids of the order or of its lines would change, from o1 (a, b) to" in found.after


def test_other_words_change_it_and_the_order_of_lines_is_nothing() -> None:
    assert compare(1, "m1", Reading((order(),)), Reading((order(number="8"),))).verdict == "changed"
    assert compare(1, "m1", Reading((order(),)), Reading((order("o1", "b", "a"),))).verdict == "same"


def test_a_message_that_is_read_only_now_may_have_any_ids() -> None:
    assert compare(1, "m1", Reading(error="no"), Reading((order("o9"),))).verdict == "mended"
