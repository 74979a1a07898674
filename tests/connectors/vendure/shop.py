"""Scaffolding for the tests of the Vendure connector: a running sandbox and small helpers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import BookOrder, ShopItem, Shopper
from connectors.kit.practice.server import Reply, Request
from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from hub.ports.channel import AnswerLine, Connection, Dispatch, DispatchLine, OrderAnswer, StockLine

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SHOPPER = Shopper("Ana Torres", "ana@example.com", "12 Quay Street", "Bristol", "BST", "BS1 4DJ", "GB", "+44 117 000")
ITEMS = (ShopItem("LAMP", "Desk lamp", "30.00", 20), ShopItem("BULB", "Bulb", "4.50", 100, "4006381333931"))


def channel_of(sandbox: VendureSandbox, **settings: str) -> Vendure:
    return Vendure(Connection(1, "shop", "vendure", {**sandbox.settings, **settings}, sandbox.secrets))


def spy(shop: VendureSandbox) -> list[dict[str, Any]]:
    """The GraphQL requests that reach the shop from now on."""
    seen: list[dict[str, Any]] = []
    answer = shop.server._answer

    def listening(request: Request) -> Reply:
        seen.append(json.loads(request.body))
        return answer(request)

    shop.server._answer = listening
    return seen


def stock_line(shop: VendureSandbox, sku: str, available: int, last: int | None = None, key: str = "1") -> StockLine:
    place = {"location_id": shop.settings["location_id"]}
    return StockLine(str(shop.books.items[sku].id), available, f"stock:1:{sku}:{key}", sku, last, place)


def book_of(shop: VendureSandbox, ref: str) -> BookOrder:
    return next(order for order in shop.book() if order.ref == ref)


def shipped(shop: VendureSandbox, ref: str) -> dict[str, int]:
    return {line.sku: line.shipped for line in book_of(shop, ref).lines}


def parcel(
    shop: VendureSandbox, ref: str, number: str, pieces: Sequence[tuple[str, int]], *, tracking: str | None = None
) -> Dispatch:
    book = book_of(shop, ref)
    refs = {line.sku: line.line_ref for line in book.lines}
    lines = tuple(DispatchLine(refs[sku], Decimal(count)) for sku, count in pieces)
    told = f"TRACK-{number}" if tracking is None else tracking
    return Dispatch(ref, book.extra["number"], number, "DHL", told, NOW, lines, final=True)


def refusal(ref: str) -> OrderAnswer:
    lines = (AnswerLine("1", Decimal(1), Decimal(0)),)
    return OrderAnswer(ref, None, accepted=False, reason="no stock for LAMP", lines=lines, answered_at=NOW)
