"""Every document that we send, and all that the sandbox accepts, stands in Vendure's own schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

from connectors.vendure import documents
from connectors.vendure.connector import Vendure
from connectors.vendure.documents import LOGIN, ME, SHOP_SETTINGS
from connectors.vendure.sandbox import VendureSandbox
from connectors.vendure.sandbox import schema as sandbox_schema
from tests.connectors.graphql_schemas import documents_in, put_together, unknown_fields, unknown_values
from tests.connectors.vendure.shop import SHOPPER, parcel, refusal, spy, stock_line

DOCUMENTS = documents_in(documents)
NAME = re.compile(r"(?:query|mutation) (\w+)")
ELSEWHERE = frozenset({LOGIN, ME, SHOP_SETTINGS})
"""Documents about files that were not recorded; the test with a real server validates them, too."""

RECORDED_ELSEWHERE = frozenset(
    {"CurrentUser", "CurrentUserChannel", "GlobalSettings", "ServerConfig", "InvalidCredentialsError"}
)
ROOTS = [
    "Mutation.login: NativeAuthenticationResult!",
    "Query.globalSettings: GlobalSettings!",
    "Query.me: CurrentUser",
]


@pytest.fixture(scope="session")
def official(shared_data: Path) -> GraphQLSchema:
    files = sorted((shared_data / "vendure").glob("*.graphql"))
    return put_together([file.read_text("utf-8") for file in files], sandbox_schema())


@pytest.mark.data
@pytest.mark.parametrize(
    "document", [each for each in DOCUMENTS if each not in ELSEWHERE], ids=lambda text: NAME.findall(text)[0]
)
def test_a_document_of_ours_is_valid(official: GraphQLSchema, document: str) -> None:
    assert [error.message for error in validate(official, parse(document))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda text: NAME.findall(text)[0])
def test_the_sandbox_understands_a_document_of_ours(document: str) -> None:
    assert [error.message for error in validate(sandbox_schema(), parse(document))] == []


@pytest.mark.data
def test_a_wrong_document_is_found_out(official: GraphQLSchema) -> None:
    wrong = 'query Q { orders(options: {filter: {price: {eq: "1"}}}) { items { sku } } }'
    errors = " ".join(error.message for error in validate(official, parse(wrong)))
    assert "'sku' on type 'Order'" in errors
    assert "'price'" in errors


@pytest.mark.data
def test_the_sandbox_speaks_no_field_and_no_word_that_vendure_does_not(official: GraphQLSchema) -> None:
    assert sorted(unknown_fields(sandbox_schema(), official, stubs=RECORDED_ELSEWHERE, freer=())) == ROOTS
    words = {"Permission", "NativeAuthErrorCode"}
    assert unknown_values(sandbox_schema(), official, stubs=words) == []


def test_every_document_goes_over_the_wire_and_is_answered(shop: VendureSandbox, channel: Vendure) -> None:
    seen = spy(shop)
    ref, other = (shop.place_order(SHOPPER, [("LAMP", 2), ("BULB", 3)]) for _ in range(2))
    only_authorized = str(shop.books.place(SHOPPER, [("LAMP", 1)], paid="Authorized").id)
    channel.check()
    list(channel.pull_orders(None))
    list(channel.pull_listings())
    channel.fetch_order(ref)
    channel.find_order("T-1001")
    channel.push_stock([stock_line(shop, "LAMP", 5), stock_line(shop, "BULB", 5)])
    channel.push_shipment(parcel(shop, ref, "S1", [("LAMP", 2)]), key="k")
    channel.answer_order(refusal(other), key="k")
    channel.answer_order(refusal(only_authorized), key="k")
    assert {request["operationName"] for request in seen} == {name for text in DOCUMENTS for name in NAME.findall(text)}
    texts = {request["query"] for request in seen}
    assert texts == set(DOCUMENTS)
