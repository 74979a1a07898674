"""The shared contract, against the Shopify sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.shopify.sandbox import ShopifySandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import ConnectorContract, Strange


class TestShopify(ConnectorContract):
    signature_header = "x-shopify-hmac-sha256"

    def make_sandbox(self) -> Sandbox:
        return ShopifySandbox()

    def future_cursor(self) -> str:
        return "2126-11-23T08:00:00Z"

    def stop_clock(self, sandbox: Sandbox) -> None:
        """It tells whole seconds: the orders of a moment share one as it is."""

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, ShopifySandbox)
        answer = sandbox.server._answer

        def looping(request: Request) -> Reply:
            asked = json.loads(request.body)
            asked["variables"]["after"] = None
            body: dict[str, Any] = json.loads(answer(replace(request, body=json.dumps(asked).encode())).body)
            body["data"]["orders"]["pageInfo"] = {"hasNextPage": True, "endCursor": "again"}
            return Reply.json(body)

        sandbox.server._answer = looping

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw)
        body["displayFinancialStatus"] = "BARTERED"
        return Strange(replace(record, raw=json.dumps(body).encode()), "displayFinancialStatus", "BARTERED")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        place = {"inventory_item_id": "9007199254740993", "location_id": sandbox.settings["location_id"]}
        return StockLine("9007199254740995", 5, "stock:1:none:1", "NONE", place=place)
