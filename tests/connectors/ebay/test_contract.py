"""The shared contract, against the eBay sandbox.

Every request that the connector sends and every answer of the sandbox is held to eBay's OpenAPI specifications.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.sandbox import Sandbox
from connectors.kit.server import Reply, Request
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import ConnectorContract, Strange
from tests.connectors.ebay.conftest import FOLDER, specification
from tests.connectors.openapi import held_to


class TestEbay(ConnectorContract):
    signature_header = "x-ebay-signature"

    def make_sandbox(self) -> EbaySandbox:
        return EbaySandbox()

    @pytest.fixture(autouse=True)
    def _held_to_the_specification(self, sandbox: Sandbox) -> Iterator[None]:
        assert isinstance(sandbox, EbaySandbox)
        if not FOLDER.is_dir():
            yield
            return
        with held_to(specification(), sandbox.server):
            yield

    def future_cursor(self) -> str:
        return "2999-01-01T00:00:00Z"

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, EbaySandbox)
        sandbox.routes.loop_pages = True

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw) | {"orderFulfillmentStatus": "AWAITING_DRONE"}
        return Strange(replace(record, raw=json.dumps(body).encode()), "orderFulfillmentStatus", "AWAITING_DRONE")

    def tracking(self, number: str) -> str:
        return f"TRACK{number}"

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("NO-SUCH", 5, "stock:1:x:1", place={"sku": "NO-SUCH"})


@pytest.mark.data
def test_the_specifications_are_there_and_refuse_what_they_do_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the specifications should be."""
    assert FOLDER.is_dir()
    asked = Request("GET", "/sell/fulfillment/v1/order", {"status": "paid"}, {})
    assert specification().faults(asked, Reply.json({"orders": [{"orderNo": "1"}], "total": 1})) == [
        "GET /sell/fulfillment/v1/order: query status: the specification does not know it",
        "GET /sell/fulfillment/v1/order: answer 200.orders[0].orderNo: the specification does not know it",
    ]
    told = Request(
        "POST", "/identity/v1/oauth2/token", {}, {"content-type": "application/x-www-form-urlencoded"}, b"a=1"
    )
    assert specification().faults(told, Reply.json({"error": "x"}, 400))
