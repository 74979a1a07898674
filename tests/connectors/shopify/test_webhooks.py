"""Webhooks: only what Shopify signed is believed, and each topic leads to the right thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.hooks.signatures import sign_base64
from connectors.shopify.orders import read_orders
from connectors.shopify.webhooks import read_webhook
from hub.canonical.errors import AuthFailed, BadRecord, Misconfigured
from hub.ports.channel import Notice

SECRET = "shpss_example"
ORDER = {"id": 9007199254740995, "updated_at": "2026-11-23T09:00:00+01:00", "line_items": []}


def _read(topic: str, body: Any, *, prefix: str = "x-shopify-", secret: str = SECRET, **more: str) -> Notice:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {f"{prefix}topic": topic, f"{prefix}hmac-sha256": sign_base64(secret, raw)}
    headers |= {f"{prefix}{name.replace('_', '-')}": value for name, value in more.items()}
    return read_webhook(headers, raw, [SECRET, "shpss_former"])


@pytest.mark.data
def test_the_published_vector_holds(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "signatures" / "vectors.json").read_text("utf-8"))
    vector = next(row for row in vectors if row["platform"] == "shopify")
    signature = vector["headers"]["X-Shopify-Hmac-Sha256"]
    raw = vector["raw_body"].encode()
    for name in ("x-shopify-", "shopify-"):
        headers = {f"{name}hmac-sha256": signature, f"{name}topic": "carts/update"}
        assert read_webhook(headers, raw, [vector["secret"]]).topic == "carts/update"
    with pytest.raises(AuthFailed):
        read_webhook({"x-shopify-hmac-sha256": signature}, raw + b" ", [vector["secret"]])


@pytest.mark.parametrize("prefix", ["x-shopify-", "shopify-"])
def test_a_whole_order_is_a_record_with_its_exact_id(prefix: str) -> None:
    raw = json.dumps(ORDER).encode()
    notice = _read("orders/create", raw, prefix=prefix, event_id="e-1", triggered_at="2026-11-23T08:00:01.5Z")
    assert (notice.event_id, notice.topic) == ("e-1:orders/create", "orders/create")
    assert [(record.ref, record.raw) for record in notice.records] == [("9007199254740995", raw)]
    assert str(notice.records[0].updated_at) == "2026-11-23 08:00:00+00:00"
    assert str(notice.triggered_at) == "2026-11-23 08:00:01.500000+00:00"


def test_topics_of_one_event_are_two_deliveries_and_a_repeat_is_one() -> None:
    ids = [_read(topic, ORDER, event_id="e-1").event_id for topic in ("orders/create", "orders/paid", "orders/create")]
    assert ids == ["e-1:orders/create", "e-1:orders/paid", "e-1:orders/create"]


def test_without_an_event_id_the_webhook_id_counts() -> None:
    assert _read("orders/create", ORDER, webhook_id="w-1").event_id == "w-1:orders/create"


@pytest.mark.parametrize(
    ("_case", "topic", "body", "refetch"),
    [
        ("edited", "orders/edited", {"order_edit": {"order_id": 9007199254740995}}, ("9007199254740995",)),
        ("refund", "refunds/create", {"id": 1, "order_id": 9007199254740995}, ("9007199254740995",)),
        ("fulfillment", "fulfillments/create", {"id": 1, "order_id": 9007199254740995}, ("9007199254740995",)),
        ("other topic", "carts/update", {"id": 1}, ()),
    ],
)
def test_a_thin_body_leads_to_the_order(_case: str, topic: str, body: Any, refetch: tuple[str, ...]) -> None:
    notice = _read(topic, body, event_id="e")
    assert (notice.records, notice.refetch, notice.stock_changed) == ((), refetch, ())


def test_a_stock_change_names_the_inventory_item() -> None:
    body = {"inventory_item_id": 9007199254740997, "location_id": 1, "available": 3}
    assert _read("inventory_levels/update", body).stock_changed == ("9007199254740997",)


def test_a_customer_whose_data_is_to_be_erased_is_named_as_orders_name_them() -> None:
    customer = {"id": 9007199254740999, "email": "zoe@example.com", "phone": "555-625-1199"}
    notice = _read("customers/redact", {"shop_id": 954889, "customer": customer, "orders_to_redact": [299938]})
    assert (notice.forget, notice.records, notice.refetch) == (("9007199254740999",), (), ())
    order = {**ORDER, "customer": customer, "name": "#1", "currency": "EUR", "financial_status": "paid"}
    (found,) = read_orders(json.dumps(order).encode(), {})
    assert found.buyer is not None
    assert found.buyer.channel_ref == notice.forget[0]


def test_an_uninstalled_app_needs_a_person() -> None:
    with pytest.raises(Misconfigured, match="was uninstalled"):
        _read("app/uninstalled", {"id": 1})
    with pytest.raises(AuthFailed):  # but nobody else can pause a connection by saying so
        _read("app/uninstalled", {"id": 1}, secret="guessed")


def test_the_former_secret_is_taken_while_it_is_rotated() -> None:
    assert _read("orders/create", ORDER, secret="shpss_former").records
    with pytest.raises(AuthFailed):
        _read("orders/create", ORDER, secret="shpss_other")


@pytest.mark.parametrize("prefix", ["", "x-shop-", "shopify_"])
def test_other_header_names_are_no_signature(prefix: str) -> None:
    raw = json.dumps(ORDER).encode()
    with pytest.raises(AuthFailed):
        read_webhook({f"{prefix}hmac-sha256": sign_base64(SECRET, raw)}, raw, [SECRET])


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64 at all", "=" * 44, "é" * 44, "A" * 43 + "="])
def test_a_made_up_signature_is_refused(signature: str) -> None:
    with pytest.raises(AuthFailed):
        read_webhook({"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": signature}, b"{}", [SECRET])


def test_without_any_secret_nothing_is_believed() -> None:
    with pytest.raises(Misconfigured):
        read_webhook({"x-shopify-hmac-sha256": sign_base64("", b"{}")}, b"{}", ["", ""])


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff\xfe{}", b'{"id": NaN}', b"[" * 100_000])
def test_a_signed_body_that_is_no_object_is_a_bad_record(raw: bytes) -> None:
    with pytest.raises(BadRecord) as caught:
        _read("orders/create", raw)
    assert caught.value.field == "body"


@pytest.mark.parametrize("value", [None, True, "", "abc", -1, 1.5, [], {}, "gid://shopify/Order/x", "1" * 21])
def test_an_order_without_a_usable_id_is_a_bad_record(value: Any) -> None:
    with pytest.raises(BadRecord) as caught:
        _read("orders/create", {"id": value})
    assert caught.value.field == "id"


def test_the_exact_id_wins_over_a_rounded_number() -> None:
    body = {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"}
    assert _read("orders/create", body).records[0].ref == "820982911946154508"


@pytest.mark.data
def test_every_recorded_body_is_read_or_named(shared_data: Path) -> None:
    folder = shared_data / "shopify" / "webhooks_2026-07" / "metadatas"
    led = {}
    for path in sorted(folder.glob("*.json")):
        body = json.loads(path.read_text("utf-8"))
        notice = _read(body["name"], body["response"])
        led[body["name"]] = ([record.ref for record in notice.records], notice.refetch, notice.stock_changed)
    assert led["orders/create"] == (["820982911946154508"], (), ())
    assert led["refunds/create"] == ([], ("820982911946154500",), ())  # rounded so in Shopify's own example
    assert led["inventory_levels/update"] == ([], (), ("271878346596884000",))
    assert led["products/update"] == ([], (), ())
