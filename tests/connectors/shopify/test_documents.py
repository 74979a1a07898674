"""Every document that we send, and all that the sandbox accepts, stands in Shopify's own schema (2026-07)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import GraphQLSchema, build_schema, parse, validate

from connectors.kit.practice.server import Reply, Request
from connectors.shopify.connector import Shopify
from connectors.shopify.documents import DOCUMENTS, ORDER
from connectors.shopify.sandbox import ShopifySandbox
from connectors.shopify.sandbox.graph import schema as sandbox_schema
from tests.connectors.graphql_schemas import fields, unknown_fields, unknown_values
from tests.connectors.shopify.shop import SHOPPER, parcel, refusal, stock_line

FREER = {"CurrencyCode", "CountryCode", "Money", "URL"}
"""Types of Shopify's that the sandbox writes as plain strings."""


@pytest.fixture(scope="session")
def official(shared_data: Path) -> GraphQLSchema:
    text = (shared_data / "shopify" / "admin_graphql_2026-07_subset.graphql").read_text("utf-8")
    return build_schema(f"schema {{ query: QueryRoot mutation: Mutation }}\n{text}")


@pytest.mark.data
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda text: re.findall(r"(?:query|mutation) (\w+)", text)[0])
def test_a_document_of_ours_is_valid(official: GraphQLSchema, document: str) -> None:
    assert [error.message for error in validate(official, parse(document))] == []
    assert [error.message for error in validate(sandbox_schema(), parse(document))] == []


@pytest.mark.data
def test_a_wrong_document_is_found_out(official: GraphQLSchema) -> None:
    errors = validate(official, parse("query Q { orders(first: 1) { nodes { price } } }"))
    assert [error.message.partition(".")[0] for error in errors] == ["Cannot query field 'price' on type 'Order'"]


def _spy(shop: ShopifySandbox) -> list[str]:
    """The documents that reach the sandbox from now on."""
    seen: list[str] = []
    answer = shop.server._answer

    def listening(request: Request) -> Reply:
        if request.path.endswith("graphql.json"):
            seen.append(json.loads(request.body)["query"])
        return answer(request)

    shop.server._answer = listening
    return seen


@pytest.mark.data
def test_what_goes_over_the_wire_is_valid(official: GraphQLSchema, shop: ShopifySandbox, channel: Shopify) -> None:
    seen = _spy(shop)
    ref, other = (shop.place_order(SHOPPER, [("LAMP", 2), ("BULB", 3)]) for _ in range(2))
    channel.check("http://127.0.0.1:9/hook")
    list(channel.pull_orders(None))
    list(channel.pull_listings())
    channel.fetch_order(ref)
    channel.find_order("#1001's")
    channel.push_stock([stock_line(shop, "LAMP", 5), stock_line(shop, "BULB", 5)])
    list(channel.read_stock([stock_line(shop, "LAMP", 0)]))
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 2)]), key="k")
    channel.answer_order(refusal(other), key="k")
    names = {name for text in seen for name in re.findall(r"(?:query|mutation) (\w+)", text)}
    assert names == {
        "Shop", "Locations", "Subscriptions", "Subscribe", "Orders", "Variants", "OneOrder", "Levels", "SetStock",
        "Shippable", "Ship", "Cancelled", "Cancel",
    }  # fmt: skip
    assert [error.message for text in set(seen) for error in validate(official, parse(text))] == []


@pytest.mark.data
def test_the_sandbox_speaks_no_field_that_shopify_does_not(official: GraphQLSchema) -> None:
    stubs = {"Shop", "Customer"}  # cut to `id` in the recorded schema
    assert unknown_fields(sandbox_schema(), official, stubs=stubs, freer=FREER) == []


@pytest.mark.data
def test_the_sandbox_knows_no_enum_value_that_shopify_does_not(official: GraphQLSchema) -> None:
    assert unknown_values(sandbox_schema(), official) == []


@pytest.mark.data
def test_the_order_query_asks_every_field_that_the_mapping_reads(official: GraphQLSchema, repo_root: Path) -> None:
    mapping = yaml.safe_load((repo_root / "mappings" / "shopify" / "orders_graphql.yaml").read_text("utf-8"))
    known = {name for _, name, _ in fields(official)}
    read = set(re.findall(r"[a-z]+[A-Z]\w*", " ".join(_strings(mapping)))) & known
    asked = set(re.findall(r"\w+", ORDER))
    assert read - asked - {"additionalFees"} == set()  # read only where the sum of the fees is not there
    assert {"lineItems", "currentQuantity", "shopMoney", "displayFinancialStatus"} <= read


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value
