"""The shared contract, against the eBay sandbox.

Every request that the connector sends and every answer of the sandbox is held to eBay's OpenAPI specifications.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.ebay.conftest import FOLDER, specification


class TestEbay(HeldContract):
    clock = "now"
    signature_header = "x-ebay-signature"

    def make_sandbox(self) -> EbaySandbox:
        return EbaySandbox()

    def specification(self) -> Any:
        return specification() if FOLDER.is_dir() else None

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "orderFulfillmentStatus", "AWAITING_DRONE")

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
