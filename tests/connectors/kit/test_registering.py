"""What a shop is to send us stands there once, as it must: missing is made, other is mended, doubles go."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from connectors.kit.hooks.registering import Register, Wanted, refusing, rest_put
from connectors.kit.values import Row, inside
from connectors.kit.wire.http import Api
from hub.canonical.errors import ChannelDown, NotFound, Rejected
from hub.ports.channel import Finding

URL, OLD = "https://hub.example/webhooks/1", "https://before.example/webhooks/1"
WHAT = "webhook order.created"
FINE, MENDED = Finding(WHAT, True), Finding(WHAT, True, repaired=True)
NAMED = {"topic": "order.created", "name": "Stockline"}
SHOWN = {**NAMED, "url": URL, "status": "active"}
KNOWN = ({"topic": "order.created", "url": URL}, NAMED)
WANTED = Wanted(FINE, SHOWN, KNOWN, hidden={"secret": "s"}, new={"format": "json"})


class Shop:
    """A shop's list: what was written (id, "" for a new one; fields), and what was deleted."""

    def __init__(self, *rows: Row) -> None:
        self.rows, self.put, self.gone = rows, list[tuple[str, Row]](), list[str]()
        self.error: Exception | None = None

    def write(self, row: Row | None, fields: Row) -> str:
        if self.error:
            raise self.error
        self.put.append(("" if row is None else row["id"], fields))
        return "told"

    def drop(self, row: Row) -> None:
        self.gone.append(row["id"])
        if row["id"] == "gone":
            raise NotFound("no such webhook")

    def settle(self, wanted: Wanted = WANTED, *, dropping: bool = True) -> Finding:
        drop = self.drop if dropping else None
        return Register(self.rows, self.write, "refused: {error}", drop).settle(wanted).finding


def test_what_is_missing_is_made_with_what_is_hidden_and_what_only_a_new_one_is_told() -> None:
    shop = Shop({"id": "1", "topic": "order.deleted", "url": URL}, {"id": "2", "topic": "order.created", "url": OLD})
    assert shop.settle() == MENDED
    assert (shop.put, shop.gone) == ([("", {**SHOWN, "secret": "s", "format": "json"})], [])


def test_what_stands_as_it_must_is_left_alone() -> None:
    shop = Shop({"id": "1", **SHOWN, "made": "by us"})
    assert shop.settle() == FINE
    assert (shop.put, shop.gone) == ([], [])


@pytest.mark.parametrize(
    ("_case", "row"),
    [
        ("switched off", {**SHOWN, "status": "disabled"}),
        ("points elsewhere", {**SHOWN, "url": OLD}),
        ("of another name", {**SHOWN, "name": "Something"}),
        ("shows no status", {name: value for name, value in SHOWN.items() if name != "status"}),
    ],
)
def test_what_stands_otherwise_is_mended(_case: str, row: dict[str, Any]) -> None:
    shop = Shop({"id": "7", **row})
    assert shop.settle() == MENDED
    assert shop.put == [("7", {**SHOWN, "secret": "s"})]


def test_of_doubles_the_one_that_stands_right_stays_and_the_others_go() -> None:
    shop = Shop({"id": "1", **SHOWN, "status": "disabled"}, {"id": "2", **SHOWN, "url": OLD}, {"id": "3", **SHOWN})
    assert shop.settle() == MENDED
    assert (shop.put, shop.gone) == ([], ["1", "2"])


def test_of_doubles_that_all_stand_otherwise_the_surest_is_mended() -> None:
    shop = Shop({"id": "1", **SHOWN, "url": OLD}, {"id": "2", **SHOWN, "status": "disabled"})
    assert shop.settle() == MENDED
    assert ([ref for ref, _ in shop.put], shop.gone) == (["2"], ["1"])


def test_a_double_that_somebody_else_deleted_is_gone_all_the_same() -> None:
    shop = Shop({"id": "1", **SHOWN}, {"id": "gone", **SHOWN})
    assert shop.settle() == MENDED


def test_doubles_stay_where_the_shop_lets_none_go() -> None:
    shop = Shop({"id": "1", **SHOWN}, {"id": "2", **SHOWN})
    assert shop.settle(dropping=False) == FINE


def test_without_ways_to_know_ours_a_row_that_shows_all_of_it_is_ours_and_nothing_else_is_touched() -> None:
    wanted = Wanted(FINE, {"topic": "order.created", "url": URL})
    shop = Shop({"id": "1", "topic": "order.created", "url": OLD})
    assert shop.settle(wanted) == MENDED
    assert [ref for ref, _ in shop.put] == [""]
    assert Shop({"id": "1", **SHOWN}).settle(wanted) == FINE


def test_of_objects_in_a_row_only_the_fields_that_are_named_count() -> None:
    wanted = Wanted(FINE, {"to": {"url": URL}})
    assert Shop({"id": "1", "to": {"url": URL, "since": "yesterday"}}).settle(wanted) == FINE
    assert Shop({"id": "1", "to": None}).settle(wanted) == MENDED


def test_a_refusal_is_told_in_the_shops_words_and_an_outage_is_none() -> None:
    shop = Shop()
    shop.error = Rejected("the address is not public")
    assert shop.settle() == Finding(WHAT, False, "refused: the address is not public")
    shop.error = ChannelDown("out of reach")
    with pytest.raises(ChannelDown):
        shop.settle()


def test_it_gives_the_row_that_stood_there_and_the_shops_answer() -> None:
    shop, row = Shop(), {"id": "1", **SHOWN}
    assert Register([row], shop.write, "").settle(WANTED)[1:] == (row, None)
    assert Register([], shop.write, "").settle(WANTED)[1:] == (None, "told")


@responses.activate
def test_a_rest_api_takes_new_ones_at_the_list_and_changes_below_it() -> None:
    responses.post("https://shop.example/hooks", json={})
    responses.put("https://shop.example/hooks/7", json={})
    put = rest_put(Api("https://shop.example").call, "/hooks", "hookId")
    put(None, {"a": 1})
    put({"hookId": 7}, {"a": 2})
    assert [json.loads(call.request.body or "") for call in responses.calls] == [{"a": 1}, {"a": 2}]


@responses.activate
def test_a_write_that_the_platform_refuses_is_told_in_its_words_else_by_its_status() -> None:
    responses.put("https://shop.example/hooks", status=409, json={"why": "in use"})
    responses.put("https://shop.example/other", status=409, json={})
    responses.put("https://shop.example/fine", status=200, json={"a": 1})
    call = refusing(Api("https://shop.example").call, lambda data: str(inside(data, "why") or ""))
    assert call("PUT", "/fine", json={}).data == {"a": 1}
    for path, said in (("/hooks", "in use"), ("/other", "409")):
        with pytest.raises(Rejected, match=f"^{said}$"):
            call("PUT", path, json={})
