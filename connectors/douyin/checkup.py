"""Looks at a shop's app, permissions and warehouse; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.douyin import client, feed, shipments, stock
from connectors.kit.values import inside
from connectors.kit.wire.gateway import AppCheckup, NotGranted
from hub.canonical.errors import Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

WAREHOUSE, KEY = "warehouse.info", "stockline-check"
NUMBER = {"product_id": "0", "sku_id": "0", "stock_num": 0, "idempotent_id": KEY, "incremental": False}
PACKAGE = {"order_id_list": [], "shipped_order_info": [], "logistics_code": "", "request_id": KEY}


class Checkup(AppCheckup[client.Gateway]):
    """The check of one shop."""

    entrance = Finding("app and shop", True)
    mend = told("check app_key, app_secret and shop_id, and that the shop has authorized the app: {error}")
    calls = (
        (Finding("permission to read orders", True), feed.SEARCH, {**feed.BY_CHANGE, "page": 0, "size": 1}),
        (Finding("permission to read an order", True), client.ORDER, {"shop_order_id": "0"}),
        (Finding("permission to read products", True), stock.PRODUCTS, {"page": stock.FIRST_PAGE, "size": 1}),
        (Finding("permission to read a SKU's stock", True), stock.SKUS, {"product_id": "0"}),
        (Finding("permission to write stock", True), stock.WRITE, NUMBER),
        (Finding("permission to read carriers", True), shipments.COMPANIES, {}),
        (Finding("permission to ship", True), shipments.SHIP, PACKAGE),
    )
    """Order 0, product 0 and a package without orders do not exist: the platform refuses them after the permission."""

    def further(self, callback_url: str | None) -> Iterator[Finding]:
        """The warehouse, and the address of pushed messages: a person sets it, and no program is shown it."""
        if self._gateway.warehouse:
            yield self._warehouse(self._gateway.warehouse)
        if callback_url:
            yield Finding(told(f"address of pushed messages: compare it in the console with {callback_url}"), True)

    def _warehouse(self, code: str) -> Finding:
        what = f"warehouse {code}"
        try:
            data = self._gateway.read(WAREHOUSE, {"out_warehouse_id": code})
        except (Rejected, NotGranted) as error:
            return Finding(what, False, told(f"make it in the shop's backend, or correct out_warehouse_id: {error}"))
        known = inside(data, "out_warehouse_id") == code
        return Finding(what, known, "" if known else told("the shop has no warehouse with that code of yours"))
