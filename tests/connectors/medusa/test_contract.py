"""The shared contract, against the Medusa sandbox, with every exchange held to Medusa's OpenAPI specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.server import Reply, Request
from connectors.medusa.sandbox import MedusaSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange, stop, with_field
from tests.connectors.medusa.conftest import FILE, specification


class TestMedusa(HeldContract):
    def make_sandbox(self) -> MedusaSandbox:
        return MedusaSandbox()

    def specification(self) -> Any:
        return specification() if FILE.is_file() else None

    def stop_clock(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, MedusaSandbox)
        stop(sandbox.books, "now")

    def unknown_status(self, record: RawRecord) -> Strange:
        return with_field(record, "status", "bartered")

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        assert isinstance(sandbox, MedusaSandbox)
        return StockLine("iitem_none", 5, "stock:1:x:1", place={"location_id": sandbox.books.location})


@pytest.mark.data
def test_the_specification_is_there_and_refuses_what_it_does_not_know(shared_data: Path) -> None:
    """So that the watch above is not silently off where the specification should be."""
    assert FILE.is_file()
    asked = Request("GET", "/admin/orders", {"updated_at[$gte]": "2026-11-23T08:00:00Z", "updated_at[$near]": "x"}, {})
    good = Reply.json({"orders": [], "count": 0, "offset": 0, "limit": 50})
    assert specification().faults(asked, good) == [
        "GET /admin/orders: query updated_at[$near]: the specification does not know it"
    ]
