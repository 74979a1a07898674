"""Looks at a shop's app, permissions and warehouse; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.douyin.client import Gateway, Row, inside
from connectors.douyin.feed import SEARCH
from connectors.douyin.shipments import COMPANIES, SHIP
from connectors.douyin.stock import FIRST_PAGE, PRODUCTS, WRITE
from hub.canonical.errors import AuthFailed, Misconfigured, Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

WAREHOUSE = "warehouse.info"
TRIALS: tuple[tuple[str, str, Row], ...] = (
    ("permission to read orders", SEARCH, {"page": 0, "size": 1, "order_by": "update_time", "order_asc": True}),
    ("permission to read products", PRODUCTS, {"page": FIRST_PAGE, "size": 1}),
    (
        "permission to write stock",
        WRITE,
        {"product_id": "0", "sku_id": "0", "stock_num": 0, "idempotent_id": "stockline-check", "incremental": False},
    ),
    ("permission to read carriers", COMPANIES, {}),
    (
        "permission to ship",
        SHIP,
        {"order_id_list": [], "shipped_order_info": [], "logistics_code": "", "request_id": "stockline-check"},
    ),
)
"""Product 0 does not exist, and a package without orders is none: the platform refuses them after the permission."""


class Checkup:
    """The check of one shop. `warehouse`: your code of the regional warehouse, "" where none is set."""

    def __init__(self, gateway: Gateway, warehouse: str) -> None:
        self._gateway, self._warehouse = gateway, warehouse

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; refused credentials end them."""
        try:
            self._gateway.open()
        except (AuthFailed, Misconfigured) as error:
            mend = told(f"check app_key, app_secret and shop_id, and that the shop has authorized the app: {error}")
            return (Finding("app and shop", False, mend),)
        warehouse = [self._warehouse_finding()] if self._warehouse else []
        return (Finding("app and shop", True), *self._permissions(), *warehouse, *_push(callback_url))

    def _permissions(self) -> Iterator[Finding]:
        """Whatever the platform says of product 0 or an empty package shows that the call itself was allowed."""
        for what, method, params in TRIALS:
            try:
                self._gateway.write(method, params)
            except AuthFailed as error:
                mend = told(f"the app may not call {method}: apply for its permission package (权限包): {error}")
                yield Finding(what, False, mend)
            except Rejected:
                yield Finding(what, True)
            else:
                yield Finding(what, True)

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
