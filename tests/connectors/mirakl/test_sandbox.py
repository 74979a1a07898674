"""The sandbox is as strict as a marketplace: what it does not know, it refuses, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from urllib3 import encode_multipart_formdata

from connectors.mirakl.sandbox import MiraklSandbox
from tests.connectors.contract import ITEMS, SHOPPER


@pytest.fixture
def strict(watched: Any) -> MiraklSandbox:
    """A sandbox that is not watched: these requests are wrong on purpose."""
    sandbox: MiraklSandbox = watched(MiraklSandbox(asks=True))
    sandbox.server.watch = None
    return sandbox


def ask(sandbox: MiraklSandbox, method: str, path: str, key: str = "", **more: Any) -> tuple[int, str]:
    """(status, message) of the answer."""
    headers = {"Authorization": key or sandbox.secrets["api_key"], **more.pop("headers", {})}
    answer = requests.request(method, f"{sandbox.server.url}/api{path}", headers=headers, timeout=10, **more)
    return answer.status_code, answer.json().get("message", "") if answer.content else ""


def test_a_wrong_key_is_refused_everywhere(strict: MiraklSandbox) -> None:
    assert ask(strict, "GET", "/orders", key="nope") == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "message"),
    [
        ("GET", "/orders?page=2", {}, 400, "Unknown parameter: page"),
        ("GET", "/orders?max=101", {}, 400, "max must be between 1 and 100"),
        ("GET", "/orders?start_update_date=2026-11-23", {}, 400, "'2026-11-23' is no date"),
        ("GET", "/orders?shop_id=7", {}, 404, "Shop not found"),
        ("DELETE", "/orders", {}, 404, "Resource not found"),
        ("PUT", "/orders/X/ship", {}, 404, "Order with id 'X' not found"),
        ("POST", "/shipments", {"json": {"parcels": []}}, 400, "Unrecognized field: parcels"),
        ("POST", "/shipments", {"data": "{"}, 400, "Malformed JSON"),
        ("GET", "/offers/99/quantity", {}, 404, "Offer with id '99' not found"),
        ("GET", "/offers/stock/imports/9/error_report", {}, 404, "Import with id '9' not found"),
    ],
)
def test_what_it_does_not_know_is_refused_by_name(
    method: str, path: str, more: dict[str, Any], status: int, message: str, strict: MiraklSandbox
) -> None:
    assert ask(strict, method, path, **more) == (status, message)


def test_every_line_of_an_order_needs_a_decision(strict: MiraklSandbox) -> None:
    ref = strict.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 1)])
    one, other = ({"id": f"{ref}-{at}", "accepted": True} for at in (1, 2))
    for rows, message in (
        ([one], "ORDER_LINE_ACCEPTANCE_DECISION_MISSING"),
        ([one, other, {"id": "X-1", "accepted": True}], "ORDER_LINE_NOT_FOUND: X-1"),
        ([one, other, one], "ORDER_LINE_DUPLICATE_ID"),
        ([one, {**other, "accepted": "yes"}], "VALIDATION_ERROR: accepted"),
    ):
        assert ask(strict, "PUT", f"/orders/{ref}/accept", json={"order_lines": rows}) == (400, message)
    assert strict.shop.order(ref).state == "WAITING_ACCEPTANCE"
    assert ask(strict, "PUT", f"/orders/{ref}/accept", json={"order_lines": [one, other]}) == (204, "")
    assert strict.shop.order(ref).state == "SHIPPING"


def test_an_order_is_shipped_once_and_only_when_it_may(strict: MiraklSandbox) -> None:
    ref = strict.place_order(SHOPPER, [("MUG-RED", 1)])
    early = "The order status must be 'SHIPPING' but it is 'WAITING_ACCEPTANCE'."
    assert ask(strict, "PUT", f"/orders/{ref}/ship") == (400, early)
    strict.shop.decide(strict.shop.order(ref), {f"{ref}-1": True})
    assert ask(strict, "PUT", f"/orders/{ref}/tracking", json={"carrier_code": "XX"})[0] == 400
    assert ask(strict, "PUT", f"/orders/{ref}/tracking", json={"tracking_number": "1"})[0] == 400
    assert ask(strict, "PUT", f"/orders/{ref}/ship") == (204, "")
    assert ask(strict, "PUT", f"/orders/{ref}/ship")[0] == 400
    assert ask(strict, "PUT", f"/orders/{ref}/cancel") == (400, "The order cannot be canceled.")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("stock", '"offer-sku"\n', "The form must have one field: file"),
        ("file", '"sku";"quantity"\n', "The file's columns must be"),
    ],
)
def test_a_stock_file_needs_its_field_and_heading(name: str, text: str, message: str, strict: MiraklSandbox) -> None:
    body, kind = encode_multipart_formdata({name: ("stock.csv", text, "text/csv")})
    status, said = ask(strict, "POST", "/offers/stock/imports", data=body, headers={"Content-Type": kind})
    assert (status, said.startswith(message)) == (400, True)
    assert strict.imports.all == {}


def test_the_book_counts_what_was_cancelled_and_refunded(sandbox: MiraklSandbox) -> None:
    sandbox.stock_shelves(ITEMS)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    assert not sandbox.edit_order(ref, "MUG-RED", 4)
    assert sandbox.edit_order(ref, "MUG-RED", 2)
    sandbox.shop.ship(sandbox.shop.order(ref))
    assert not sandbox.cancel_order(ref)
    assert sandbox.refund_order(ref, "MUG-RED", 2)
    assert not sandbox.refund_order(ref, "MUG-RED", 1)
    (book,) = sandbox.book()
    assert (book.state, [(line.ordered, line.current, line.shipped) for line in book.lines]) == ("shipped", [(3, 2, 2)])
    assert sandbox.faults.counts["order_edited"] == 1
