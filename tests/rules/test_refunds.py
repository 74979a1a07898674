"""Refunds that were told apart from their order: each sentence of `with_refunds` is a law."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.canonical.order import Order, OrderLine, Payment
from hub.canonical.order_json import order_from_dict
from hub.canonical.refund import Refund, RefundLine, Telling, refund_from_dict
from hub.rules.refunds import told_again, with_refunds

START = datetime(2026, 11, 23, tzinfo=UTC)
MONEY = st.decimals("0.01", "500", places=2)
ORDERS = st.builds(
    Order,
    channel=st.just("x"),
    channel_ref=st.just("1"),
    currency=st.sampled_from(["EUR", None]),
    payment=st.sampled_from([*Payment, None]),
    total=st.none() | st.decimals("0", "500", places=2),
    lines=st.just((OrderLine(channel_ref="a", sku="A", quantity=Decimal(2)),)),
    extra=st.sampled_from([{}, {"current": {"a": "1"}}]),
)


def refund(ref: str, amount: str | Decimal = "5.00", **more: object) -> Refund:
    body = {"channel_ref": ref, "order_ref": "1", "currency": "EUR", "amount": Decimal(amount), "refunded_at": START}
    return Refund(**(body | more))  # type: ignore[arg-type]


REFUNDS = st.lists(
    st.builds(
        refund,
        st.text("0123456789", min_size=1, max_size=8),
        MONEY,
        refunded_at=st.none() | st.integers(0, 9).map(lambda days: START + timedelta(days=days)),
    ),
    max_size=5,
    unique_by=lambda one: one.channel_ref,
)


@given(ORDERS, REFUNDS)
def test_the_sum_is_exact_and_says_how_far_the_order_is_paid_back(order: Order, refunds: list[Refund]) -> None:
    joined = with_refunds(order, refunds)
    if not refunds:
        assert joined == order
        return
    total = sum(one.amount for one in refunds)
    whole = order.total is not None and total >= order.total
    assert joined.refunded_total == total
    assert joined.payment is (Payment.REFUNDED if whole else Payment.PARTIALLY_REFUNDED)
    assert [Decimal(row["amount"]) for row in joined.extra["money_back"]] == [
        one.amount
        for one in sorted(refunds, key=lambda one: (one.refunded_at or START - timedelta(days=1), one.channel_ref))
    ]


@given(ORDERS, REFUNDS, st.randoms())
def test_it_is_the_same_in_any_order_and_joined_again(order: Order, refunds: list[Refund], dice: object) -> None:
    joined = with_refunds(order, refunds)
    shuffled = [*refunds]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert with_refunds(order, shuffled) == joined
    assert with_refunds(joined, refunds) == joined
    for others in ([replace(one, amount=Decimal(0)) for one in refunds], [*refunds[:1], refund("new", "3.00")]):
        assert with_refunds(joined, others) == (with_refunds(order, others) if others else joined)
    assert with_refunds(order_from_dict(joined.to_dict()), refunds).digest() == joined.digest()


@given(ORDERS, REFUNDS)
def test_what_is_wanted_of_the_lines_stays_the_orders_own_word(order: Order, refunds: list[Refund]) -> None:
    joined = with_refunds(order, refunds)
    assert (joined.status, joined.lines, joined.total, joined.currency) == (
        order.status, order.lines, order.total, order.currency,
    )  # fmt: skip
    assert joined.extra.get("current") == order.extra.get("current")


@given(ORDERS, REFUNDS)
def test_a_refund_reads_back_as_it_was(order: Order, refunds: list[Refund]) -> None:
    assert [refund_from_dict(one.to_dict()) for one in refunds] == refunds


def paid(total: str = "20.00") -> Order:
    lines = tuple(
        OrderLine(channel_ref=ref, sku=sku, quantity=Decimal(1)) for ref, sku in (("1", "A"), ("2", "B"), ("3", "B"))
    )
    return Order(channel="x", channel_ref="1", lines=lines, payment=Payment.PAID, total=Decimal(total), currency="EUR")


def test_money_in_another_currency_is_listed_and_its_worth_is_not_guessed() -> None:
    joined = with_refunds(paid(), [refund("r1"), refund("r2", currency="USD")])
    assert (joined.refunded_total, joined.payment) == (None, Payment.PARTIALLY_REFUNDED)
    assert [(row["currency"], row["amount"]) for row in joined.extra["money_back"]] == [
        ("EUR", "5.00"),
        ("USD", "5.00"),
    ]


def test_fees_that_come_back_to_the_seller_are_no_money_back() -> None:
    joined = with_refunds(paid(), [refund("r1", "0.00", currency="USD")])
    assert (joined.refunded_total, joined.payment) == (Decimal("0.00"), Payment.PAID)


def test_a_line_names_its_order_line_where_only_one_can_be_meant() -> None:
    rows = tuple(RefundLine(sku=sku, quantity=Decimal(1), amount=Decimal("2.50")) for sku in ("A", "B", "C"))
    (told,) = with_refunds(paid(), [refund("r1", lines=rows)]).extra["money_back"]
    assert told["lines"] == [
        {"line": "1", "sku": "A", "quantity": "1", "amount": "2.50"},
        {"sku": "B", "quantity": "1", "amount": "2.50"},
        {"sku": "C", "quantity": "1", "amount": "2.50"},
    ]


def test_a_listing_tells_lines_apart_that_share_a_sku() -> None:
    order = paid()
    lines = tuple(replace(line, listing_ref=f"L{line.channel_ref}") for line in order.lines)
    found = with_refunds(replace(order, lines=lines), [refund("r1", lines=(RefundLine(listing_ref="L3", sku="B"),))])
    assert found.extra["money_back"][0]["lines"] == [{"line": "3", "listing_ref": "L3", "sku": "B"}]


def telling(number: int, refund: Refund, days: int | None = None) -> Telling:
    """Message `number`, received so many minutes later, which bears a time `days` later, or none."""
    said = None if days is None else START + timedelta(days=days)
    at = START + timedelta(minutes=number)
    return Telling(refund=refund, said_at=said, received_at=at, message_id=number, messages=(number,))


def test_a_refund_that_is_told_again_keeps_its_first_time_and_takes_the_newest_words() -> None:
    first = telling(1, refund("r1"))
    later = telling(2, refund("r1", "6.00", refunded_at=START + timedelta(days=9)))
    kept = replace(later, refund=replace(later.refund, refunded_at=START), messages=(1, 2))
    assert told_again(first, later) == told_again(later, first) == kept
    assert told_again(first, first) == first
    assert told_again(kept, later) == kept
    timeless = telling(3, refund("r1", "7.00", refunded_at=None))
    assert told_again(first, timeless).refund == replace(timeless.refund, refunded_at=START)


def test_the_channels_own_times_say_which_telling_is_the_newer_else_the_order_in_which_they_came() -> None:
    cases: list[tuple[int | None, int | None, str]] = [
        (5, 3, "1.00"), (3, 5, "2.00"), (3, 3, "2.00"), (None, 3, "2.00"), (3, None, "2.00"), (None, None, "2.00"),
    ]  # fmt: skip
    for first, second, expected in cases:
        one, other = telling(1, refund("r1", "1.00"), first), telling(2, refund("r1", "2.00"), second)
        assert told_again(one, other).refund.amount == told_again(other, one).refund.amount == Decimal(expected)


def test_a_message_that_is_read_again_is_taken_as_it_is_read_now() -> None:
    assert told_again(telling(1, refund("r1", "1.00"), 3), telling(1, refund("r1", "2.00"), 3)).refund.amount == 2
