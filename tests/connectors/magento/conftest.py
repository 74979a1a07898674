"""A running Magento sandbox whose every exchange is held to Adobe's specification, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.magento.connector import Magento
from connectors.magento.sandbox import MagentoSandbox
from tests.connectors.harness import connection_to, started
from tests.connectors.openapi import Specification
from tests.fixtures.data import shared_data_path

FILE = shared_data_path() / "magento" / "admin-openapi-2.4.9_orders_inventory.yaml"
SOURCE_ITEMS = "/V1/inventory/source-items"
WORDS: dict[str, Any] = {"type": "string"}
ACCEPTED = {
    "type": "object",
    "required": ["bulk_uuid", "request_items"],
    "properties": {
        "bulk_uuid": {"type": "string", "format": "uuid"},
        "errors": {"type": "boolean"},
        "request_items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {
                    "id": {"type": "integer"},
                    "data_hash": WORDS,
                    "status": {"type": "string", "enum": ["accepted", "rejected"]},
                    "error_message": WORDS,
                    "error_code": {"type": "integer"},
                },
            },
        },
    },
}


SALABLE = {
    "type": "object",
    "required": ["sku", "qty", "is_salable"],
    "properties": {
        "sku": WORDS,
        "qty": {"type": "number", "nullable": True},
        "is_salable": {"type": "boolean"},
    },
}
"""The file says "an extensible object" of it. Source: `Magento_InventoryExportStock`, `ExportStockSalableQtyInterface`
(sku, qty, is_salable); `qty` is null where stock is not managed."""
EXPORT = "/V1/inventory/export-stock-salable-qty/{salesChannelType}/{salesChannelCode}"


@cache
def specification(file: Path = FILE) -> Specification:
    """Adobe's file, and what it leaves to words: writing source items answers `[]`; bulk calls take lists of bodies."""
    spec = Specification.load(file)
    path = spec.document["paths"][SOURCE_ITEMS]
    write = path["post"]
    empty = {"schema": {"type": "array", "maxItems": 0}}
    body = {**write["parameters"][0], "schema": {"type": "array", "items": write["parameters"][0]["schema"]}}
    in_bulk = {
        "parameters": [body],
        "responses": {"202": {"schema": ACCEPTED}, "default": write["responses"]["default"]},
    }
    salable = spec.document["paths"][EXPORT]["get"]
    page: dict[str, Any] = {"type": "object", "required": ["items", "search_criteria", "total_count"]}
    page["properties"] = {
        **spec.document["definitions"][salable["responses"]["200"]["schema"]["$ref"].rsplit("/", 1)[-1]]["properties"],
        "items": {"type": "array", "items": SALABLE},
    }
    return spec.with_paths(
        {
            EXPORT: {"get": {**salable, "responses": {**salable["responses"], "200": {"schema": page}}}},
            SOURCE_ITEMS: {**path, "post": {**write, "responses": {**write["responses"], "200": empty}}},
            f"/async/bulk{SOURCE_ITEMS}": {"post": in_bulk},
        }
    )


def connect(sandbox: MagentoSandbox, **changed: str) -> Magento:
    """The channel; `changed` replaces settings or secrets by name."""
    return Magento(connection_to(sandbox, **changed))


@pytest.fixture
def watched() -> Iterator[Callable[[MagentoSandbox], MagentoSandbox]]:
    with started(specification() if FILE.is_file() else None) as start:
        yield start


@pytest.fixture
def sandbox(watched: Any) -> MagentoSandbox:
    running: MagentoSandbox = watched(MagentoSandbox())
    return running


@pytest.fixture
def channel(sandbox: MagentoSandbox) -> Magento:
    return connect(sandbox)
