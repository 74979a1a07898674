"""The shared contract, against the Pinduoduo sandbox, each exchange held to the platform's description of its calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.pinduoduo.fields import Descriptions, descriptions, published


class TestPinduoduo(HeldContract):
    clock = "now"
    first_parcel = "shipped"
    shown_place = {"region": "BE", "city": "Berlin"}

    def make_sandbox(self) -> PinduoduoSandbox:
        return PinduoduoSandbox()

    def specification(self) -> Any:
        return published()

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, PinduoduoSandbox)
        sandbox.calls.loop_pages = True

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "order_status", 9)

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"goods_id": "999998"})


@pytest.mark.data
def test_the_descriptions_are_there_and_refuse_what_they_do_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the files should be."""
    assert len(descriptions()) == len(list((shared_data / "pinduoduo").glob("Pdd*.json")))
    form = b"type=pdd.goods.quantity.update&goods_id=1&number=5&update_type=x"
    body = {"goods_quantity_update_response": {"is_success": 1, "why": ""}}
    found = Descriptions().faults(Request("POST", "/api/router", {}, {}, form), Reply.json(body))
    assert sorted(found) == [
        "pdd.goods.quantity.update: answer.goods_quantity_update_response.is_success: expected boolean, found 1",
        "pdd.goods.quantity.update: answer.goods_quantity_update_response.why: the specification does not know it",
        "pdd.goods.quantity.update: number: the description does not know it",
        "pdd.goods.quantity.update: quantity: it is required",
        "pdd.goods.quantity.update: update_type: 'x' is no number",
    ]
