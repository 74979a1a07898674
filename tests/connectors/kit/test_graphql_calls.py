"""A session is made when it is needed, made again when it ended, and never twice for one call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import responses

from connectors.kit.wire.graphql_calls import GraphQLCalls
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import Paging
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, TimedOut

URL = "https://shop.example"
LOGIN, LIST, WRITE = "mutation Login { token }", "query List { things }", "mutation Write { write }"
ENDED = {"errors": [{"message": "over", "extensions": {"code": "OVER"}}], "data": None}


class Shop(GraphQLCalls):
    """A shop whose sessions are named by what the login answers."""

    title = "Shelfmart"
    errors = {"OVER": lambda words: AuthFailed(f"signed out: {words}")}
    signed_out = ("OVER",)
    nowhere = "no shop there"

    def sign_in(self) -> Mapping[str, str]:
        return {"Authorization": self.data(self.body(self.post(LOGIN, {})))["token"]}


def answered(*bodies: Any) -> None:
    for body in bodies:
        responses.post(URL, json=body)


def calls() -> list[tuple[str, str | None]]:
    return [
        (json.loads(call.request.body or "{}")["operationName"], call.request.headers.get("Authorization"))
        for call in responses.calls
    ]


def shop(*, by_key: bool = False) -> Shop:
    return Shop(Api(URL), by_key=by_key)


@responses.activate
def test_one_session_does_for_all_calls() -> None:
    answered({"data": {"token": "a"}}, {"data": {"things": 1}}, {"data": {"write": 2}})
    one = shop()
    assert (one.query(LIST, {}), one.mutate(WRITE, {})) == ({"things": 1}, 2)
    assert calls() == [("Login", None), ("List", "a"), ("Write", "a")]


@responses.activate
def test_a_session_that_ended_is_made_again_and_the_call_repeated() -> None:
    answered({"data": {"token": "a"}}, {"data": {"things": 1}}, ENDED, {"data": {"token": "b"}}, {"data": {"write": 2}})
    one = shop()
    one.query(LIST, {})
    assert one.mutate(WRITE, {}) == 2
    assert calls()[2:] == [("Write", "a"), ("Login", None), ("Write", "b")]


@responses.activate
def test_a_fresh_session_that_may_not_is_not_made_again() -> None:
    answered({"data": {"token": "a"}}, ENDED)
    with pytest.raises(AuthFailed, match="signed out: over"):
        shop().query(LIST, {})
    assert calls() == [("Login", None), ("List", "a")]


@responses.activate
def test_a_key_is_never_signed_in() -> None:
    answered(ENDED)
    with pytest.raises(AuthFailed):
        shop(by_key=True).query(LIST, {})
    assert calls() == [("List", None)]


@responses.activate
def test_silence_is_out_of_reach_for_a_read_and_unknown_for_a_write() -> None:
    answered({"data": None}, {"data": None})
    with pytest.raises(ChannelDown):
        shop(by_key=True).query(LIST, {})
    with pytest.raises(TimedOut):
        shop(by_key=True).mutate(WRITE, {})


@responses.activate
def test_an_address_where_nothing_answers_is_named() -> None:
    responses.post(URL, status=404)
    with pytest.raises(Misconfigured, match="no shop there"):
        shop(by_key=True).query(LIST, {})


@responses.activate
def test_a_list_is_asked_page_by_page_with_whole_numbers() -> None:
    pages = ([{"id": 1}, {"id": 2}], [{"id": 3}])
    answered(*({"data": {"things": {"items": rows, "total": 3}}} for rows in pages))
    ask = shop(by_key=True).lists(LIST, "things", {"sort": "id"})
    assert [row["id"] for row in Paging("take", "skip", size=2).every(ask, "items")] == [1, 2, 3]
    sent = [json.loads(call.request.body or "{}")["variables"]["options"] for call in responses.calls]
    assert sent == [{"sort": "id", "take": 2, "skip": 0}, {"sort": "id", "take": 2, "skip": 2}]
