"""The shared contract, against the Medusa sandbox, with every exchange held to Medusa's OpenAPI specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.kit.sandbox import Sandbox
from connectors.kit.server import Reply, Request
from connectors.medusa.sandbox import MedusaSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import ConnectorContract, Strange
from tests.connectors.medusa.conftest import FILE, specification
from tests.connectors.openapi import held_to


class TestMedusa(ConnectorContract):
    def make_sandbox(self) -> MedusaSandbox:
        return MedusaSandbox()

    @pytest.fixture(autouse=True)
    def _held_to_the_specification(self, sandbox: Sandbox) -> Iterator[None]:
        assert isinstance(sandbox, MedusaSandbox)
        if not FILE.is_file():
            yield
            return
        with held_to(specification(), sandbox.server):
            yield

    def future_cursor(self) -> str:
        return "2999-01-01T00:00:00Z"

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox, MedusaSandbox)
        sandbox.routes.loop_pages = True

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw) | {"status": "bartered"}
        return Strange(replace(record, raw=json.dumps(body).encode()), "status", "bartered")

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
