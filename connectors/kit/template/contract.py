"""The contract that every connector passes, against the practice shop: how this channel's oddities are made."""

from __future__ import annotations

import json
from dataclasses import replace

from connectors.kit.contract.base import Strange
from connectors.kit.contract.suite import ConnectorContract
from connectors.kit.practice.sandbox import Sandbox
from hub.ports.channel import RawRecord, StockLine

from .sandbox import PracticeShop


class TestContract(ConnectorContract):
    """Inherits every test; what a channel cannot have stands in `quality.toml`, `[exempt]`."""

    def make_sandbox(self) -> PracticeShop:
        return PracticeShop()

    def future_cursor(self) -> str:
        return "2999-01-01T00:00:00Z"

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, PracticeShop)
        sandbox.loop_pages = True

    def stop_clock(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, PracticeShop)
        sandbox.shop.stop_clock()

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw) | {"state": "awaiting-drone"}
        return Strange(replace(record, raw=json.dumps(body).encode()), "state", "awaiting-drone")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:none:1")
