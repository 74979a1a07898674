"""The calls that the sandbox shop answers, by the platform's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.taobao.sandbox import shapes
from connectors.taobao.sandbox.errors import TopError, business, invalid, missing
from connectors.taobao.sandbox.gate import RENEW, Gate, moment
from connectors.taobao.sandbox.shop import Shop, Trade

LONGEST_PAGE, LARGEST_BATCH, SKUS = 100, 200, 20
Form = Mapping[str, str]


class Routes:
    """Every call with its answer.

    loop_pages: every page says that one more follows, and the queue never ends.
    topics:     of the shop's messages, None where its queue is not open; () for all.
    frozen:     numbers cannot be written, as while an item is in a promotion.
    refunds_known: whether the platform still has the refunds that lines name.
    """

    def __init__(self, shop: Shop, gate: Gate, group: str) -> None:
        self._shop, self._group = shop, group
        self.loop_pages = self.frozen = False
        self.refunds_known = True
        self.topics: tuple[str, ...] | None = None
        self._calls: Mapping[str, Callable[[Form], dict[str, Any]]] = {
            RENEW: gate.renew,
            "taobao.trades.sold.increment.get": self._changed,
            "taobao.trade.fullinfo.get": self._detail,
            "taobao.refund.get": self._refund,
            "taobao.items.onsale.get": self._on_sale,
            "taobao.item.seller.get": self._item,
            "taobao.skus.quantity.update": self._write_skus,
            "taobao.item.quantity.update": self._write_item,
            "taobao.logistics.companies.get": self._companies,
            "taobao.logistics.offline.send": self._send,
            "taobao.tmc.messages.consume": self._consume,
            "taobao.tmc.messages.confirm": self._confirm,
            "taobao.tmc.user.get": self._user,
            "taobao.tmc.user.permit": self._permit,
        }

    def answer(self, method: str, form: Form) -> dict[str, Any]:
        """What stands in the answer's envelope. Raises TopError."""
        call = self._calls.get(method)
        if call is None:
            raise TopError(22, "Invalid method")
        with self._shop.lock:
            return call(form)

    # ---- trades ----

    def _changed(self, form: Form) -> dict[str, Any]:
        """Newest changes first; with `use_has_next` nobody counts."""
        start, end = (_time(form, name) for name in ("start_modified", "end_modified"))
        if not timedelta(0) < end - start <= timedelta(days=1):
            raise business("invalid-parameter:end_modified", "时间跨度不能大于一天")
        kinds = set(_needed(form, "fields") and (form.get("type") or "fixed,auto_delivery,ec,cod,step").split(","))
        found = [one for one in self._shop.trades.values() if start <= one.modified <= end and one.kind in kinds]
        found.sort(key=lambda one: (one.modified, one.tid), reverse=True)
        page, more = _paged(form, found)
        listed = [{"tid": one.tid, "modified": shapes.stamp(one.modified), "status": one.status} for one in page]
        body: dict[str, Any] = {"trades": {"trade": listed}} if listed else {}
        if form.get("use_has_next") == "true":
            return body | {"has_next": more or self.loop_pages}
        return body | {"total_results": len(found)}

    def _detail(self, form: Form) -> dict[str, Any]:
        return {"trade": shapes.trade(self._trade(form, "fields"))}

    def _trade(self, form: Form, *needed: str) -> Trade:
        for name in needed:
            _needed(form, name)
        return self._shop.trade(_needed(form, "tid"))

    def _refund(self, form: Form) -> dict[str, Any]:
        _needed(form, "fields")
        ref = _needed(form, "refund_id")
        found = [line for trade in self._shop.trades.values() for line in trade.lines if line.refund_id == ref]
        if not (found and self.refunds_known):
            raise business("refund-not-exist", "退款单不存在")
        return {"refund": shapes.refund(found[0])}

    # ---- items ----

    def _on_sale(self, form: Form) -> dict[str, Any]:
        _needed(form, "fields")
        items = sorted({sku.item for sku in self._shop.skus})
        page, _ = _paged(form, items, longest=200)
        return {"total_results": len(items), "items": {"item": [{"num_iid": ref} for ref in page]}}

    def _item(self, form: Form) -> dict[str, Any]:
        _needed(form, "fields")
        return {"item": shapes.item(self._shop.of_item(_needed(form, "num_iid")))}

    def _write_skus(self, form: Form) -> dict[str, Any]:
        pairs = [pair.split(":") for pair in _needed(form, "skuid_quantities").split(";")]
        if len(pairs) > SKUS or any(len(pair) != 2 or not pair[1].isdigit() for pair in pairs):
            raise business("invalid-parameter:skuid_quantities", "最多支持20个SKU")
        return self._write(form, {ref: int(number) for ref, number in pairs})

    def _write_item(self, form: Form) -> dict[str, Any]:
        number = _needed(form, "quantity")
        if not number.isdigit():
            raise invalid("quantity")
        return self._write(form, {form.get("sku_id") or _needed(form, "num_iid"): int(number)})

    def _write(self, form: Form, numbers: Mapping[str, int]) -> dict[str, Any]:
        if form.get("type", "1") != "1":
            raise invalid("type")
        item = _needed(form, "num_iid")
        if self.frozen:
            raise business("item-is-in-promotion", "商品正在参加活动，不能修改库存")
        self._shop.write(item, numbers)
        skus = [{"sku_id": sku.id, "quantity": sku.stock} for sku in self._shop.of_item(item) if str(sku.id) in numbers]
        body = {"num_iid": int(item), "modified": shapes.stamp(self._shop.now())}
        return {"item": body | ({"skus": {"sku": skus}} if skus else {})}

    # ---- parcels ----

    def _companies(self, form: Form) -> dict[str, Any]:
        _needed(form, "fields")
        listed = [{"id": at, "code": code, "name": name} for at, (code, name) in enumerate(shapes.COMPANIES, 1)]
        return {"logistics_companies": {"logistics_company": listed}}

    def _send(self, form: Form) -> dict[str, Any]:
        company, tracking = _needed(form, "company_code"), _needed(form, "out_sid")
        found = self._trade(form)
        if company not in dict(shapes.COMPANIES):
            raise business("logistics-offline-service-error:B01", "物流公司不存在")
        if (form.get("is_split") == "1") != bool(form.get("sub_tid")):
            raise invalid("sub_tid")
        lines = form["sub_tid"].split(",") if form.get("sub_tid") else None
        self._shop.send(found, company, tracking, lines)
        return {"shipping": {"is_success": True}}

    # ---- messages ----

    def _consume(self, form: Form) -> dict[str, Any]:
        self._right_group(form)
        number = form.get("quantity", "10")
        if not number.isdigit() or not 10 <= int(number) <= LARGEST_BATCH:
            raise invalid("quantity")
        if self.topics is None:
            return {}
        found = [shapes.message(one) for one in list(self._shop.messages.values())[: int(number)]]
        return {"messages": {"tmc_message": found}} if found else {}

    def _confirm(self, form: Form) -> dict[str, Any]:
        self._right_group(form)
        ids = _needed(form, "s_message_ids").split(",")
        if len(ids) > LARGEST_BATCH:
            raise invalid("s_message_ids")
        for ref in ids:
            self._shop.messages.pop(int(ref), None)
        return {"is_success": True}

    def _right_group(self, form: Form) -> None:
        if form.get("group_name", "") != self._group:
            raise business("invalid-parameter:group_name", "分组不存在")

    def _user(self, form: Form) -> dict[str, Any]:
        _needed(form, "fields")
        if _needed(form, "nick") != self._shop.nick or self.topics is None:
            return {}
        told = {"topics": {"string": list(self.topics)}} if self.topics else {}
        group = self._group or "default"
        return {"tmc_user": {"user_nick": self._shop.nick, "is_valid": True, "group_name": group, **told}}

    def _permit(self, form: Form) -> dict[str, Any]:
        self.topics = tuple(filter(None, form.get("topics", "").split(",")))
        return {"is_success": True}


def _needed(form: Form, name: str) -> str:
    if not form.get(name):
        raise missing(name)
    return form[name]


def _time(form: Form, name: str) -> Any:
    try:
        return moment(_needed(form, name))
    except ValueError:
        raise invalid(name) from None


def _paged(form: Form, found: Sequence[Any], longest: int = LONGEST_PAGE) -> tuple[Sequence[Any], bool]:
    """(one page, whether more follow). Raises TopError."""
    page, size = form.get("page_no", "1"), form.get("page_size", "40")
    if not page.isdigit() or not size.isdigit() or not 1 <= int(size) <= longest or int(page) < 1:
        raise invalid("page_size")
    end = int(page) * int(size)
    return found[end - int(size) : end], end < len(found)
