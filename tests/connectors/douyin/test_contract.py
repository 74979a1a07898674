"""The shared contract, against the Douyin sandbox, with stock of the country and of a region.

Every request that the connector sends and every answer of the sandbox is held to the table of fields.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.douyin.sandbox import DouyinSandbox
from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.douyin.conftest import specification
from tests.connectors.fieldtable import answer_faults, request_faults


class TestDouyin(HeldContract):
    signature_header = "event-sign"
    shown_place = {"region": "BE", "city": "Berlin"}

    def make_sandbox(self) -> DouyinSandbox:
        return DouyinSandbox()

    def specification(self) -> Any:
        return specification()

    def point_webhooks(self, sandbox: Sandbox, url: str) -> None:
        assert isinstance(sandbox, DouyinSandbox)
        sandbox.push_to(url)

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "order_status", 77)

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"product_id": "999998"})


class TestDouyinByRegion(TestDouyin):
    """SKUs are sold by region: the number of one warehouse is read and written."""

    def make_sandbox(self) -> DouyinSandbox:
        return DouyinSandbox(seed=1, warehouse="HZ-1")


REQUESTS = {
    "OrderSearchListRequest": "/order/searchList",
    "OrderDetailRequest": "/order/orderDetail",
    "OrderLogisticsAddSinglePackageRequest": "/order/logisticsAddSinglePack",
    "SKUListRequest": "/sku/list",
    "SKUSyncStockRequest": "/sku/syncStock",
    "WarehouseInformationRequest": "/warehouse/info",
}
ANSWERS = {
    "OrderSearchListResponse": "/order/searchList",
    "OrderLogisticsAddSinglePackageResponse": "/order/logisticsAddSinglePack",
    "OrderLogisticsCompanyListResponse": "/order/logisticsCompanyList",
    "SKUListResponse": "/sku/list",
    "WarehouseInformationResponse": "/warehouse/info",
}


def recorded(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "douyin" / "models" / f"{name}.json").read_text("utf-8"))


@pytest.mark.data
@pytest.mark.parametrize("_case", REQUESTS)
def test_the_table_knows_every_field_of_the_recorded_requests(_case: str, shared_data: Path) -> None:
    assert request_faults(specification(), REQUESTS[_case], recorded(shared_data, _case)) == []


@pytest.mark.data
@pytest.mark.parametrize("_case", ANSWERS)
def test_the_table_knows_every_field_of_the_recorded_answers(_case: str, shared_data: Path) -> None:
    assert answer_faults(specification(), ANSWERS[_case], recorded(shared_data, _case)) == []


def test_the_table_refuses_what_it_does_not_know() -> None:
    """So that the watch above is not silently off."""
    query = {"app_key": "1", "method": "sku.list", "timestamp": "1", "v": "2", "sign": "x", "sign_method": "md5"}
    asked = Request("POST", "/sku/list", query, {"content-type": "application/json"}, b'{"product_id":"1","drone":1}')
    told = Reply.json({"code": 10000, "data": [{"id": 1, "product_id": 1, "drone": True}]})
    assert specification().faults(asked, told) == [
        "POST /sku/list: body.drone: the specification does not know it",
        "POST /sku/list: answer 200.data[0].drone: the specification does not know it",
    ]
    assert specification().faults(replace(asked, path="/order/cancel"), told) == ["POST /order/cancel: no such path"]
