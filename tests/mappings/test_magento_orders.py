"""Magento: what each field of an order becomes; variants, bundles, taxed discounts and floats included."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.magento.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_magento import magento


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    body = read(magento()).to_dict()
    assert body["lines"] == [
        {
            "channel_ref": "11", "listing_ref": "1012", "sku": "TEE-RED", "title": "Thing TEE-RED", "quantity": "2",
            "uom": None, "unit_price": "10", "discount": "2.00", "tax": "3.42", "total": "21.42",
        },
        {
            "channel_ref": "14", "listing_ref": "1014", "sku": "A", "title": "Thing A", "quantity": "1",
            "uom": None, "unit_price": "5", "discount": "0", "tax": "0.95", "total": "5.95",
        },
        {
            "channel_ref": "15", "listing_ref": "1015", "sku": "B", "title": "Thing B", "quantity": "2",
            "uom": None, "unit_price": "5", "discount": "0", "tax": "1.9", "total": "11.9",
        },
        {
            "channel_ref": "16", "listing_ref": "1016", "sku": "WARRANTY", "title": "Thing WARRANTY", "quantity": "1",
            "uom": None, "unit_price": "4", "discount": "0", "tax": "0.76", "total": "4.76",
        },
    ]  # fmt: skip
    told = ("channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency")
    assert [body[name] for name in told] == [
        "900719925474099300", "000000042", "2026-10-02T07:15:00Z", "2026-10-03T16:00:01Z", "open",
        "partially_refunded", "partial", "EUR",
    ]  # fmt: skip
    assert body["shipping"] == {"method": "DHL - Parcel", "amount": "5", "discount": "0", "tax": "0.95"}
    assert body["other_charges"] == [{"kind": "gift_card", "amount": "-9.98", "tax": None}]
    totals = ("discount_total", "tax_total", "refunded_total", "total")
    assert [body[name] for name in totals] == ["2.00", "7.98", "11.9", "40"]
    assert body["buyer"] == {
        "channel_ref": "7", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+49301234567",
        "company": "Engines",
    }  # fmt: skip
    assert (body["ship_to"]["name"], body["bill_to"]["name"]) == ("Ada Byron", "Ada Lovelace")
    assert (body["ship_to"]["lines"], body["ship_to"]["region"], body["ship_to"]["country"]) == (
        ["Lindenstr. 5", "Hof"], "BER", "DE",
    )  # fmt: skip
    assert body["extra"] == {
        "current": {"11": "1"}, "base": {"currency": "USD", "total": "44"}, "coupons": ["TEN"],
        "payment_method": "checkmo", "store_id": "1", "virtual": ["16"],
    }  # fmt: skip


def test_the_parts_add_up_to_the_total() -> None:
    assert "unexplained" not in read(magento()).extra
    assert read({**magento(), "grand_total": 40.01}).extra["unexplained"] == "0.01"


def test_a_bundle_with_a_price_of_its_own_is_a_charge_beside_its_parts() -> None:
    body = magento()
    for part in body["items"][3:5]:
        part.update(price=0, row_total=0, tax_amount=0)
    order = read(body)
    assert next((one.kind, str(one.amount), str(one.tax)) for one in order.other_charges) == ("bundle", "15", "2.85")
    assert "unexplained" not in order.extra


def test_what_is_counted_at_a_bundle_counts_for_its_parts() -> None:
    """Magento counts a bundle with a fixed price, or shipped as one, at the bundle; another one at its parts."""
    body = magento()
    body["items"][2].update(qty_ordered=2, qty_shipped=1, qty_refunded=1)
    body["items"][3].update(qty_ordered=2, qty_refunded=2)
    body["items"][4].update(qty_ordered=4)
    order = read(body)
    assert order.extra["current"] == {"11": "1", "14": "0", "15": "2"}
    assert order.fulfillment == "fulfilled"


def test_counts_of_a_bundle_that_make_no_sense_do_not_crash() -> None:
    body = magento()
    body["items"][2].update(qty_ordered=0.000001, qty_shipped=999999999999, qty_refunded=-999999999999)
    body["items"][3].update(qty_ordered=99999999999)
    assert read(body).extra["current"] == {"11": "1"}


def test_the_noise_of_phps_floats_is_rounded_away() -> None:
    raw = json.dumps(magento()).replace('"grand_total": 40,', '"grand_total": 39.9999999999999964,')
    (order,) = read_orders(raw.replace('"price": 10,', '"price": 10.000000000000002,').encode(), {})
    assert (order.total, order.lines[0].unit_price) == (Decimal(40), Decimal(10))


@pytest.mark.parametrize(
    ("state", "status"),
    [("new", "open"), ("pending_payment", "open"), ("payment_review", "open"), ("processing", "open"),
     ("holded", "open"), ("complete", "closed"), ("closed", "closed"), ("canceled", "cancelled")],
)  # fmt: skip
def test_every_state_has_its_word(state: str, status: str) -> None:
    assert read({**magento(), "state": state, "status": "a_status_of_the_shop"}).status == status


def test_an_unknown_state_is_held_until_a_row_or_a_setting_names_it() -> None:
    body = {**magento(), "state": "in_space"}
    bad = refused(body)
    assert (bad.field, bad.value) == ("state", "in_space")
    assert bad.why == "unknown status: add a row to tables/status.csv, or the setting status.in_space=<a value it has>"
    assert read(body, **{"status.in_space": "new"}).status == "open"


@pytest.mark.parametrize(
    ("_case", "fields", "payment"),
    [
        ("paid", {"total_refunded": 0}, "paid"),
        ("nothing paid", {"total_refunded": None, "total_paid": None, "total_due": 40}, "unpaid"),
        ("half paid", {"total_refunded": 0, "total_paid": 20, "total_due": 20}, "unpaid"),
        ("part given back", {}, "partially_refunded"),
        ("all given back", {"total_refunded": 40}, "refunded"),
        ("nothing to pay", {"grand_total": 0, "total_paid": 0, "total_due": 0, "total_refunded": 0}, "paid"),
        ("canceled unpaid", {"state": "canceled", "total_paid": 0, "total_due": 40, "total_refunded": 0}, "void"),
        ("authorized", {"total_refunded": 0, "total_paid": 0, "total_due": 40,
                        "payment": {"amount_authorized": 40}}, "authorized"),
        ("says nothing", {"total_refunded": None, "total_paid": None, "total_due": None, "grand_total": None}, None),
    ],
)  # fmt: skip
def test_payment_comes_from_the_amounts(_case: str, fields: dict[str, Any], payment: str | None) -> None:
    assert read({**magento(), **fields}).payment == payment


@pytest.mark.parametrize(
    ("shipped", "fulfillment"), [((0, 0, 0), "unfulfilled"), ((1, 1, 0), "partial"), ((1, 1, 2), "fulfilled")]
)
def test_what_needs_no_parcel_does_not_keep_an_order_open(shipped: tuple[int, ...], fulfillment: str) -> None:
    body = magento()
    for place, pieces in zip((0, 3, 4), shipped, strict=True):
        body["items"][place]["qty_shipped"] = pieces
    assert read(body).fulfillment == fulfillment


def test_an_item_whose_parent_is_not_in_the_list_is_a_line_for_nothing_may_get_lost() -> None:
    body = magento()
    body["items"] = [row for row in body["items"] if row["item_id"] in {12, 16}]
    assert [line.channel_ref for line in read(body).lines] == ["12", "16"]


@pytest.mark.parametrize("_case", ["bare", "search", "entity", "list", "example"])
def test_every_wrapping_holds_the_same_order(_case: str) -> None:
    page = {"page": "p.md", "title": "t", "endpoint": "GET /V1/orders/3", "label": "Response"}
    wrapped: dict[str, Any] = {
        "bare": magento(),
        "search": {"items": [magento()], "search_criteria": {"filter_groups": []}, "total_count": 1},
        "entity": {"entity": magento()},
        "list": [magento()],
        "example": [
            {**page, "value": {"sourceItems": [{"sku": "a", "source_code": "b"}]}},
            {
                **page,
                "value": {"_unparsed": json.dumps(magento()).replace('"is_virtual": 1}', '"is_virtual": 1}, ...')},
            },
            {**page, "value": {"_unparsed": '{"sku": "sp1\n}'}},
        ],
    }
    assert read(wrapped[_case]) == read(magento())


@pytest.mark.parametrize(
    ("_case", "body", "said"),
    [
        ("invoice", {"entity_id": 1, "order_id": 1, "grand_total": 5, "total_qty": 1, "items": []}, "an invoice"),
        ("credit memo", {"entity_id": 1, "order_id": 1, "grand_total": 5, "items": []}, "a credit memo"),
        ("shipment", {"entity_id": 1, "order_id": 1, "tracks": [], "items": []}, "a shipment"),
        ("product", {"id": 1, "sku": "a", "type_id": "simple"}, "a product"),
        ("source item", {"sku": "a", "source_code": "b", "quantity": 1}, "a source item"),
        ("error", {"message": "The consumer isn't authorized", "trace": ""}, "an error answer"),
        ("another shop's", woo(), "an order of WooCommerce"),
        ("yet another's", shopify_rest(), "an order of Shopify"),
        ("only an id", {"entity_id": 7}, "none of the fields"),
    ],
)
def test_what_is_no_order_is_called_by_its_name(_case: str, body: Any, said: str) -> None:
    assert said in refused(body).why


@pytest.mark.parametrize(
    ("_case", "place", "value", "field"),
    [
        ("an amount", "row_total", "x", "items[0].row_total"),
        ("a quantity", "qty_ordered", -1, "items[0].qty_ordered"),
        ("an id", "item_id", None, "items[0].item_id"),
        ("shipped pieces", "qty_shipped", "many", "items[0].qty_shipped"),
    ],
)
def test_a_bad_value_is_named_with_its_place(_case: str, place: str, value: Any, field: str) -> None:
    body = magento()
    body["items"] = [{**body["items"][5], "is_virtual": 0, place: value}]
    assert refused(body).field == field


@pytest.mark.parametrize("place", ["row_total", "tax_amount"])
def test_a_bad_amount_of_a_bundles_part_is_named_with_its_place(place: str) -> None:
    body = magento()
    body["items"][4][place] = {}
    assert refused(body).field == f"items[4].{place}"


@pytest.mark.data
def test_the_documented_order_has_these_values_and_the_other_examples_are_passed_over(shared_data: Path) -> None:
    (order,) = read_orders((shared_data / "magento" / "docs_examples.json").read_bytes(), {})
    assert (order.channel_ref, order.number, order.status, order.payment) == ("3", "000000003", "open", "unpaid")
    assert [(line.sku, line.listing_ref, str(line.total)) for line in order.lines] == [("WS12-M-Orange", "1553", "22")]
    assert (str(order.total), order.extra["unexplained"]) == ("165", "138")  # the example leaves out its other items
    assert order.ship_to is not None
    assert (order.ship_to.name, order.ship_to.postal_code) == ("Jane Doe", "10577")
