"""Looks at a shop's app, permissions and warehouse; says exactly what is missing."""

from __future__ import annotations

from connectors.douyin.client import Gateway, inside
from connectors.douyin.feed import DETAIL, SEARCH
from connectors.douyin.shipments import COMPANIES, SHIP
from connectors.douyin.stock import FIRST_PAGE, PRODUCTS, SKUS, WRITE
from connectors.kit.gateway import Trial, granted
from hub.canonical.errors import AuthFailed, Misconfigured, Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

WAREHOUSE, KEY = "warehouse.info", "stockline-check"
TRIALS: tuple[Trial, ...] = (
    (
        Finding("permission to read orders", True),
        SEARCH,
        {"page": 0, "size": 1, "order_by": "update_time", "order_asc": True},
    ),
    (Finding("permission to read an order", True), DETAIL, {"shop_order_id": "0"}),
    (Finding("permission to read products", True), PRODUCTS, {"page": FIRST_PAGE, "size": 1}),
    (Finding("permission to read a SKU's stock", True), SKUS, {"product_id": "0"}),
    (
        Finding("permission to write stock", True),
        WRITE,
        {"product_id": "0", "sku_id": "0", "stock_num": 0, "idempotent_id": KEY, "incremental": False},
    ),
    (Finding("permission to read carriers", True), COMPANIES, {}),
    (
        Finding("permission to ship", True),
        SHIP,
        {"order_id_list": [], "shipped_order_info": [], "logistics_code": "", "request_id": KEY},
    ),
)
"""Order 0, product 0 and a package without orders do not exist: the platform refuses them after the permission."""


class Checkup:
    """The check of one shop. `warehouse`: your code of the regional warehouse, "" where none is set."""

    def __init__(self, gateway: Gateway, warehouse: str) -> None:
        self._gateway, self._warehouse = gateway, warehouse

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; refused credentials end them."""
        try:
            self._gateway.open()
            found = (Finding("app and shop", True), *granted(self._gateway, TRIALS))
        except (AuthFailed, Misconfigured) as error:
            mend = told(f"check app_key, app_secret and shop_id, and that the shop has authorized the app: {error}")
            return (Finding("app and shop", False, mend),)
        warehouse = [self._warehouse_finding()] if self._warehouse else []
        return (*found, *warehouse, *_push(callback_url))

    def _warehouse_finding(self) -> Finding:
        what = f"warehouse {self._warehouse}"
        try:
            data = self._gateway.read(WAREHOUSE, {"out_warehouse_id": self._warehouse})
        except Rejected as error:
            return Finding(what, False, told(f"make it in the shop's backend, or correct out_warehouse_id: {error}"))
        known = inside(data, "out_warehouse_id") == self._warehouse
        return Finding(what, known, "" if known else told("the shop has no warehouse with that code of yours"))


def _push(url: str | None) -> tuple[Finding, ...]:
    """The address of pushed messages is set by a person, and the platform shows it to no program."""
    return (Finding(f"address of pushed messages: compare it in the console with {url}", True),) if url else ()
