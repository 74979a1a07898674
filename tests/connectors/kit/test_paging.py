"""Lists are asked for page by page in the platform's own words, and what is no list is not an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import Paging, TokenPaging, asked, known, numbered_rows, only, token_rows
from hub.canonical.errors import ChannelDown, InvariantBroken, Rejected

ROWS = [{"id": at} for at in range(5)]


class Shop:
    """A list of five, two a page; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked = list[dict[str, str]]()

    def ask(self, page: dict[str, str]) -> Any:
        self.asked.append(page)
        passed = int(page["skip"]) if "skip" in page else (int(page["page"]) - 1) * 2
        return {"rows": ROWS[passed : passed + 2], "total": len(ROWS)}


@pytest.mark.parametrize(
    ("paging", "places"),
    [(Paging("take", "skip", 2), [0, 2, 4]), (Paging("take", "page", 2, first=1), [1, 2, 3])],
)
def test_a_list_is_read_to_its_end_by_rows_or_by_pages(paging: Paging, places: list[int]) -> None:
    shop = Shop()
    assert list(paging.every(shop.ask, "rows")) == ROWS
    assert shop.asked == [{"take": "2", paging.at_name: str(at)} for at in places]


def test_pages_may_be_taken_as_they_come() -> None:
    shop = Shop()
    assert [len(page) for page in Paging("take", "skip", 2).pages(shop.ask, "rows")] == [2, 2, 1]


def test_a_page_that_comes_twice_stops() -> None:
    with pytest.raises(InvariantBroken, match="rows: the page after the first 2 came twice"):
        list(Paging("take", "skip", 2).every(lambda page: {"rows": ROWS[:2], "total": 5}, "rows"))


@pytest.mark.parametrize(
    "data",
    [None, [], "cached", {}, {"rows": ROWS}, {"total": 5}, {"rows": {}, "total": 5}, {"rows": ROWS, "total": "5"}],
)
def test_what_is_no_list_with_its_number_is_the_channels_fault(data: Any) -> None:
    said = r"the shop sent something else than a list of rows with their number \(total\)"
    with pytest.raises(ChannelDown, match=said):
        Paging("take", "skip").page(lambda page: data, "rows")


@pytest.mark.parametrize("data", [{"rows": [], "total": 0}, {"total": 0}, {"rows": None, "total": 0}])
def test_a_shop_without_rows_says_so(data: Any) -> None:
    assert Paging("take", "skip").page(lambda page: data, "rows") == ([], 0)


def test_a_platform_that_leaves_out_what_is_empty_has_nothing_and_rows_still_need_their_number() -> None:
    silent = Paging("take", "skip", silent=True)
    assert silent.page(lambda page: {}, "rows") == ([], 0)
    answers: Iterator[object] = iter([{"rows": ROWS}, [], None])
    for _ in range(3):
        with pytest.raises(ChannelDown):
            silent.page(lambda page: next(answers), "rows")


@responses.activate
def test_a_list_of_an_api_is_asked_for_with_what_is_asked_beside_the_page() -> None:
    responses.get(
        "https://shop.example/things",
        json={"rows": ROWS, "total": 5},
        match=[responses.matchers.query_param_matcher({"color": "red", "take": "100", "skip": "0"})],
    )
    ask = asked(Api("https://shop.example").call, "/things", {"color": "red"})
    assert Paging("take", "skip").page(ask, "rows") == (ROWS, 5)


def test_numbered_rows_end_where_the_shop_says_so() -> None:
    given = {1: (ROWS[:2], True), 2: (ROWS[2:4], True), 3: ([], False)}
    assert list(numbered_rows(lambda number: given[number], "things")) == ROWS[:4]


def test_a_numbered_page_that_comes_twice_stops() -> None:
    with pytest.raises(InvariantBroken, match="things: page 2 is page 1 again"):
        list(numbered_rows(lambda number: (ROWS, True), "things"))


def test_pages_that_name_each_other_are_followed_to_the_last() -> None:
    given = {"": (ROWS[:2], "b"), "b": ([], "c"), "c": (ROWS[2:], "")}
    assert list(token_rows(lambda token: given[token], "things")) == ROWS


@pytest.mark.parametrize("back", ["b", "c"])
def test_a_page_that_names_one_that_came_before_stops(back: str) -> None:
    given = {"": (ROWS, "b"), "b": (ROWS, "c"), "c": (ROWS, back)}
    with pytest.raises(InvariantBroken, match=f"things: the page after {back} came before"):
        list(token_rows(lambda token: given[token], "things"))


def test_the_one_object_of_an_answer_stands_below_its_name_or_alone() -> None:
    assert only({"order": {"id": 1}}, "order") == {"id": 1}
    assert only({"id": 1}) == {"id": 1}


@pytest.mark.parametrize(
    ("data", "name"), [([], "order"), ({}, "order"), ({"order": []}, "order"), (None, ""), ([], "")]
)
def test_an_answer_without_its_object_is_the_channels_fault(data: Any, name: str) -> None:
    with pytest.raises(ChannelDown, match=f"the shop sent something else than one {name or 'object'}"):
        only(data, name)


@responses.activate
def test_an_object_that_the_shop_does_not_have_is_none() -> None:
    api = Api("https://shop.example")
    responses.get("https://shop.example/orders/7", json={"order": {"id": 7}})
    responses.get("https://shop.example/orders/8", status=404)
    responses.get("https://shop.example/orders/9", json=[])
    assert known(api.call, "/orders/7", "order") == {"id": 7}
    assert known(api.call, "/orders/7", params={"fields": "id"}) == {"order": {"id": 7}}
    assert known(api.call, "/orders/8", "order") is None
    with pytest.raises(ChannelDown, match="the shop sent something else than one order"):
        known(api.call, "/orders/9", "order")


def test_a_page_by_its_number_says_whether_more_follow() -> None:
    paging = Paging("limit", "offset", 2)

    def ask(query: dict[str, str]) -> Any:
        at = int(query["offset"])
        return {"rows": ROWS[at : at + 2], "total": 4}

    assert [paging.turn(ask, "rows", number) for number in (1, 2)] == [(ROWS[:2], True), (ROWS[2:4], False)]


def test_pages_that_name_the_next_one_are_read_to_the_end() -> None:
    asked = list[dict[str, str]]()

    def ask(query: dict[str, str]) -> Any:
        asked.append(query)
        return {"rows": ROWS[:2], "next_token": 7} if not query else {"rows": ROWS[2:3], "next_token": None}

    assert list(TokenPaging("token", "next_token").every(ask, "rows")) == ROWS[:3]
    assert asked == [{}, {"token": "7"}]


def test_pages_by_token_are_objects_and_never_come_again() -> None:
    paging = TokenPaging("token", "next_token")
    with pytest.raises(ChannelDown, match="the shop sent something else than one object"):
        list(paging.every(lambda query: [], "rows"))
    with pytest.raises(InvariantBroken, match="rows: the page after a came before"):
        list(paging.every(lambda query: {"rows": [], "next_token": "a"}, "rows"))


def test_the_next_page_may_be_named_by_an_address_that_holds_its_token() -> None:
    asked, following = list[dict[str, str]](), ["/rows?limit=2&token=a%2Fb", "https://api.example/rows?limit=2", ""]

    def ask(query: dict[str, str]) -> Any:
        asked.append(query)
        return {"rows": ROWS[:1], "next": following[len(asked) - 1]}

    assert list(TokenPaging("token", "next").every(ask, "rows")) == [*ROWS[:1], *ROWS[:1]]
    assert asked == [{}, {"token": "a/b"}]


def test_a_numbered_page_with_fewer_rows_does_not_stop_the_next_one() -> None:
    given, asked = {"0": ROWS[:1], "1": ROWS[1:3]}, list[str]()

    def ask(query: dict[str, str]) -> Any:
        asked.append(query["at"])
        return {"rows": given[query["at"]], "total": 4}

    assert list(Paging("size", "at", size=2, first=0).every(ask, "rows")) == ROWS[:3]
    assert asked == ["0", "1"]


@responses.activate
def test_what_means_that_there_is_none_is_the_platforms_to_say() -> None:
    responses.get("https://shop.example/orders/odd", status=400, json={"why": "a bad id"})
    call = Api("https://shop.example").call
    assert known(call, "/orders/odd", absent={400, 404}) is None
    with pytest.raises(Rejected):
        known(call, "/orders/odd")


def test_a_list_with_fewer_rows_than_its_number_says_ends_at_its_last_page() -> None:
    asked: list[str] = []

    def ask(query: dict[str, str]) -> Any:
        asked.append(query["page"])
        return {"rows": [{"id": "last"}], "total": 2}

    assert list(Paging("size", "page", size=2, first=1).pages(ask, "rows")) == [[{"id": "last"}]]
    assert asked == ["1"]  # a page 2 would be the last one again
