"""The shared contract, against the Magento sandbox, with stock written directly and through the queue.

Every request that the connector sends and every answer of the sandbox is held to Adobe's OpenAPI specification.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.kit.sandbox import Sandbox
from connectors.kit.server import Reply, Request
from connectors.magento.sandbox import MagentoSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import ConnectorContract, Strange
from tests.connectors.magento.conftest import FILE, specification
from tests.connectors.openapi import held_to


class TestMagento(ConnectorContract):
    def make_sandbox(self) -> MagentoSandbox:
        return MagentoSandbox()

    @pytest.fixture(autouse=True)
    def _held_to_the_specification(self, sandbox: Sandbox) -> Iterator[None]:
        assert isinstance(sandbox, MagentoSandbox)
        if not FILE.is_file():
            yield
            return
        with held_to(specification(), sandbox.server):
            yield

    def future_cursor(self) -> str:
        return "2999-01-01T00:00:00Z"

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, MagentoSandbox)
        sandbox.routes.loop_pages = True

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw) | {"state": "awaiting-drone"}
        return Strange(replace(record, raw=json.dumps(body).encode()), "state", "awaiting-drone")

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
