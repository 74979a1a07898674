"""The sandbox platform's calls: which one does what; what it does not know, it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.pinduoduo.sandbox.errors import PddError, invalid, refused
from connectors.pinduoduo.sandbox.shapes import (
    CARRIERS,
    carriers_body,
    detail_body,
    goods_body,
    order_body,
    refunds_body,
)
from connectors.pinduoduo.sandbox.shop import Shop, Sku

LONGEST_PAGE, LONGEST_WINDOW_S = 100, 1800
Form = Mapping[str, str]
RENEW = "pdd.pop.auth.token.refresh"
WRITES = frozenset({"pdd.goods.quantity.update", "pdd.logistics.online.send", "pdd.order.upload.extra.logistics"})


class Call(NamedTuple):
    """One call: the key around its answer, names that it needs, names that it also knows, and what answers it."""

    envelope: str
    needs: frozenset[str]
    knows: frozenset[str]
    handler: Callable[[Form], dict[str, Any]]


class Calls:
    """Answers a call whose signature is good.

    denied:      calls that the app may not use.  loop_pages: every page of orders is the same, and thousands follow.
    refuse_quietly: writes answer that they did not succeed.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop, self.denied = shop, set[str]()
        self.loop_pages = self.refuse_quietly = False
        changed = frozenset(
            {"start_updated_at", "end_updated_at", "order_status", "refund_status", "is_lucky_flag", "page"}
        )
        self._calls = {
            "pdd.order.number.list.increment.get": Call(
                "order_sn_increment_get_response", changed, frozenset({"page_size"}), self._changed
            ),
            "pdd.order.information.get": Call(
                "order_info_get_response", frozenset({"order_sn"}), frozenset(), self._order
            ),
            "pdd.refund.list.increment.get": Call(
                "refund_increment_get_response",
                frozenset({"order_sn", "after_sales_status", "after_sales_type", "start_updated_at", "end_updated_at"}),
                frozenset({"page", "page_size"}), self._refunds,
            ),
            "pdd.goods.list.get": Call(
                "goods_list_get_response", frozenset(), frozenset({"page", "page_size"}), self._goods
            ),
            "pdd.goods.detail.get": Call(
                "goods_detail_get_response", frozenset({"goods_id"}), frozenset(), self._detail
            ),
            "pdd.goods.quantity.update": Call(
                "goods_quantity_update_response", frozenset({"goods_id", "quantity", "sku_id"}),
                frozenset({"update_type"}), self._update,
            ),
            "pdd.logistics.companies.get": Call(
                "logistics_companies_get_response", frozenset(), frozenset(), self._carriers
            ),
            "pdd.logistics.online.send": Call(
                "logistics_online_send_response", frozenset({"order_sn", "logistics_id", "tracking_number"}),
                frozenset(), self._send,
            ),
            "pdd.order.upload.extra.logistics": Call(
                "upload_extra_logistics_response", frozenset({"order_sn", "extra_track_list"}),
                frozenset({"extra_track_type"}), self._further,
            ),
        }  # fmt: skip

    def answer(self, name: str, form: Form) -> dict[str, Any]:
        """The whole answer. Raises PddError."""
        if name not in self._calls:
            raise PddError(10017, f"type不正确: {name}")
        if name in self.denied:
            raise PddError(20031, "用户没有授权访问此接口")
        call = self._calls[name]
        for missing in sorted(call.needs - form.keys()):
            raise invalid(f"{missing}不能为空")
        for unknown in sorted(form.keys() - call.needs - call.knows):
            raise invalid(f"{unknown}未知")
        with self._shop.lock:
            return {call.envelope: call.handler(form)}

    # ---- orders ----

    def _changed(self, form: Form) -> dict[str, Any]:
        start, end = _whole(form, "start_updated_at"), _whole(form, "end_updated_at")
        if not 0 <= end - start <= LONGEST_WINDOW_S:
            raise invalid("时间间距不超过30分钟")
        if (form["order_status"], form["refund_status"], form["is_lucky_flag"]) != ("5", "5", "0"):
            raise invalid("the sandbox shows all orders only")
        found = [one for one in self._shop.orders.values() if start <= int(one.updated.timestamp()) <= end]
        found.sort(key=lambda one: (one.updated, one.sn), reverse=True)
        size, offset = _window(form)
        if self.loop_pages and found:
            return {"order_sn_list": [order_body(found[0])] * size, "total_count": 9999, "has_next": True}
        bodies = [order_body(one) for one in found[offset : offset + size]]
        return {"order_sn_list": bodies, "total_count": len(found), "has_next": offset + size < len(found)}

    def _order(self, form: Form) -> dict[str, Any]:
        return {"order_info": order_body(self._shop.order(form["order_sn"]))}

    def _refunds(self, form: Form) -> dict[str, Any]:
        found = refunds_body(self._shop.order(form["order_sn"]))
        return {"refund_list": found, "total_count": len(found)}

    # ---- goods ----

    def _goods(self, form: Form) -> dict[str, Any]:
        size, offset = _window(form)
        every = list(self._shop.skus.values())
        return {"goods_list": [goods_body(sku) for sku in every[offset : offset + size]], "total_count": len(every)}

    def _detail(self, form: Form) -> dict[str, Any]:
        return detail_body(self._of_goods(_whole(form, "goods_id")))

    def _update(self, form: Form) -> dict[str, Any]:
        sku, quantity = self._of_goods(_whole(form, "goods_id")), _whole(form, "quantity")
        if sku.sku_id != _whole(form, "sku_id"):
            raise refused("sku不存在")
        if form.get("update_type", "1") != "1" or quantity < 0:
            raise invalid("quantity必须大于等于0")
        if not self.refuse_quietly:
            self._shop.set_quantity(sku, quantity)
        return {"is_success": not self.refuse_quietly}

    def _of_goods(self, goods_id: int) -> Sku:
        found = next((sku for sku in self._shop.skus.values() if sku.goods_id == goods_id), None)
        if found is None:
            raise refused("商品不存在")
        return found

    # ---- parcels ----

    def _carriers(self, form: Form) -> dict[str, Any]:
        return {"logistics_companies": carriers_body()}

    def _send(self, form: Form) -> dict[str, Any]:
        order = self._shop.order(form["order_sn"])
        if not self.refuse_quietly:
            self._shop.send(order, _carrier(_whole(form, "logistics_id")), form["tracking_number"])
        return {"is_success": not self.refuse_quietly}

    def _further(self, form: Form) -> dict[str, Any]:
        order = self._shop.order(form["order_sn"])
        try:
            tracks = [(_carrier(row["shipping_id"]), str(row["tracking_number"])) for row in _listed(form)]
        except (KeyError, TypeError):
            raise invalid("extra_track_list") from None
        if not self.refuse_quietly:
            self._shop.send_further(order, tracks)
        return {"success": not self.refuse_quietly}


def _listed(form: Form) -> list[Any]:
    try:
        rows = json.loads(form["extra_track_list"])
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not rows:
        raise invalid("extra_track_list")
    return rows


def _carrier(number: int) -> int:
    if number not in {known for known, _, _, usable in CARRIERS if usable}:
        raise refused("快递公司不存在")
    return number


def _whole(form: Form, name: str) -> int:
    text = form[name]
    if not (text.isascii() and text.isdigit()):
        raise invalid(name)
    return int(text)


def _window(form: Form) -> tuple[int, int]:
    """(page size, rows to pass over). Raises PddError."""
    size, page = int(form.get("page_size", "100")), int(form.get("page", "1"))
    if not (1 <= size <= LONGEST_PAGE and page >= 1):
        raise invalid("page_size最大100")
    return size, (page - 1) * size


def moment(seconds: str) -> datetime:
    """A time in seconds since 1970. Raises PddError."""
    return datetime.fromtimestamp(_whole({"timestamp": seconds}, "timestamp"), UTC)
