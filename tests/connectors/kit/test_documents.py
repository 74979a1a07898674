"""Documents are put together as GraphQL reads them."""

from __future__ import annotations

from graphql import build_schema, parse, validate

from connectors.kit.wire.documents import Document, fragment, mutation, outcome, query
from connectors.kit.wire.graphql import operation_name

SCHEMA = build_schema("""
type Order { id: ID! lines: [Line!]! }
type Line { sku: String }
interface Failed { code: String! words: String! }
type Cancelled { order: Order! }
type TooLate implements Failed { code: String! words: String! since: String }
union Outcome = Cancelled | TooLate
type Query { order(id: ID!, full: Boolean): Order shop: Order }
type Mutation { cancelOrder(id: ID!): Outcome! }
""")
LINES = fragment("Lines", "Line", "sku")
WHOLE = LINES + fragment("Whole", "Order", "id lines { ...Lines }")
ONE = query("One", "order", "...Whole", WHOLE, id="ID!", full="Boolean")
CANCEL = mutation(
    "Cancel",
    "cancelOrder",
    outcome("Cancelled { order { id } }", "TooLate { since }", failed="Failed { code words }"),
    id="ID!",
)


def test_a_document_stands_in_the_schema_with_its_name_variables_and_fragments() -> None:
    for text, name in ((ONE, "One"), (CANCEL, "Cancel"), (query("Shop", "shop", "id"), "Shop")):
        assert isinstance(text, Document)
        assert [error.message for error in validate(SCHEMA, parse(text))] == []
        assert operation_name(text) == name


def test_variables_are_given_to_the_field_by_their_names() -> None:
    assert query("One", "order", " id\n", id="ID!", full="Boolean") == (
        "\nquery One($id: ID!, $full: Boolean) {\n  order(id: $id, full: $full) {\n    id\n  }\n}\n"
    )
    assert query("Shop", "shop", "id") == "\nquery Shop {\n  shop {\n    id\n  }\n}\n"


def test_an_outcome_asks_for_what_was_made_and_for_what_all_errors_and_some_have() -> None:
    assert (
        outcome("A { id }", "B { x }")
        == "__typename ... on A { id } ... on ErrorResult { errorCode message } ... on B { x }"
    )
