"""The shared contract, against the Taobao sandbox: with the message queue, and by windows alone.

Every request that the connector sends and every answer of the sandbox is held to the platform's own metadata.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.taobao.sandbox import TaobaoSandbox
from hub.ports.channel import RawRecord, StockLine
from hub.ports.clock import utc_now
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.taobao.metadata import FOLDER, Metadata


class TestTaobao(HeldContract):
    def make_sandbox(self) -> TaobaoSandbox:
        return TaobaoSandbox()

    def specification(self) -> Any:
        return Metadata() if FOLDER.is_dir() else None

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "status", "AWAITING_DRONE")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"num_iid": "999998"})


class TestTaobaoWithoutQueue(TestTaobao):
    """Changes come with the windows alone; what the shop does lies far enough back to be in one."""

    def make_sandbox(self) -> TaobaoSandbox:
        return TaobaoSandbox(seed=1, queue=False, clock=lambda: utc_now() - timedelta(seconds=40))


@pytest.mark.data
def test_the_metadata_is_there_and_refuses_what_it_does_not_describe(shared_data: Path) -> None:
    """So that the watch above is not silently off."""
    assert FOLDER.is_dir()
    form = b"method=taobao.trade.fullinfo.get&tid=one&drone=1&fields=tid,drone"
    asked = Request("POST", "/router/rest", {}, {}, form)
    trade = {"tid": "1", "created": "today", "drone": 1, "orders": [{"oid": 1}]}
    told = Reply.json({"trade_fullinfo_get_response": {"trade": trade}})
    assert Metadata().faults(asked, told) == [
        f"taobao.trade.fullinfo.get: {fault}"
        for fault in (
            "parameter drone: not described", "parameter tid = 'one': no Number", "field drone: not described",
            "answer trade.tid = '1': no Number", "answer trade.created = 'today': no Date",
            "answer trade.drone: not described", "answer trade.orders: expected a list below order",
        )
    ]  # fmt: skip
    assert Metadata().faults(replace(asked, body=b"method=taobao.drone.get"), told) == [
        "taobao.drone.get: no such method"
    ]
    without = Metadata().faults(replace(asked, body=b"method=taobao.trade.fullinfo.get&fields=tid"), Reply.json({}))
    assert without[0] == "taobao.trade.fullinfo.get: parameter tid: missing"
