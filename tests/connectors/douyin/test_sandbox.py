"""The sandbox is as strict as the platform: what it does not know, it refuses by its codes, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.douyin.client import Gateway
from connectors.douyin.sandbox import DouyinSandbox
from hub.canonical.errors import Rejected
from hub.ports.channel import Connection
from tests.connectors.contract import SHOPPER


@pytest.fixture
def gateway(sandbox: DouyinSandbox) -> Gateway:
    """Asks a sandbox that is not watched: these requests are wrong on purpose."""
    sandbox.server.watch = None
    return Gateway(Connection(1, "d", "douyin", sandbox.settings, sandbox.secrets))


PACKAGE = {"order_id_list": ["1"], "shipped_order_info": [], "logistics_code": "SF1", "request_id": "r1"}
STOCK = {"product_id": "1", "sku_id": "2", "stock_num": 5, "idempotent_id": "k", "incremental": False}


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("order.cancel", {}, "70000 isp.api-service-off"),
        ("order.orderDetail", {}, "40002 isv.parameter-missing"),
        ("order.searchList", {"page": 0, "size": 101, "order_by": "update_time", "order_asc": True}, "40004"),
        ("order.searchList", {"page": -1, "size": 10, "order_by": "update_time", "order_asc": True}, "40004"),
        ("order.searchList", {"page": 0, "size": 10, "order_by": "price", "order_asc": True}, "40004"),
        ("product.listV2", {"page": 0, "size": 10}, "40004"),
        ("sku.list", {"product_id": "404"}, "50002"),
        ("sku.syncStock", STOCK, "50002"),
        ("sku.syncStock", {**STOCK, "incremental": True}, "40004"),
        ("sku.syncStock", {**STOCK, "stock_num": "5"}, "40004"),
        ("order.logisticsAddSinglePack", {**PACKAGE, "company_code": "pigeon"}, "40004"),
        ("order.logisticsAddSinglePack", {**PACKAGE, "company_code": "ems"}, "50002"),
        ("warehouse.info", {"out_warehouse_id": "X"}, "50002"),
        ("token.create", {"code": "", "grant_type": "authorization_code", "shop_id": "77001"}, "40004"),
    ],
)
def test_what_it_does_not_know_is_refused_by_its_code(
    method: str, params: dict[str, Any], code: str, gateway: Gateway, sandbox: DouyinSandbox
) -> None:
    before = dict(sandbox.shown_stock())
    with pytest.raises(Rejected, match=f"^{method}: {code}"):
        gateway.write(method, params)
    assert dict(sandbox.shown_stock()) == before


def test_no_more_pieces_leave_than_were_ordered(gateway: Gateway, sandbox: DouyinSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    for pieces in (0, 3):
        told = {"order_id_list": [ref], "shipped_order_info": [{"shipped_order_id": ref, "shipped_num": pieces}]}
        with pytest.raises(Rejected, match="发货数量不正确"):
            gateway.write("order.logisticsAddSinglePack", {**PACKAGE, **told, "company_code": "ems"})
    assert sandbox.book()[0].trackings == ()


def test_no_cipher_of_the_sandbox_shows_what_it_hides(gateway: Gateway, sandbox: DouyinSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    told = repr(gateway.read("order.orderDetail", {"shop_order_id": ref}))
    assert [word for word in (SHOPPER.name, SHOPPER.phone, SHOPPER.line, SHOPPER.email) if word in told] == []
