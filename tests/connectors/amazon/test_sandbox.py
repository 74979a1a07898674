"""The sandbox is as strict as Amazon: what it would refuse there is refused here, in the same form."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import requests

from connectors.amazon.sandbox import AmazonSandbox
from tests.connectors.contract import ITEMS, SHOPPER

ORDERS, LISTINGS = "/orders/2026-01-01/orders", "/listings/2021-08-01/items/A3STOCKLINE"
GOOD = {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "marketplaceIds": "A1PA6795UKMFR9"}


@pytest.fixture
def sandbox() -> Any:
    """Not held to the models: what is asked here is wrong on purpose."""
    running = AmazonSandbox(queue=True)
    running.start()
    yield running
    running.stop()


def call(sandbox: AmazonSandbox, method: str, path: str, **more: Any) -> tuple[int, str]:
    """(status, what the first error says)."""
    form = {"grant_type": "refresh_token", "client_id": sandbox.login.client_id, **sandbox.login.secrets}
    token = requests.post(f"{sandbox.server.url}/auth/o2/token", data=form, timeout=10).json()["access_token"]
    headers = {"x-amz-access-token": token}
    answer = requests.request(method, sandbox.server.url + path, headers=headers, timeout=10, **more)
    body = answer.json() if answer.content else {}
    return answer.status_code, body.get("errors", [{"details": ""}])[0]["details"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lastUpdatedAfter": "2999-01-01T00:00:00Z"}, "marketplaceIds or lastUpdatedAfter"),
        ({"lastUpdatedAfter": "yesterday"}, "a time is not in ISO 8601"),
        ({"marketplaceIds": "ATVPDKIKX0DER"}, "marketplaceIds or lastUpdatedAfter"),
        ({"createdAfter": "2026-01-01T00:00:00Z"}, "createdAfter or maxResultsPerPage"),
        ({"maxResultsPerPage": "101"}, "createdAfter or maxResultsPerPage"),
        ({"maxResultsPerPage": "many"}, "a field is missing, or of another kind"),
        ({"includedData": "EVERYTHING"}, "includedData"),
        ({"paginationToken": "s0-100"}, "paginationToken"),
    ],
)
def test_a_search_that_cannot_be_is_refused(changed: dict[str, str], said: str, sandbox: AmazonSandbox) -> None:
    assert call(sandbox, "GET", ORDERS, params=GOOD) == (200, "")
    assert call(sandbox, "GET", ORDERS, params=GOOD | changed) == (400, said)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"packageReferenceId": "P1"}, "marketplaceId or packageReferenceId"),
        ({"shipDate": "02/21/2022"}, "a time is not in ISO 8601"),
        ({"carrierCode": "Other"}, "trackingNumber is required, and carrierName when carrierCode is Other"),
        ({"trackingNumber": ""}, "trackingNumber is required, and carrierName when carrierCode is Other"),
        ({"orderItems": [{"orderItemId": "1", "quantity": 1}]}, "The quantity of order item 1 is invalid."),
        ({"orderItems": None}, "a field is missing, or of another kind"),
    ],
)
def test_a_parcel_that_cannot_be_is_refused(changed: dict[str, Any], said: str, sandbox: AmazonSandbox) -> None:
    sandbox.stock_shelves(ITEMS)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    package: dict[str, Any] = {
        "packageReferenceId": "1", "carrierCode": "DHL", "trackingNumber": "T", "shipDate": "2026-11-20T09:00:00Z",
        "orderItems": [{"orderItemId": sandbox.book()[0].lines[0].line_ref, "quantity": 2}],
    }  # fmt: skip
    body = {"marketplaceId": "A1PA6795UKMFR9", "packageDetail": package | changed}
    path = f"/orders/v0/orders/{ref}/shipmentConfirmation"
    before = deepcopy(sandbox.book())
    assert call(sandbox, "POST", path, json=body) == (400, said)
    assert sandbox.book() == before
    assert call(sandbox, "POST", path, json={**body, "packageDetail": package}) == (204, "")


def test_a_package_that_is_told_again_takes_the_place_of_the_former_one(sandbox: AmazonSandbox) -> None:
    sandbox.stock_shelves(ITEMS)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    line = sandbox.book()[0].lines[0].line_ref
    for pieces, tracking in ((2, "A"), (1, "B")):
        package = {
            "packageReferenceId": "1", "carrierCode": "DHL", "trackingNumber": tracking,
            "shipDate": "2026-11-20T09:00:00Z", "orderItems": [{"orderItemId": line, "quantity": pieces}],
        }  # fmt: skip
        body = {"marketplaceId": "A1PA6795UKMFR9", "packageDetail": package}
        assert call(sandbox, "POST", f"/orders/v0/orders/{ref}/shipmentConfirmation", json=body)[0] == 204
    (book,) = sandbox.book()
    assert (book.state, book.trackings, book.lines[0].shipped) == ("partial", ("B",), 1)


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        (f"{LISTINGS}/NO-SUCH", {"marketplaceIds": "A1PA6795UKMFR9"}, 404),
        (LISTINGS, {"marketplaceIds": "ATVPDKIKX0DER"}, 400),
        (LISTINGS, {"marketplaceIds": "A1PA6795UKMFR9", "pageSize": "21"}, 400),
        (LISTINGS, {"marketplaceIds": "A1PA6795UKMFR9", "identifiers": "A"}, 400),
        ("/notifications/v1/destinations", {}, 403),
        ("/feeds/2021-06-30/feeds/1", {}, 404),
        ("/nothing", {}, 404),
    ],
)
def test_what_is_not_there_or_not_allowed_is_refused(
    path: str, params: dict[str, str], status: int, sandbox: AmazonSandbox
) -> None:
    assert call(sandbox, "GET", path, params=params)[0] == status


def test_a_queue_takes_no_call_that_is_not_signed(sandbox: AmazonSandbox) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ReceiveMessage"}
    answer = requests.post(
        f"{sandbox.server.url}/", data=b"{}", headers={**headers, "X-Amz-Date": "20261120T090000Z"}, timeout=10
    )
    assert (answer.status_code, answer.json()["__type"]) == (403, "com.amazonaws.sqs#InvalidSignatureException")


def test_an_address_of_a_document_that_was_not_given_is_refused(sandbox: AmazonSandbox) -> None:
    assert requests.get(f"{sandbox.server.url}/documents/x", timeout=10).status_code == 403
