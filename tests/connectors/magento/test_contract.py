"""The shared contract, against the Magento sandbox, with stock written directly and through the queue.

Every request that the connector sends and every answer of the sandbox is held to Adobe's OpenAPI specification.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.magento.sandbox import MagentoSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, with_field
from tests.connectors.magento.conftest import FILE, specification


class TestMagento(HeldContract):
    def make_sandbox(self) -> MagentoSandbox:
        return MagentoSandbox()

    def specification(self) -> Any:
        return specification() if FILE.is_file() else None

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "state", "awaiting-drone")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"sku": "NO-SUCH"})


class TestMagentoSignedAndInBulk(TestMagento):
    """Requests are signed, and stock goes through the queue, one operation a number."""

    def make_sandbox(self) -> MagentoSandbox:
        return MagentoSandbox(seed=1, bulk=True, signed=True)


@pytest.mark.data
def test_the_specification_is_there_and_refuses_what_it_does_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the specification should be."""
    assert FILE.is_file()
    spec, good = specification(), {"items": [], "search_criteria": {"filter_groups": []}, "total_count": 0}
    asked = Request("GET", "/rest/default/V1/orders", {"fields": "items[increment_id]"}, {})
    assert spec.faults(asked, Reply.json(good)) == [
        "GET /rest/default/V1/orders: query fields: the specification does not know it"
    ]
