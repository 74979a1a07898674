"""A running Medusa sandbox whose every exchange is held to Medusa's specification, and the channel that talks to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.medusa.connector import Medusa
from connectors.medusa.sandbox import MedusaSandbox
from tests.connectors.harness import connection_to, started
from tests.connectors.openapi import Specification
from tests.fixtures.data import shared_data_path

FILE = shared_data_path() / "medusa" / "admin_openapi_2024-10_orders_inventory.json"
EMPTY = frozenset(
    {
        "deleted_at", "packed_at", "shipped_at", "delivered_at", "canceled_at", "metadata", "subtitle", "thumbnail",
        "product_description", "product_subtitle", "product_type", "product_collection", "product_handle",
        "variant_barcode", "variant_option_values", "barcode", "ean", "upc", "hs_code", "origin_country", "mid_code",
        "material", "weight", "length", "height", "width",
    }
)  # fmt: skip
"""Fields that the server sends as null, and that the file requires without saying so."""
WORDS: dict[str, Any] = {"type": "string"}
LINK = {"variant_id": WORDS, "inventory_item_id": WORDS, "required_quantity": {"type": "number"}}
CREDIT = {
    **dict.fromkeys(("id", "order_id", "reference", "reference_id", "created_at", "updated_at"), WORDS),
    **{name: {"type": "number"} for name in ("version", "amount")},
    **{name: {"type": "object", "nullable": True} for name in ("metadata", "deleted_at")},
}
LATER: dict[str, dict[str, Any]] = {
    "AdminOrder": {
        "status": {**WORDS, "enum": ["pending", "completed", "draft", "archived", "canceled", "requires_action"]},
        "credit_lines": {"type": "array", "items": {"type": "object", "properties": CREDIT}},
    },
    "AdminOrderFulfillment": {
        "labels": {"type": "array", "items": {"$ref": "#/components/schemas/AdminFulfillmentLabel"}}
    },
    "AdminOrderLineItem": {"detail": {"$ref": "#/components/schemas/BaseOrderItemDetail"}},
    "AdminProductVariant": {
        "inventory_items": {"type": "array", "items": {"type": "object", "properties": LINK}},
    },
}
"""What v2.21 answers beyond the file of 2024-10; of a line's detail, the file says elsewhere what it holds."""


@cache
def specification(file: Path = FILE) -> Specification:
    """Medusa's file with the fields and the 401 of v2.21, with null where the server sends it, and a host's 429."""
    spec = Specification.load(file, base="")
    document = copy.deepcopy(spec.document)
    schemas = document["components"]["schemas"]
    for name, more in LATER.items():
        schemas[name]["properties"].update(more)
    for schema in schemas.values():
        for name in EMPTY & schema.get("properties", {}).keys():
            schema["properties"][name] = {**schema["properties"][name], "nullable": True}
    detail = schemas["BaseOrderItemDetail"]
    detail["required"] = [name for name in detail["required"] if name != "item"]  # the item that the detail stands in
    refused = {"schema": {"type": "object", "properties": {"message": WORDS}, "required": ["message"]}}
    document["components"]["responses"]["unauthorized"]["content"] = {"application/json": refused}
    throttled = {"429": {"description": "of the host in front", "content": {"text/plain": {"schema": WORDS}}}}
    return Specification(document, "").with_answers(throttled)


def connect(sandbox: MedusaSandbox, **changed: str) -> Medusa:
    """The channel; `changed` replaces settings or secrets by name."""
    return Medusa(connection_to(sandbox, **changed))


@pytest.fixture
def sandbox() -> Iterator[MedusaSandbox]:
    with started(specification() if FILE.is_file() else None) as start:
        yield start(MedusaSandbox())


@pytest.fixture
def channel(sandbox: MedusaSandbox) -> Medusa:
    return connect(sandbox)
