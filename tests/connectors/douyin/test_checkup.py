"""The check names exactly what is missing: credentials, the shop's word, each permission, the warehouse."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from hub.ports.channel import Finding
from tests.connectors.douyin.conftest import connect

PERMISSIONS = {
    "permission to read orders": "order.searchList",
    "permission to read an order": "order.orderDetail",
    "permission to read products": "product.listV2",
    "permission to read a SKU's stock": "sku.list",
    "permission to write stock": "sku.syncStock",
    "permission to read carriers": "order.logisticsCompanyList",
    "permission to ship": "order.logisticsAddSinglePack",
}


def bad(channel: Douyin) -> list[Finding]:
    return [finding for finding in channel.check() if not finding.ok]


def test_a_good_connection_has_every_finding_fine(sandbox: DouyinSandbox, channel: Douyin) -> None:
    found = channel.check("https://hub.example/webhooks/shop")
    assert [finding.what for finding in found] == [
        "app and shop", *PERMISSIONS,
        "address of pushed messages: compare it in the console with https://hub.example/webhooks/shop",
    ]  # fmt: skip
    assert bad(channel) == []


def test_the_check_changes_nothing(sandbox: DouyinSandbox, channel: Douyin) -> None:
    before = (dict(sandbox.shown_stock()), sandbox.book())
    channel.check()
    assert (dict(sandbox.shown_stock()), sandbox.book()) == before


@pytest.mark.parametrize("what", PERMISSIONS)
def test_each_missing_permission_is_named_alone(what: str, sandbox: DouyinSandbox, channel: Douyin) -> None:
    sandbox.gate.denied.add(PERMISSIONS[what])
    (finding,) = bad(channel)
    assert finding.what == what
    assert finding.mend.startswith(f"the app may not call {PERMISSIONS[what]}: apply for its permission package")


def test_a_shop_that_took_its_word_back_is_named(sandbox: DouyinSandbox, channel: Douyin) -> None:
    sandbox.gate.authorized = False
    (finding,) = channel.check()
    assert (finding.what, finding.ok) == ("app and shop", False)
    assert "the shop has authorized the app" in finding.mend
    assert "店铺授权已失效" in finding.mend


def test_a_wrong_app_and_a_wrong_shop_are_named(sandbox: DouyinSandbox) -> None:
    for changed in ({"app_key": "1"}, {"shop_id": "2"}):
        (finding,) = connect(sandbox, **changed).check()
        assert (finding.what, finding.ok) == ("app and shop", False)


def test_a_warehouse_is_looked_for_where_one_is_set(watched: Any) -> None:
    sandbox: DouyinSandbox = watched(DouyinSandbox(warehouse="HZ-1"))
    assert "warehouse HZ-1" in [finding.what for finding in connect(sandbox).check()]
    assert bad(connect(sandbox)) == []
    (finding,) = bad(connect(sandbox, out_warehouse_id="SH-9"))
    assert finding.what == "warehouse SH-9"
    assert "correct out_warehouse_id" in finding.mend


def test_a_warehouse_that_the_app_may_not_read_is_one_finding(sandbox: DouyinSandbox) -> None:
    sandbox.gate.denied.add("warehouse.info")
    (finding,) = bad(connect(sandbox, out_warehouse_id="SH-9"))
    assert finding.what == "warehouse SH-9"
