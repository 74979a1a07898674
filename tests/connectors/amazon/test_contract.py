"""The shared contract, against the Amazon sandbox.

Every request that the connector sends and every answer of the sandbox is held to Amazon's models.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.amazon.conftest import FOLDER, specification
from tests.connectors.contract import HeldContract, Strange


class TestAmazon(HeldContract):
    clock = "now"

    def make_sandbox(self) -> AmazonSandbox:
        return AmazonSandbox()

    def specification(self) -> Any:
        return specification() if FOLDER.is_dir() else None

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw)
        body["fulfillment"]["fulfillmentStatus"] = "ON_A_DRONE"
        changed = replace(record, raw=json.dumps(body).encode())
        return Strange(changed, "fulfillment.fulfillmentStatus", "ON_A_DRONE")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("NO-SUCH", 5, "stock:1:x:1", place={"sku": "NO-SUCH"})


@pytest.mark.data
def test_the_models_are_there_and_refuse_what_they_do_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the models should be."""
    assert FOLDER.is_dir()
    asked = Request("GET", "/orders/2026-01-01/orders", {"status": "UNSHIPPED"}, {})
    assert specification().faults(asked, Reply.json({"orders": [], "total": 1})) == [
        "GET /orders/2026-01-01/orders: query status: the specification does not know it",
        "GET /orders/2026-01-01/orders: answer 200.total: the specification does not know it",
    ]
    told = Request("PUT", "/documents/1", {}, {}, b'{"header": {"sellerId": "A", "version": "1"}, "messages": []}')
    assert specification().faults(told, Reply(200))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert specification().faults(Request("POST", "/auth/o2/token", {}, form, b"a=1"), Reply.json({"error": "x"}, 400))
