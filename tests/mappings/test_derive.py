"""How far an order is paid and shipped, told from its amounts and pieces."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.canonical.order import OrderStatus, Payment
from mappings.engine import compile_mapping
from mappings.engine.derive import each, given_back, gross, left, lowered, paid, remaining, shipped, together

OPEN, GONE = OrderStatus.OPEN, OrderStatus.CANCELLED


def number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


@pytest.mark.parametrize(
    ("_case", "status", "amounts", "payment"),
    [
        ("all paid", OPEN, (40, 40, 0, 0, None), "paid"),
        ("paid, and what is due is not told", OPEN, (40, 40, None, None, None), "paid"),
        ("half paid", OPEN, (40, 20, 20, None, None), "unpaid"),
        ("nothing paid", OPEN, (40, None, None, None, None), "unpaid"),
        ("nothing to pay", OPEN, (0, 0, 0, 0, None), "paid"),
        ("only authorized", OPEN, (40, 0, 40, 0, 40), "authorized"),
        ("part given back", OPEN, (40, 40, 0, 5, None), "partially_refunded"),
        ("all given back", OPEN, (40, 40, 0, 40, None), "refunded"),
        ("all given back, and what was paid is not told", OPEN, (40, None, None, 40, None), "refunded"),
        ("canceled before it was paid", GONE, (40, None, 40, None, None), "void"),
        ("canceled, nothing due any more", GONE, (40, None, 0, None, None), "void"),
        ("canceled after it was paid", GONE, (40, 40, 0, None, None), "paid"),
        ("nothing told", OPEN, (None, None, None, None, None), None),
    ],
)
def test_payment_comes_from_the_amounts(
    _case: str, status: OrderStatus, amounts: tuple[int | None, ...], payment: str | None
) -> None:
    total, got, due, refunded, authorized = map(number, amounts)
    assert paid(status, total, got, due, refunded, authorized) == payment


@pytest.mark.parametrize(
    ("lines", "fulfillment"),
    [
        ([(2, 0), (1, 0)], "unfulfilled"),
        ([(2, 1), (1, 0)], "partial"),
        ([(2, 2), (1, 1)], "fulfilled"),
        ([(0, 1), (1, 1)], "fulfilled"),
        ([], None),
    ],
)
def test_shipment_comes_from_the_pieces(lines: list[tuple[int, int]], fulfillment: str | None) -> None:
    assert shipped([(Decimal(wanted), Decimal(sent)) for wanted, sent in lines]) == fulfillment


def test_what_is_left_is_never_below_zero() -> None:
    assert [left(number(3), number(1), None), left(number(3), number(2), number(2)), left(None, number(1))] == [
        2,
        0,
        None,
    ]


def test_what_remains_is_told_of_the_lines_only_of_which_something_went() -> None:
    ordered = {"a": Decimal(3), "b": Decimal(2), "c": None, "d": Decimal(1)}
    gone = {"a": Decimal(-1), "b": Decimal(0), "c": Decimal(1), "d": Decimal(5), "other": Decimal(1)}
    assert remaining(ordered, gone) == {"a": 2, "d": 0}


def test_an_amount_loses_its_sign_and_what_is_unknown_stays_so() -> None:
    assert [lowered(number(-4)), lowered(number(4)), lowered(None)] == [4, 4, None]


@pytest.mark.parametrize(
    ("amount", "quantity", "price"),
    [("10.00", 3, "3.333333"), ("10.00", 2, "5.00"), ("10", 4, "2.5"), ("-9.00", 2, "-4.50"), ("5.00", 0, "None")],
)
def test_the_price_of_one_has_at_least_the_amounts_decimals(amount: str, quantity: int, price: str) -> None:
    assert str(each(Decimal(amount), Decimal(quantity))) == price
    assert each(None, Decimal(1)) is None


def test_pieces_that_are_not_told_count_as_none() -> None:
    assert shipped([(Decimal(1), None)]) == "unfulfilled"
    assert shipped([(None, Decimal(1)), (Decimal(1), Decimal(1))]) == "fulfilled"


def test_every_mapping_may_call_them() -> None:
    text = """
channel: shelfmart
order:
  channel_ref: id
  lines: {each: "items[]", make: {channel_ref: id, quantity: qty}}
  total: total
  payment: {call: paid, with: [$status, $total, {read: paid, as: money}, {read: x, as: money}, $x, $x]}
"""
    text = text.replace("  payment:", "  status: {const: open}\n  payment:").replace("$x", "{read: x, as: money}")
    read = compile_mapping(text, "shelfmart/orders.yaml", {}, {}).run
    assert read({"id": 1, "items": [], "total": "5", "paid": "5"}, {}).payment == "paid"


@pytest.mark.parametrize(
    ("amounts", "total"), [((1, 2), 3), ((None, 2), 2), ((0, None), 0), ((None, None), None), ((), None)]
)
def test_what_is_known_is_put_together_and_nothing_known_is_none(
    amounts: tuple[int | None, ...], total: int | None
) -> None:
    known = [None if amount is None else Decimal(amount) for amount in amounts]
    assert together(*known) == total


@pytest.mark.parametrize(
    ("_case", "told", "refunded", "total", "payment"),
    [
        ("nothing went back", "paid", None, 40, "paid"),
        ("nothing, in numbers", "paid", 0, 40, "paid"),
        ("a part", "paid", 5, 40, "partially_refunded"),
        ("all of it", "paid", 40, 40, "refunded"),
        ("some, and no total is told", "paid", 40, None, "partially_refunded"),
        ("what was never paid", "authorized", 40, 40, "authorized"),
        ("what the channel calls refunded itself", "refunded", 5, 40, "refunded"),
        ("nothing told", None, 5, 40, None),
    ],
)
def test_money_that_went_back_is_told_of_what_was_paid(
    _case: str, told: str | None, refunded: int | None, total: int | None, payment: str | None
) -> None:
    assert given_back(Payment(told) if told else None, number(refunded), number(total)) == payment


@pytest.mark.parametrize(
    ("_case", "net", "included", "tax", "paid_in_the_end"),
    [
        ("tax comes on top", 10, False, 2, 12),
        ("tax is in it", 10, True, 2, 10),
        ("nobody says whether it is", 10, None, 2, 12),
        ("no tax is known", 10, False, None, 10),
        ("no amount is known", None, False, 2, None),
    ],
)
def test_tax_is_added_unless_it_is_in_the_amount(
    _case: str, net: int | None, included: bool | None, tax: int | None, paid_in_the_end: int | None
) -> None:
    assert gross(number(net), included, number(tax)) == number(paid_in_the_end)
