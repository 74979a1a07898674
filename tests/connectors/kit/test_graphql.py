"""What a GraphQL answer says becomes its data or one of our errors, in the platform's words and without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.wire.graphql import GraphQLShop, error_codes, operation_name, refuse_errors
from connectors.kit.wire.http import Answer, Api
from hub.canonical.errors import AuthFailed, BadRecord, ChannelDown, Conflict, InvariantBroken, StocklineError, TimedOut


class Shop(GraphQLShop):
    """A shop with two codes."""

    title = "Shelfmart"
    errors = {
        "FORBIDDEN": lambda words: AuthFailed(f"not allowed: {words}"),
        "TAKEN": lambda words: Conflict(f"taken: {words}"),
    }


@pytest.fixture
def shop() -> Shop:
    return Shop(Api("https://shop.example", secrets=["the-secret"]))


def errors(*codes: str, words: str = "no") -> dict[str, Any]:
    return {"errors": [{"message": words, "extensions": {"code": code}} for code in codes]}


def test_an_answer_gives_what_stands_under_data(shop: Shop) -> None:
    assert shop.data(shop.body(Answer(200, {}, b"", {"data": {"order": None}}))) == {"order": None}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (errors("TAKEN"), Conflict, "taken: no"),
        (errors("TAKEN", "FORBIDDEN"), AuthFailed, "not allowed: no; no"),
        (errors("ODD", words="what is the-secret?"), InvariantBroken, "Shelfmart refused our document: what is ***?"),
        ({"errors": "broken"}, InvariantBroken, "Shelfmart refused our document: broken"),
        ({"data": None}, TimedOut, "Shelfmart answered without data"),
    ],
)
def test_errors_are_sorted_by_the_most_telling_code(
    body: dict[str, Any], kind: type[StocklineError], words: str, shop: Shop
) -> None:
    with pytest.raises(kind) as caught:
        shop.data(body)
    assert (type(caught.value), str(caught.value)) == (kind, words)


def test_what_is_no_object_may_have_happened_and_a_read_changes_nothing(shop: Shop) -> None:
    with pytest.raises(TimedOut, match="Shelfmart sent an answer that is no GraphQL answer"):
        shop.body(Answer(200, {}, b"[]", []))

    def silent() -> None:
        raise TimedOut("silence", 3.0)

    with pytest.raises(ChannelDown, match="silence") as caught:
        shop.reading(silent)
    assert (caught.value.retry_after, shop.reading(lambda: 7)) == (3.0, 7)


def test_an_answer_with_errors_only_is_no_empty_list_of_orders() -> None:
    with pytest.raises(BadRecord, match="Shelfmart answered with errors, not with an order"):
        refuse_errors(errors("TAKEN"), "Shelfmart")
    for fine in ({"data": {}}, {**errors("TAKEN"), "data": {"orders": []}}, [], None):
        refuse_errors(fine, "Shelfmart")


def test_a_document_is_called_as_its_first_operation() -> None:
    assert operation_name("fragment A on B { id }\nquery Orders($a: ID) { a }") == "Orders"
    with pytest.raises(InvariantBroken):
        operation_name("{ a }")
    assert error_codes({"errors": [{"message": "x"}, 7]}) == {"None"}
