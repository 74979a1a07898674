"""The documentation's own examples and captured answers pass through the connector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses

from connectors.kit.hooks.signatures import sign_base64
from connectors.kit.values import label, text_id
from connectors.kit.wire.exact_json import dumps_exact
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.feed import LIST
from connectors.woocommerce.webhooks import read
from hub.ports.channel import Connection

pytestmark = pytest.mark.data
API = "https://shop.example/wp-json/wc/v3"
KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secret": "w"}


@pytest.fixture
def channel() -> WooCommerce:
    settings = {"shop_url": "https://shop.example", "zone": "America/Sao_Paulo"}
    return WooCommerce(Connection(1, "w", "woocommerce", settings, KEYS))


@pytest.fixture
def example(shared_data: Path) -> Any:
    """(section) -> the value of its example answer."""
    every = json.loads((shared_data / "woocommerce" / "docs_examples_v3.json").read_text())
    answers = {one["section"]: one["value"] for one in every if one["kind"] == "response"}
    return answers.__getitem__


@responses.activate
def test_the_documented_order_list_is_pulled_and_translated(channel: WooCommerce, example: Any) -> None:
    listed = sorted(example("List all orders"), key=lambda order: order["date_modified_gmt"])
    responses.get(f"{API}/orders", json=listed)
    responses.get(f"{API}/orders/723/refunds", json=example("List all refunds"))
    (page,) = channel.pull_orders(None)
    assert [record.ref for record in page.records] == [str(order["id"]) for order in listed]
    for record, order in zip(page.records, listed, strict=True):
        (translated,) = channel.to_orders(record)
        assert [line.channel_ref for line in translated.lines] == [str(line["id"]) for line in order["line_items"]]


@responses.activate
def test_the_documented_products_are_listings(channel: WooCommerce, example: Any) -> None:
    listed = example("List all products")
    responses.get(f"{API}/products", json=listed)
    variations = example("List all product variations")
    parents = [product["id"] for product in listed if product["type"] == "variable"]
    for parent in parents:
        responses.get(f"{API}/products/{parent}/variations", json=variations)
    simple = [str(product["id"]) for product in listed if product["type"] == "simple"]
    offers = [offer.listing_ref for offer in channel.pull_listings()]
    assert sorted(offers) == sorted(simple + [str(one["id"]) for one in variations] * len(parents))


def test_a_documented_order_is_a_webhook(example: Any) -> None:
    raw = dumps_exact(example("Retrieve an order"))
    headers = {"x-wc-webhook-signature": sign_base64("w", raw), "x-wc-webhook-topic": "order.created"}
    notice = read(headers, raw, ["w"], ZoneInfo("UTC"))
    assert [record.ref for record in notice.records] == ["727"]


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("shipment_tracking_single.json", "tracking_number", "456745674567"),
        ("product-stock.json", "id", "2051"),
        ("order-notes-without-data.json", "note", "This order is going to be a problem."),
    ],
)
def test_captured_lists_are_read_with_and_without_an_envelope(
    name: str, field: str, value: str, shared_data: Path
) -> None:
    body = json.loads((shared_data / "woocommerce" / "ios_fixtures" / name).read_text())
    first = LIST.rows(body)[0][field]
    assert (label(first) or text_id(first)) == value
