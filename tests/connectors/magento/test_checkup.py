"""The check says exactly what is missing: address, token, each permission, sources, website."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from connectors.magento.connector import Magento
from connectors.magento.sandbox import MagentoSandbox
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Connection, Finding
from tests.connectors.contract import SHOPPER
from tests.connectors.magento.conftest import connect


def failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.what, finding.mend) for finding in findings if not finding.ok]


def test_a_shop_without_fault_is_looked_at_from_every_side(sandbox: MagentoSandbox, channel: Magento) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    before = (sandbox.book(), dict(sandbox.shown_stock()))
    assert [(finding.what, finding.ok) for finding in channel.check()] == [
        ("REST API", True), ("access token", True), ("permission to read orders", True),
        ("permission to read products", True), ("permission to read sources", True),
        ("permission to read stocks", True), ("permission to write stock", True),
        ("permission to read shipments", True), ("permission to ship", True), ("permission to comment", True),
        ("permission to cancel", True), ("source default", True), ("stock of website base", True),
    ]  # fmt: skip
    assert (sandbox.book(), dict(sandbox.shown_stock())) == before


@pytest.mark.parametrize(
    ("resource", "what", "where"),
    [
        ("Magento_Sales::actions_view", "read orders", "Sales > Operations > Orders > Actions > View"),
        ("Magento_Sales::ship", "ship", "Sales > Operations > Orders > Actions > Ship"),
        ("Magento_Sales::comment", "comment", "Sales > Operations > Orders > Actions > Comment"),
        ("Magento_Sales::cancel", "cancel", "Sales > Operations > Orders > Actions > Cancel"),
        ("Magento_Sales::shipment", "read shipments", "Sales > Operations > Shipments"),
        ("Magento_Catalog::products", "read products", "Catalog > Inventory > Products"),
        ("Magento_InventoryApi::source", "read sources", "Stores > Inventory > Sources"),
        ("Magento_InventoryApi::stock_source_link", "read stocks",
         "Stores > Inventory > Stocks > Source to Stock Assigning"),
        ("Magento_InventoryApi::stock_source_item_assign", "write stock",
         "Stores > Inventory > Stocks > Source Item Assigning"),
    ],
)  # fmt: skip
def test_a_missing_permission_is_named(
    resource: str, what: str, where: str, sandbox: MagentoSandbox, channel: Magento
) -> None:
    sandbox.routes.denied.add(resource)
    mend = f"the integration may not: tick {where} ({resource}) in its API tab, then activate it again"
    assert failed(channel.check()) == [(f"permission to {what}", mend)]


def test_a_website_whose_stock_may_not_be_seen_is_told_with_the_permission(
    sandbox: MagentoSandbox, channel: Magento
) -> None:
    sandbox.routes.denied.add("Magento_InventorySalesApi::stock")
    mend = "the integration may not: tick Stores > Inventory > Stocks (Magento_InventorySalesApi::stock) in its API tab"
    assert failed(channel.check()) == [("stock of website base", f"{mend}, then activate it again")]


def test_what_the_settings_need_beside_that_is_tried_too(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox(paid=True, bulk=True))
    bulk = "Magento_AsynchronousOperations::system_magento_logging_bulk_operations"
    sandbox.routes.denied |= {bulk, "Magento_Sales::sales_invoice"}
    assert [what for what, _ in failed(connect(sandbox).check())] == [
        "permission to refund",
        "permission to follow the queue",
    ]


def test_a_wrong_token_is_told_with_the_switch_that_lets_it_be_used(sandbox: MagentoSandbox) -> None:
    ((what, mend),) = failed(connect(sandbox, access_token="wrong").check())
    assert what == "access token"
    assert "Allow OAuth Access Tokens to be used as standalone Bearer tokens: Yes" in mend


def test_a_shop_that_wants_signed_requests_refuses_the_token_alone(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox(signed=True))
    alone = dict.fromkeys(("consumer_key", "consumer_secret", "access_token_secret"), "")
    assert [what for what, _ in failed(connect(sandbox, **alone).check())] == ["access token"]
    assert failed(connect(sandbox).check()) == []
    assert [what for what, _ in failed(connect(sandbox, access_token_secret="wrong").check())] == ["access token"]


def test_a_source_that_the_shop_does_not_have_is_told_with_those_it_has(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox(sources=("berlin", "munich")))
    assert failed(connect(sandbox, sources="HAM=hamburg").check()) == [
        ("source hamburg", "the shop has no such source; there are: berlin, munich")
    ]


def test_an_unknown_website_is_told(sandbox: MagentoSandbox) -> None:
    assert failed(connect(sandbox, website="moon").check()) == [
        ("stock of website moon", "no stock belongs to that website: check website, then Stores > Stocks")
    ]


@responses.activate
def test_another_store_view_or_address_is_told() -> None:
    responses.get("https://shop.example/rest/nowhere/V1/orders", status=404, json={"message": "no such entity"})
    settings = {"shop_url": "https://shop.example", "store_code": "nowhere"}
    channel = Magento(Connection(1, "m", "magento", settings, {"access_token": "t"}))
    assert failed(channel.check()) == [
        ("REST API", "no REST API answers there: check shop_url and store_code, and let firewalls pass /rest/")
    ]


def test_a_check_during_an_outage_is_retryable(sandbox: MagentoSandbox, channel: Magento) -> None:
    sandbox.outage(60)
    with pytest.raises(ChannelDown):
        channel.check()


REST = "https://shop.example/rest/default"
ROWS = {"search_criteria": {"filter_groups": []}}


def answers(sources: list[dict[str, Any]], links: list[dict[str, Any]]) -> tuple[Finding, ...]:
    """The check of a shop that allows everything and has these sources and links."""
    for path, rows in (("orders", []), ("products", []), ("shipments", []), ("inventory/sources", sources),
                       ("inventory/stock-source-links", links)):  # fmt: skip
        responses.get(f"{REST}/V1/{path}", json={**ROWS, "items": rows, "total_count": len(rows)})
    for path in ("order/0/ship", "orders/0/comments", "orders/0/cancel", "inventory/source-items"):
        responses.post(f"{REST}/V1/{path}", status=400, json={"message": "An ID is needed."})
    responses.get(f"{REST}/V1/inventory/stock-resolver/website/base", json={"stock_id": 3, "name": "x"})
    settings, secrets = {"shop_url": "https://shop.example"}, {"access_token": "t"}
    return Magento(Connection(1, "m", "magento", settings, secrets)).check()


@responses.activate
def test_a_disabled_source_that_serves_another_stock_is_told_twice() -> None:
    assert failed(answers([{"source_code": "default", "enabled": False}], [])) == [
        ("source default", "it is disabled: Stores > Sources"),
        ("stock of website base", "assign source default to stock 3 in Stores > Stocks"),
    ]
