"""Scaffolding for the tests of the Shopify connector: a running sandbox and small helpers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests

from connectors.kit.practice.sandbox import ShopItem, Shopper
from connectors.shopify.connector import Shopify
from connectors.shopify.sandbox import ShopifySandbox
from hub.ports.channel import AnswerLine, Connection, Dispatch, DispatchLine, OrderAnswer, StockLine

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SHOPPER = Shopper("Ana Torres", "ana@example.com", "12 Quay Street", "Bristol", "BST", "BS1 4DJ", "GB", "+44 117 000")
ITEMS = (ShopItem("LAMP", "Desk lamp", "30.00", 20), ShopItem("BULB", "Bulb", "4.50", 100, "4006381333931"))


def channel_of(sandbox: ShopifySandbox, **settings: str) -> Shopify:
    return Shopify(Connection(1, "shop", "shopify", {**sandbox.settings, **settings}, sandbox.secrets))


def ask(sandbox: ShopifySandbox, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One GraphQL call of our own, as any client would make it."""
    answer = requests.post(
        f"{sandbox.server.url}/admin/api/2026-07/graphql.json",
        json={"query": query, "variables": dict(variables or {})},
        headers={"X-Shopify-Access-Token": sandbox.secrets["access_token"]},
        timeout=5,
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def stock_line(sandbox: ShopifySandbox, sku: str, available: int, last: int | None = None, key: str = "1") -> StockLine:
    item = sandbox.books.items[sku]
    place = {"inventory_item_id": str(item.inventory_item_id), "location_id": sandbox.settings["location_id"]}
    return StockLine(str(item.variant_id), available, f"stock:1:{sku}:{key}", sku, last, place)


def parcel(
    sandbox: ShopifySandbox, ref: str, number: str, pieces: Sequence[tuple[str, int]], *, tracking: str | None = None
) -> Dispatch:
    book = next(order for order in sandbox.book() if order.ref == ref)
    refs = {line.sku: line.line_ref for line in book.lines}
    lines = tuple(DispatchLine(refs[sku], Decimal(count)) for sku, count in pieces)
    told = f"TRACK-{number}" if tracking is None else tracking
    return Dispatch(ref, book.extra["number"], number, "DHL", told, NOW, lines, final=True)


def refusal(ref: str) -> OrderAnswer:
    lines = (AnswerLine("1", Decimal(1), Decimal(0)),)
    return OrderAnswer(ref, None, accepted=False, reason="no stock for LAMP", lines=lines, answered_at=NOW)
