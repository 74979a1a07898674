"""A mapping that gives orders or their lines other ids breaks them: the hub and the channel find them by these."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from hub.canonical.order import Charge, Fulfillment, Order, OrderLine, OrderStatus, Payment, ShippingCharge
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


PAID = replace(
    order(), currency="EUR", total=Decimal("78.43"), shipping=ShippingCharge("post", Decimal("4.90")),
    other_charges=(Charge("gift wrap", Decimal(2)),),
)  # fmt: skip


def _other_line(**values: Decimal | str) -> Order:
    first, *rest = PAID.lines
    return replace(PAID, lines=(replace(first, **values), *rest))


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (replace(PAID, total=Decimal(7843)), ("total",)),
        (replace(PAID, total=None), ("total",)),
        (replace(PAID, currency=None), ("currency",)),
        (replace(PAID, tax_total=Decimal(1)), ("tax_total",)),
        (replace(PAID, shipping=None), ("shipping",)),
        (replace(PAID, shipping=ShippingCharge("post", Decimal(5))), ("shipping", "amount")),
        (replace(PAID, other_charges=()), ("other_charges",)),
        (_other_line(unit_price=Decimal(3)), ("lines", "a", "unit_price")),
        (replace(PAID, extra={"unexplained": "1.00"}), ("extra", "unexplained")),
    ],
)
def test_another_amount_or_currency_is_money(other: Order, path: tuple[str, ...]) -> None:
    found = compare(1, "m1", Reading((PAID,)), Reading((other,)))
    assert (found.verdict, [change.path for change in found.money]) == ("changed", [path])


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, note="ring", total=Decimal("78.430")), replace(PAID, extra={"total": "1"}),
        _other_line(title="a mug"), replace(PAID, shipping=ShippingCharge("van", Decimal("4.90"))),
    ],
)  # fmt: skip
def test_other_words_and_an_amount_that_is_written_otherwise_are_none(other: Order) -> None:
    found = compare(1, "m1", Reading((PAID,)), Reading((other,)))
    assert (found.verdict, found.money) == ("changed", ())


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, shipping=ShippingCharge("post", Decimal("4.90")), discount_total=Decimal(0)),
        replace(PAID, other_charges=(Charge("wrapping", Decimal(2)),)),
        replace(PAID, shipping=ShippingCharge("van", Decimal("4.90"), discount=Decimal(0))),
    ],
)
def test_what_is_0_or_only_called_otherwise_is_no_money(other: Order) -> None:
    assert compare(1, "m1", Reading((PAID,)), Reading((other,))).money == ()


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (replace(PAID, status=OrderStatus.CANCELLED), ("status",)),
        (replace(PAID, payment=Payment.AUTHORIZED), ("payment",)),
        (replace(PAID, fulfillment=Fulfillment.FULFILLED), ("fulfillment",)),
        (_other_line(quantity=Decimal(10)), ("lines", "a", "quantity")),
        (_other_line(sku="MUG"), ("lines", "a", "sku")),
        (replace(PAID, extra={"current": {"a": "0"}}), ("extra", "current")),
    ],
)
def test_what_is_sent_or_whether_is_told_apart(other: Order, path: tuple[str, ...]) -> None:
    found = compare(1, "m1", Reading((PAID,)), Reading((other,)))
    assert ([change.path for change in found.sent], found.money) == ([path], ())


def test_tax_that_is_counted_in_is_money() -> None:
    other = replace(PAID, tax_included=not PAID.tax_included)
    assert [change.path for change in compare(1, "m1", Reading((PAID,)), Reading((other,))).money] == [
        ("tax_included",)
    ]


def test_what_was_not_explained_before_and_is_now_is_none() -> None:
    unexplained = replace(PAID, extra={"unexplained": "1.00"})
    assert compare(1, "m1", Reading((unexplained,)), Reading((PAID,))).money == ()
