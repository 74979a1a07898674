"""A running Mirakl sandbox whose every exchange is held to Mirakl's specification, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from tests.connectors.harness import connection_to, started
from tests.connectors.openapi import Specification
from tests.fixtures.data import shared_data_path

FILE = shared_data_path() / "mirakl" / "mirakl-mmp-seller_orders_offers_shipments.json"
ERROR = {
    "type": "object",
    "required": ["message", "status"],
    "properties": {"message": {"type": "string"}, "status": {"type": "integer"}},
}


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


@cache
def specification(file: Path = FILE) -> Specification:
    """Mirakl's file, and what it leaves to words: two ways to page, and what an error looks like."""
    by_offset = [_query("max", type="integer", minimum=1, maximum=100), _query("offset", type="integer", minimum=0)]
    by_token = [_query("limit", type="integer", minimum=1, maximum=100), _query("page_token", type="string")]
    error = {"content": {"application/json": {"schema": ERROR}}}
    words = Specification.load(file).with_query(by_offset, "supports offset pagination")
    return words.with_query(by_token, "supports seek pagination").with_answers({"4XX": error, "5XX": error})


def connect(sandbox: MiraklSandbox, **changed: str) -> Mirakl:
    """The channel; `changed` replaces settings or secrets by name."""
    return Mirakl(connection_to(sandbox, **changed))


@pytest.fixture
def watched() -> Iterator[Callable[[MiraklSandbox], MiraklSandbox]]:
    with started(specification() if FILE.is_file() else None) as start:
        yield start


@pytest.fixture
def sandbox(watched: Any) -> MiraklSandbox:
    running: MiraklSandbox = watched(MiraklSandbox())
    return running


@pytest.fixture
def channel(sandbox: MiraklSandbox) -> Mirakl:
    return connect(sandbox)
