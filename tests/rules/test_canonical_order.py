"""The canonical order as JSON: written as a whole, it says what its values say one by one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.canonical.order import Address, Buyer, Charge, Order, OrderLine, OrderStatus, Payment, ShippingCharge
from hub.canonical.order_json import order_from_dict

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
EXTRA = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), NUMBERS | TEXTS | TIMES | st.lists(TEXTS))
LINES = st.builds(
    OrderLine, channel_ref=st.just("L1"), quantity=st.decimals(0, 9, allow_nan=False), title=TEXTS, unit_price=NUMBERS
)
ORDERS = st.builds(
    Order, channel=st.just("shop"), channel_ref=st.just("1"), number=TEXTS, placed_at=TIMES, updated_at=TIMES,
    status=st.sampled_from(OrderStatus), payment=st.none() | st.sampled_from(Payment), total=NUMBERS,
    lines=st.lists(LINES, max_size=2).map(tuple), shipping=st.none() | st.builds(ShippingCharge, TEXTS, NUMBERS),
    other_charges=st.lists(st.builds(Charge, st.just("tip"), st.decimals(0, 9, allow_nan=False))).map(tuple),
    buyer=st.none() | st.builds(Buyer, TEXTS, TEXTS), ship_to=st.none() | st.builds(Address, TEXTS), extra=EXTRA,
)  # fmt: skip


@given(ORDERS)
def test_the_json_text_says_what_the_values_say(order: Order) -> None:
    sorted_keys = orjson.dumps(order.to_dict(), option=orjson.OPT_SORT_KEYS)
    assert order.to_json().encode() == sorted_keys
    assert order.digest() == hashlib.sha256(sorted_keys).hexdigest()


def _order(**named: Any) -> Order:
    return Order(channel="shop", channel_ref="1", lines=(OrderLine(channel_ref="L1", quantity=Decimal(2)),), **named)


@pytest.mark.parametrize(
    ("total", "text"), [("1E+3", "1000"), ("1E-7", "0.0000001"), ("-0", "0"), ("-0.00", "-0.00"), ("19.90", "19.90")]
)
def test_numbers_are_written_without_exponent(total: str, text: str) -> None:
    order = _order(total=Decimal(total), number="E+ E-")
    assert orjson.loads(order.to_json())["total"] == text
    assert order.digest() == replace(order, total=Decimal(text)).digest()


def test_a_changed_copy_says_what_it_holds() -> None:
    order = _order(number="A", ship_to=Address(lines=("Long Road 1",)))
    assert order.to_json() and order.digest() != replace(order, number="B").digest()
    assert '"number":"B"' in replace(order, number="B").to_json()
    assert order_from_dict(orjson.loads(order.to_json())) == order


def test_what_no_json_can_hold_is_refused() -> None:
    for extra in ({"a": "\ud800"}, {"a": object()}):
        with pytest.raises(TypeError):
            _order(extra=extra).to_json()


def test_other_mappings_are_objects_too() -> None:
    assert _order(extra=MappingProxyType({"a": 1})).to_json().count('"extra":{"a":1}') == 1


def test_a_time_keeps_its_moment() -> None:
    moment = datetime(2026, 1, 1, 8, 0, 0, 500000, tzinfo=UTC)
    assert '"placed_at":"2026-01-01T08:00:00.500000Z"' in _order(placed_at=moment).to_json()
    assert '"placed_at":"2026-01-01T08:00:01Z"' in _order(placed_at=moment + timedelta(seconds=0.5)).to_json()
