"""Every connector's payloads, recorded and documented, spoiled in one place or several: orders or one BadRecord."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kit import registry
from connectors.kit.wire.exact_json import dumps_exact
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import decode_json
from tests.fixtures.data import shared_data_path
from tests.mappings.mutations import slots, spoiled
from tests.mappings.test_fuzz import assert_canonical_or_bad

pytestmark = pytest.mark.data

NAMED = {"shopify": ("shopify_rest", "shopify_graphql"), "woocommerce": ("woo",), "vendure": ("vendure",)}
CONNECTORS = [name for name in registry.names() if registry.reads_files(name) and name != "x12"]
"""All that read JSON; X12 has a test of its own (tests/connectors/x12/test_fuzz.py)."""
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LARGEST, MOST = 400_000, 12
"""Bytes of a recorded file, and orders of one connector."""
BIG = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""


@cache
def payloads(name: str) -> tuple[dict[str, Any], ...]:
    """The payloads that our tests are written with, and orders out of the recorded files."""
    module = import_module(f"tests.mappings.payloads{'' if name in NAMED else f'_{name}'}")
    ours = [getattr(module, function)() for function in NAMED.get(name, (name,))]
    return tuple(ours + list(recorded(name))[:MOST])


def recorded(name: str) -> Iterator[dict[str, Any]]:
    """The orders in the recorded files of a connector, each as a document."""
    folder = shared_data_path() / name
    for file in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
        raw = file.read_bytes()
        if len(raw) <= LARGEST and read(name, raw):
            yield from (found for found in objects(json.loads(raw)) if read(name, json.dumps(found).encode()))


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(child)


def read(name: str, raw: bytes) -> tuple[Order, ...]:
    try:
        return registry.reader_of(name)(raw, {})
    except BadRecord:
        return ()


@pytest.mark.parametrize("_case", CONNECTORS)
@OFTEN
@given(data=st.data())
def test_a_spoiled_payload_becomes_orders_or_one_bad_record(_case: str, data: st.DataObject) -> None:
    body = data.draw(spoiled(data.draw(st.sampled_from(payloads(_case)))))
    assert_canonical_or_bad(registry.reader_of(_case), json.dumps(body).encode())


@pytest.mark.parametrize("_case", CONNECTORS)
def test_every_value_may_be_of_another_type_or_missing(_case: str) -> None:
    for body in payloads(_case)[:2]:
        for at, (holder, key) in enumerate(slots(body)):
            for other in (None, [holder[key]], {"x": holder[key]}, "?", True, -1, 10**30):
                raw = json.dumps(_with(body, at, other)).encode()
                assert_canonical_or_bad(registry.reader_of(_case), raw)


@pytest.mark.parametrize("_case", CONNECTORS)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(cents=st.integers(10**6, 10**9))
def test_an_amount_comes_out_as_it_went_in(_case: str, cents: int) -> None:
    """Wherever an amount of the order follows one of the payload, it is the same to the last digit."""
    amount, followed = Decimal(cents).scaleb(-2), 0
    for body in payloads(_case)[:3]:
        for at, (holder, key) in enumerate(slots(body)):
            if not _is_number(holder[key]):
                continue
            for order in read(_case, dumps_exact(_with(body, at, _like(holder[key], amount, cents)))):
                near = [found for found in amounts(order) if abs(found - amount) < Decimal("0.01")]
                assert near == [amount] * len(near)
                followed += len(near)
    assert followed


@pytest.mark.parametrize("_case", CONNECTORS)
def test_an_id_comes_out_as_text_with_all_its_digits(_case: str) -> None:
    followed = 0
    for body in payloads(_case)[:3]:
        own = {ref for order in read(_case, json.dumps(body).encode()) for ref in refs(order)}
        for at, (holder, key) in enumerate(slots(body)):
            if not isinstance(holder[key], (str, int)) or str(holder[key]) not in own:
                continue
            big: Any = BIG if isinstance(holder[key], int) else str(BIG)
            for order in read(_case, json.dumps(_with(body, at, big)).encode()):
                found = refs(order)
                assert all(isinstance(ref, str) for ref in found)
                assert str(BIG - 1) not in found
                followed += str(BIG) in found
    assert followed


def _with(body: dict[str, Any], at: int, value: Any) -> dict[str, Any]:
    """The payload with another value in its slot of that number."""
    changed = copy.deepcopy(body)
    holder, key = list(slots(changed))[at]
    holder[key] = value
    return changed


def _is_number(value: Any) -> bool:
    text = str(value)
    return not isinstance(value, (bool, dict, list)) and text.replace(".", "", 1).isdigit() and text.isascii()


def _like(value: Any, amount: Decimal, cents: int) -> Any:
    """The amount as this payload writes amounts: text, a number, or whole cents."""
    if isinstance(value, int):
        return cents
    return str(amount) if isinstance(value, str) and "." in value else cents if isinstance(value, str) else amount


def amounts(order: Order) -> list[Decimal]:
    lines = [getattr(line, name) for line in order.lines for name in ("unit_price", "total", "tax", "discount")]
    shipping = [order.shipping.amount, order.shipping.tax] if order.shipping else []
    found = (order.total, order.tax_total, order.discount_total, order.refunded_total, *lines, *shipping)
    return [amount for amount in found if amount is not None]


def refs(order: Order) -> list[Any]:
    return [order.channel_ref, *(line.channel_ref for line in order.lines), *(line.listing_ref for line in order.lines)]


def test_numbers_of_a_payload_are_read_exactly() -> None:
    assert decode_json(b'{"a": 0.1, "b": 9007199254740993}') == {"a": Decimal("0.1"), "b": BIG}
