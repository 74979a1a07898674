"""The shared contract, against the Mirakl sandbox.

Every request that the connector sends and every answer of the sandbox is held to Mirakl's OpenAPI specification.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.mirakl.sandbox import MiraklSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.mirakl.conftest import FILE, specification


class TestMirakl(HeldContract):
    def make_sandbox(self) -> MiraklSandbox:
        return MiraklSandbox()

    def specification(self) -> Any:
        return specification() if FILE.is_file() else None

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "order_state", "AWAITING_DRONE")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"offer_sku": "NO-SUCH"})


@pytest.mark.data
def test_the_specification_is_there_and_refuses_what_it_does_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the specification should be."""
    assert FILE.is_file()
    asked = Request("GET", "/api/orders", {"max": "101", "page_token": "x"}, {})
    assert specification().faults(asked, Reply.json({"orders": [], "total_count": 0})) == [
        "GET /api/orders: query max: maximum 100 does not allow 101",
        "GET /api/orders: query page_token: the specification does not know it",
    ]
