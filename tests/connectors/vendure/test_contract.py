"""The shared contract, against the Vendure sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.vendure.sandbox import VendureSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import ConnectorContract, Strange, stop


class TestVendure(ConnectorContract):
    def make_sandbox(self) -> Sandbox:
        return VendureSandbox()

    def future_cursor(self) -> str:
        return "2126-11-23T08:00:00Z"

    def stop_clock(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, VendureSandbox)
        stop(sandbox._books, "_now")

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, VendureSandbox)
        answer = sandbox.server._answer

        def looping(request: Request) -> Reply:
            reply = answer(request)
            body: dict[str, Any] = json.loads(reply.body)
            if "orders" in (body["data"] or {}):
                body["data"]["orders"]["totalItems"] = 1_000_000
            return replace(reply, body=json.dumps(body).encode())

        sandbox.server._answer = looping

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw)
        body["state"] = "Bartered"
        return Strange(replace(record, raw=json.dumps(body).encode()), "state", "Bartered")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:none:1", "NONE", place={"location_id": sandbox.settings["location_id"]})
