"""Looks at a shop's app, permissions and warehouse; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.douyin.client import ORDER, Gateway
from connectors.douyin.feed import BY_CHANGE, SEARCH
from connectors.douyin.shipments import COMPANIES, SHIP
from connectors.douyin.stock import FIRST_PAGE, PRODUCTS, SKUS, WRITE
from connectors.kit.gateway import AppCheckup, Trial
from connectors.kit.values import inside
from hub.canonical.errors import Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

WAREHOUSE, KEY = "warehouse.info", "stockline-check"
NUMBER = {"product_id": "0", "sku_id": "0", "stock_num": 0, "idempotent_id": KEY, "incremental": False}
PACKAGE = {"order_id_list": [], "shipped_order_info": [], "logistics_code": "", "request_id": KEY}
TRIALS: tuple[Trial, ...] = (
    (Finding("permission to read orders", True), SEARCH, {**BY_CHANGE, "page": 0, "size": 1}),
    (Finding("permission to read an order", True), ORDER, {"shop_order_id": "0"}),
    (Finding("permission to read products", True), PRODUCTS, {"page": FIRST_PAGE, "size": 1}),
    (Finding("permission to read a SKU's stock", True), SKUS, {"product_id": "0"}),
    (Finding("permission to write stock", True), WRITE, NUMBER),
    (Finding("permission to read carriers", True), COMPANIES, {}),
    (Finding("permission to ship", True), SHIP, PACKAGE),
)
"""Order 0, product 0 and a package without orders do not exist: the platform refuses them after the permission."""


class Checkup(AppCheckup[Any]):
    """The check of one shop. `warehouse`: your code of the regional warehouse, "" where none is set."""

    entrance = Finding("app and shop", True)
    mend = told("check app_key, app_secret and shop_id, and that the shop has authorized the app: {error}")

    def __init__(self, gateway: Gateway, warehouse: str) -> None:
        super().__init__(gateway)
        self._warehouse = warehouse

    def trials(self) -> tuple[Trial, ...]:
        return TRIALS

    def further(self, callback_url: str | None) -> Iterator[Finding]:
        """The warehouse, and the address of pushed messages: a person sets it, and no program is shown it."""
        if self._warehouse:
            yield self._warehouse_finding()
        if callback_url:
            yield Finding(told(f"address of pushed messages: compare it in the console with {callback_url}"), True)

    def _warehouse_finding(self) -> Finding:
        what = f"warehouse {self._warehouse}"
        try:
            data = self._gateway.read(WAREHOUSE, {"out_warehouse_id": self._warehouse})
        except Rejected as error:
            return Finding(what, False, told(f"make it in the shop's backend, or correct out_warehouse_id: {error}"))
        known = inside(data, "out_warehouse_id") == self._warehouse
        return Finding(what, known, "" if known else told("the shop has no warehouse with that code of yours"))
