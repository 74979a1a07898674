"""Whatever comes in, a reader gives canonical orders or one BadRecord: nothing else, ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.amazon.orders import read_orders as read_amazon
from connectors.douyin.orders import read_orders as read_douyin
from connectors.ebay.orders import read_orders as read_ebay
from connectors.magento.orders import read_orders as read_magento
from connectors.medusa.orders import read_orders as read_medusa
from connectors.mirakl.orders import read_orders as read_mirakl
from connectors.pinduoduo.orders import read_orders as read_pinduoduo
from connectors.shopify.orders import read_orders as read_shopify
from connectors.taobao.orders import read_orders as read_taobao
from connectors.vendure.orders import read_orders as read_vendure
from connectors.woocommerce.orders import read_orders as read_woo
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from tests.mappings.mutations import spoiled, spoiled_bytes
from tests.mappings.payloads import shopify_graphql, shopify_rest, vendure, woo
from tests.mappings.payloads_amazon import amazon, amazon_v0
from tests.mappings.payloads_douyin import douyin
from tests.mappings.payloads_ebay import ebay
from tests.mappings.payloads_magento import magento
from tests.mappings.payloads_medusa import medusa
from tests.mappings.payloads_mirakl import mirakl
from tests.mappings.payloads_pinduoduo import pinduoduo
from tests.mappings.payloads_taobao import taobao

Read = Callable[[bytes, Mapping[str, str]], tuple[Order, ...]]
CASES: dict[str, tuple[Read, dict[str, Any]]] = {
    "shopify rest": (read_shopify, shopify_rest()),
    "shopify graphql": (read_shopify, shopify_graphql()),
    "woocommerce": (read_woo, woo()),
    "vendure": (read_vendure, vendure()),
    "magento": (read_magento, magento()),
    "taobao": (read_taobao, taobao()),
    "mirakl": (read_mirakl, mirakl()),
    "medusa": (read_medusa, medusa()),
    "ebay": (read_ebay, ebay()),
    "amazon": (read_amazon, amazon()),
    "amazon v0": (read_amazon, amazon_v0()),
    "douyin": (read_douyin, douyin()),
    "pinduoduo": (read_pinduoduo, pinduoduo()),
}
OFTEN = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def assert_canonical_or_bad(read: Read, raw: bytes) -> None:
    """Orders that survive being written as UTF-8 JSON and read back, or a BadRecord with all three parts."""
    try:
        orders = read(raw, {})
    except BadRecord as bad:
        assert bad.field and bad.why
        json.dumps({"field": bad.field, "value": bad.value, "why": bad.why})
        return
    for order in orders:
        written = json.dumps(order.to_dict(), ensure_ascii=False).encode("utf-8")
        assert b"\\u0000" not in written
        assert order_from_dict(json.loads(written)) == order
        assert order.channel_ref.strip() == order.channel_ref != ""
        assert all(line.quantity >= 0 for line in order.lines)


@pytest.mark.parametrize("_case", CASES)
@OFTEN
@given(data=st.data())
def test_a_spoiled_payload_becomes_an_order_or_one_bad_record(_case: str, data: st.DataObject) -> None:
    read, payload = CASES[_case]
    assert_canonical_or_bad(read, json.dumps(data.draw(spoiled(payload))).encode())


@pytest.mark.parametrize("_case", CASES)
@OFTEN
@given(data=st.data())
def test_spoiled_bytes_become_an_order_or_one_bad_record(_case: str, data: st.DataObject) -> None:
    read, payload = CASES[_case]
    assert_canonical_or_bad(read, data.draw(spoiled_bytes(json.dumps(payload).encode())))


@pytest.mark.parametrize("_case", CASES)
@OFTEN
@given(raw=st.binary(max_size=200))
def test_noise_becomes_one_bad_record(_case: str, raw: bytes) -> None:
    assert_canonical_or_bad(CASES[_case][0], raw)


@pytest.mark.parametrize("_case", CASES)
def test_every_single_field_may_be_missing_or_null(_case: str) -> None:
    read, payload = CASES[_case]
    for name in payload:
        for body in ({k: v for k, v in payload.items() if k != name}, {**payload, name: None}):
            assert_canonical_or_bad(read, json.dumps(body).encode())


def test_only_ids_and_quantities_are_required() -> None:
    refused = {name for name in shopify_rest() if not _reads(read_shopify, {**shopify_rest(), name: None})}
    assert refused == set()
    assert not _reads(read_shopify, {**shopify_rest(), "id": None, "admin_graphql_api_id": None})
    assert {name for name in woo() if not _reads(read_woo, {**woo(), name: None})} == {"id"}
    assert {name for name in magento() if not _reads(read_magento, {**magento(), name: None})} == {"entity_id"}
    assert {name for name in mirakl() if not _reads(read_mirakl, {**mirakl(), name: None})} == {"order_id"}
    assert {name for name in douyin() if not _reads(read_douyin, {**douyin(), name: None})} == {"order_id"}
    assert {name for name in ebay() if not _reads(read_ebay, {**ebay(), name: None})} == {"orderId"}
    assert {name for name in amazon() if not _reads(read_amazon, {**amazon(), name: None})} == {"orderId"}
    for name in shopify_rest()["line_items"][0]:
        body = shopify_rest()
        del body["line_items"][0][name]
        assert _reads(read_shopify, body) == (name not in {"id", "quantity"}), name


def _reads(read: Read, body: dict[str, Any]) -> bool:
    try:
        return bool(read(json.dumps(body).encode(), {}))
    except BadRecord:
        return False


def test_a_nesting_bomb_is_one_bad_record() -> None:
    for bomb in (b"[" * 200_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900, b'{"order":' * 50 + b"1" + b"}" * 50):
        with pytest.raises(BadRecord):
            read_shopify(bomb, {})


def test_nesting_that_can_just_be_decoded_is_one_bad_record_too() -> None:
    for depth in range(100, 1000, 50):
        for field in ("note", "tags", "line_items", "shipping_address"):
            raw = b'{"id": 1, "total_price": "1", "%s": %s}' % (field.encode(), b"[" * depth + b"1" + b"]" * depth)
            with pytest.raises(BadRecord):
                read_shopify(raw, {})
