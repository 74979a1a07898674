"""The calls that the sandbox shop answers, by the platform's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.douyin.sandbox import shapes
from connectors.douyin.sandbox.errors import DouyinError, bad_param, business
from connectors.douyin.sandbox.gate import Gate
from connectors.douyin.sandbox.shop import Shop

LONGEST_PAGE = 100
Params = Mapping[str, Any]


class Routes:
    """Every call with its answer. `warehouse`: the shop sells by region, from there; "" where it does not.

    `answers`: what makes each; a test may put its own in.
    `loop_pages`: every page says that one more follows, and is the same.
    """

    def __init__(self, shop: Shop, gate: Gate, warehouse: str) -> None:
        self._shop, self._gate, self._warehouse = shop, gate, warehouse
        self.loop_pages = False
        self.answers: dict[str, Callable[[Params], Any]] = {
            "token.create": gate.create,
            "order.searchList": self._search,
            "order.orderDetail": self._detail,
            "product.listV2": self._products,
            "sku.list": self._skus,
            "sku.syncStock": self._write_stock,
            "order.logisticsCompanyList": self._companies,
            "order.logisticsAddSinglePack": self._ship,
            "warehouse.info": self._warehouse_info,
        }

    def answer(self, method: str, params: Params) -> Any:
        """The answer's data. Raises DouyinError."""
        call = self.answers.get(method)
        if call is None:
            raise DouyinError(70000, "isp.api-service-off", "API不存在或API已下线")
        with self._shop.lock:
            try:
                return call(params)
            except KeyError as missing:
                raise DouyinError(40002, "isv.parameter-missing", f"缺少必选参数 {missing}") from None

    def _search(self, params: Params) -> Any:
        page, size = self._page(params, 0)
        if params.get("order_by") not in {"create_time", "update_time"} or not isinstance(params["order_asc"], bool):
            raise bad_param("order_by")
        start = params.get("update_time_start", 0)
        found = [order for order in self._shop.orders.values() if shapes.seconds(order.updated) >= start]
        found.sort(key=lambda order: (order.updated, order.id), reverse=not params["order_asc"])
        page = 0 if self.loop_pages else page
        rows = [shapes.order(order, int(self._gate.shop_id)) for order in found[page * size : (page + 1) * size]]
        return {"page": page, "size": size, "total": 10**6 if self.loop_pages else len(found), "shop_order_list": rows}

    def _page(self, params: Params, first: int) -> tuple[int, int]:
        page, size = params.get("page"), params.get("size")
        if not isinstance(page, int) or not isinstance(size, int) or page < first or not 1 <= size <= LONGEST_PAGE:
            raise bad_param("page, size")
        return page - first, size

    def _detail(self, params: Params) -> Any:
        order = self._shop.orders.get(params["shop_order_id"])
        if order is None:
            raise business("订单不存在")
        return {"shop_order_detail": shapes.order(order, int(self._gate.shop_id))}

    def _products(self, params: Params) -> Any:
        """Pages, or what follows a cursor: the last product's id. The end of a cursor is an empty page."""
        page, size = self._page(params, 1)
        found = [shapes.product(name, ref) for name, ref in self._shop.products.items()]
        if params.get("use_cursor"):
            page, found = 0, [one for one in found if one["product_id"] > int(params.get("cursor_id", "0"))]
        rows = found[page * size : (page + 1) * size]
        last = {"cursor_id": str(rows[-1]["product_id"])} if rows else {}
        return {"data": rows, "total": len(self._shop.products), "page": page + 1, "size": size, **last}

    def _skus(self, params: Params) -> Any:
        found = [sku for sku in self._shop.skus.values() if str(sku.product) == params["product_id"]]
        if not found:
            raise business("商品不存在")
        return [shapes.sku(sku) for sku in found]

    def _write_stock(self, params: Params) -> Any:
        number, warehouse, sku = params["stock_num"], params.get("out_warehouse_id", ""), params["sku_id"]
        if params["incremental"] is not False or not isinstance(number, int) or number < 0:
            raise bad_param("stock_num")
        if not self._shop.set_stock(params["product_id"], sku, warehouse, number, params["idempotent_id"]):
            raise DouyinError(40003, "isv.idempotent-id-existed", "幂等ID重复")
        return None

    def _companies(self, params: Params) -> Any:
        return [{"id": at, "name": name, "code": code} for at, (code, name) in enumerate(shapes.COMPANIES.items(), 1)]

    def _ship(self, params: Params) -> Any:
        refs, company = params["order_id_list"], params.get("company_code")
        if len(refs) != 1 or company not in shapes.COMPANIES:
            raise bad_param("order_id_list, company_code")
        pieces = {one["shipped_order_id"]: one["shipped_num"] for one in params["shipped_order_info"]}
        reject = params.get("is_refund_reject") is True
        return {
            "pack_id": self._shop.ship(refs[0], pieces, company, params["logistics_code"], params["request_id"], reject)
        }

    def _warehouse_info(self, params: Params) -> Any:
        if params["out_warehouse_id"] != self._warehouse or not self._warehouse:
            raise business("仓库不存在")
        return {"warehouse_id": 1, "out_warehouse_id": self._warehouse, "name": "Sandbox", "shop_id": 1, "addr": []}
