"""Every recorded order payload maps: known values for some, laws for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.shopify.orders import read_orders as read_shopify
from connectors.woocommerce.orders import read_orders as read_woo
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict

pytestmark = pytest.mark.data

Read = Callable[[bytes, Mapping[str, str]], tuple[Order, ...]]
WEBHOOKS = ("orders__create", "orders__updated", "orders__paid", "orders__cancelled")
ORDER_FILES: dict[str, tuple[Read, int]] = {
    **{f"shopify/webhooks_2026-07/metadatas/{topic}.json": (read_shopify, 1) for topic in WEBHOOKS},
    "shopify/rest_fixtures/order.json": (read_shopify, 1),
    "shopify/rest_fixtures/orders.json": (read_shopify, 1),
    "woocommerce/docs_examples_v3.json": (read_woo, 10),
    "woocommerce/ios_fixtures/order.json": (read_woo, 1),
    "woocommerce/ios_fixtures/order-with-charge.json": (read_woo, 1),
}
KEYS = [
    "channel", "channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency",
    "tax_included", "lines", "shipping", "other_charges", "discount_total", "tax_total", "refunded_total", "total",
    "buyer", "ship_to", "bill_to", "ship_by", "deliver_by", "note", "fulfilled_by", "sub_orders", "extra",
]  # fmt: skip


def sources(value: Any) -> Iterator[dict[str, Any]]:
    """The raw orders in a recorded file, found on our own: objects with an id and a total or lines, no refunds."""
    if isinstance(value, dict):
        total = "total_price" in value or ("total" in value and "order_key" in value)
        if "id" in value and total:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from sources(item)


@pytest.mark.parametrize("_case", ORDER_FILES)
def test_every_recorded_order_obeys_the_laws(_case: str, shared_data: Path) -> None:
    read, count = ORDER_FILES[_case]
    raw = (shared_data / _case).read_bytes()
    orders, originals = read(raw, {}), list(sources(json.loads(raw, parse_float=Decimal)))
    assert len(orders) == len(originals) == count
    for order, original in zip(orders, originals, strict=True):
        body = order.to_dict()
        assert list(body) == KEYS
        assert order.channel_ref == str(original["id"])
        assert body["total"] == original.get("total_price", original.get("total"))
        assert [line.channel_ref for line in order.lines] == [str(row["id"]) for row in original.get("line_items", [])]
        assert [line.quantity for line in order.lines] == [
            Decimal(row["quantity"]) for row in original.get("line_items", [])
        ]
        assert order_from_dict(json.loads(json.dumps(body))) == order
        assert not any(isinstance(value, float) for value in leaves(body))


def leaves(value: Any) -> Iterator[Any]:
    """All values that hold no others."""
    if isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from leaves(child)
    else:
        yield value


def test_the_recorded_webhook_has_these_values(shared_data: Path) -> None:
    (order,) = read_shopify((shared_data / "shopify/webhooks_2026-07/metadatas/orders__create.json").read_bytes(), {})
    assert [line.sku for line in order.lines] == [
        "SKU2006-001",
        "LENS-PROTECT-2YR",
        "CASE-LEATHER-PREM",
        "SKU2006-020",
        "SKU2006-035",
    ]
    assert [str(line.total) for line in order.lines] == ["89.99", "19.99", "24.99", "159.99", "119.99"]
    assert order.to_dict()["shipping"] == {
        "method": "Generic Shipping",
        "amount": "10.00",
        "discount": "10.00",
        "tax": "0.00",
    }
    assert (str(order.total), str(order.discount_total), order.status, order.payment) == (
        "404.95",
        "20.00",
        "cancelled",
        "void",
    )
    assert "unexplained" not in order.extra


def test_the_recorded_fixture_names_what_does_not_add_up(shared_data: Path) -> None:
    (order,) = read_shopify((shared_data / "shopify/rest_fixtures/order.json").read_bytes(), {})
    assert order.extra["unexplained"] == "-199.00"
    (order,) = read_woo((shared_data / "woocommerce/ios_fixtures/order.json").read_bytes(), {})
    assert order.extra["unexplained"] == "-125.50"
    assert [str(line.quantity) for line in order.lines] == ["2", "1.5"]


def test_the_documented_woocommerce_order_has_these_values(shared_data: Path) -> None:
    order = read_woo((shared_data / "woocommerce/docs_examples_v3.json").read_bytes(), {})[0]
    first, second = order.to_dict()["lines"]
    assert (first["listing_ref"], first["unit_price"], first["total"]) == ("93", "3.00", "6.45")
    assert (second["listing_ref"], second["title"]) == ("23", "Ship Your Idea – Color: Black, Size: M Test")
    assert order.to_dict()["placed_at"] == "2017-03-22T19:28:02Z"


@pytest.mark.parametrize(
    ("_case", "said"),
    [
        ("shopify/rest_fixtures/refund.json", "an envelope with a refund"),
        ("shopify/webhooks_2026-07/metadatas/refunds__create.json", "a refund"),
        ("shopify/webhooks_2026-07/metadatas/fulfillments__create.json", "a fulfillment"),
        ("shopify/webhooks_2026-07/metadatas/products__update.json", "a product"),
        ("woocommerce/ios_fixtures/refund-single.json", "a refund"),
        ("woocommerce/ios_fixtures/order-notes-without-data.json", "an order note"),
    ],
)
def test_recorded_documents_of_other_kinds_are_called_by_their_names(_case: str, said: str, shared_data: Path) -> None:
    read = read_shopify if _case.startswith("shopify") else read_woo
    with pytest.raises(BadRecord, match=f"looks like {said}"):
        read((shared_data / _case).read_bytes(), {})
