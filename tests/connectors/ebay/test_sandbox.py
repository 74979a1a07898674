"""The sandbox is as strict as eBay: what it would refuse there is refused here, in the same form."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.ebay.sandbox import EbaySandbox
from tests.connectors.contract import SHOPPER

ORDERS, STOCK = "/sell/fulfillment/v1/order", "/sell/inventory/v1"


def call(sandbox: EbaySandbox, method: str, path: str, **more: Any) -> tuple[int, str]:
    """(status, what the first error says)."""
    login = requests.post(
        f"{sandbox.server.url}/identity/v1/oauth2/token", timeout=10,
        auth=(sandbox.login.client_id, sandbox.secrets["client_secret"]),
        data={"grant_type": "refresh_token", "refresh_token": sandbox.secrets["refresh_token"]},
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    answer = requests.request(method, sandbox.server.url + path, headers=headers, timeout=10, **more)
    return answer.status_code, answer.json().get("errors", [{"message": ""}])[0]["message"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": "201"}, "Invalid limit: 201"),
        ({"offset": "x"}, "Invalid offset: x"),
        ({"filter": "lastmodifieddate:[2999-01-01T00:00:00.000Z..]"}, "Start and end dates can't be in the future"),
        ({"filter": "lastmodifieddate:[2020-01-01T00:00:00.000Z..]"}, "must be within '2' years"),
        ({"filter": "lastmodifieddate:[yesterday..]"}, "Invalid date format"),
        ({"filter": "modified:[2020]"}, "Invalid filter value"),
    ],
)
def test_a_list_that_cannot_be_is_refused(asked: dict[str, str], said: str, sandbox: EbaySandbox) -> None:
    status, message = call(sandbox, "GET", ORDERS, params=asked)
    assert status == 400
    assert said in message


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"trackingNumber": "00-34"}, "tracking number or the shipping carrier is invalid"),
        ({"shippingCarrierCode": ""}, "tracking number or the shipping carrier is invalid"),
        ({"lineItems": [{"lineItemId": "1", "quantity": 1}]}, "Invalid line item id: 1"),
    ],
)
def test_a_parcel_that_cannot_be_is_refused(changed: dict[str, Any], said: str, sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    line = {"lineItemId": sandbox.book()[0].lines[0].line_ref, "quantity": 1}
    body = {"lineItems": [line], "trackingNumber": "0034", "shippingCarrierCode": "DHL", **changed}
    status, message = call(sandbox, "POST", f"{ORDERS}/{ref}/shipping_fulfillment", json=body)
    assert status == 400
    assert said in message
    assert sandbox.book()[0].state == "open"


def test_two_skus_in_one_call_are_refused(sandbox: EbaySandbox) -> None:
    rows = [{"sku": sku, "shipToLocationAvailability": {"quantity": 1}} for sku in ("MUG-RED", "MUG-BLUE")]
    status, message = call(sandbox, "POST", f"{STOCK}/bulk_update_price_quantity", json={"requests": rows})
    assert (status, "Only one SKU" in message) == (400, True)
    assert sandbox.shown_stock()["MUG-RED"] == 40


def test_one_row_of_many_that_is_wrong_is_told_alone(sandbox: EbaySandbox) -> None:
    rows = [{"sku": "MUG-RED"}, {"sku": "NO-SUCH"}]
    assert call(sandbox, "POST", f"{STOCK}/bulk_get_inventory_item", json={"requests": rows})[0] == 207


def test_more_money_than_was_paid_is_not_paid_back(sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    body = {"reasonForRefund": "SELLER_CANCEL", "orderLevelRefundAmount": {"value": "17.41", "currency": "EUR"}}
    assert call(sandbox, "POST", f"{ORDERS}/{ref}/issue_refund", json=body)[0] == 400
    assert sandbox.book()[0].state == "open"


def test_a_token_that_is_not_one_is_refused(sandbox: EbaySandbox) -> None:
    bad = {"Authorization": "Bearer x"}
    assert requests.get(f"{sandbox.server.url}{ORDERS}", headers=bad, timeout=10).status_code == 401


def test_nobody_can_change_the_lines_of_an_order_and_shipped_ones_are_not_cancelled(sandbox: EbaySandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert not sandbox.edit_order(ref, "MUG-RED", 2)
    line = {"lineItemId": sandbox.book()[0].lines[0].line_ref}
    assert call(sandbox, "POST", f"{ORDERS}/{ref}/shipping_fulfillment", json={"lineItems": [line]})[0] == 201
    assert not sandbox.cancel_order(ref)
    assert not sandbox.refund_line(ref, "MUG-RED")
    assert sandbox.book()[0].state == "shipped"
