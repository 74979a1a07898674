"""Lists that are bare arrays: every row once, in its own bytes, however the shop or its proxy wraps and counts them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.kit.wire.arrays import Arrays, answered
from connectors.kit.wire.exact_json import loads_exact
from connectors.kit.wire.http import Answer
from connectors.kit.wire.kept import Kept, raw_of
from hub.canonical.errors import ChannelDown, InvariantBroken

LIST = Arrays(size=2, pages="X-Pages", keep=True)


def answer(body: bytes, **headers: str) -> Answer:
    return Answer(200, headers, body, loads_exact(body))


class Shop:
    """Pages of a list; `pages`: how many the shop says there are, "" where it does not."""

    def __init__(self, *bodies: Any, pages: str = "") -> None:
        self.bodies, self.headers, self.asked = bodies, {"x-pages": pages} if pages else {}, list[dict[str, str]]()

    def call(self, method: str, path: str, params: dict[str, str]) -> Answer:
        assert (method, path) == ("GET", "/things")
        self.asked.append(params)
        return answer(json.dumps(self.bodies[int(params["page"]) - 1]).encode(), **self.headers)

    def ids(self) -> list[int]:
        return [row["id"] for row in LIST.every(answered(self.call, "/things", {"sort": "id"}), "things")]


def test_every_page_that_the_header_names_is_read() -> None:
    shop = Shop([{"id": 1}, {"id": 2}], [{"id": 3}], pages="2")
    assert shop.ids() == [1, 2, 3]
    assert shop.asked == [{"sort": "id", "per_page": "2", "page": page} for page in ("1", "2")]


@pytest.mark.parametrize(
    ("_case", "shop", "ids", "calls"),
    [
        ("the header says that a full page is the last", Shop([{"id": 1}, {"id": 2}], pages="1"), [1, 2], 1),
        ("no header: a full page may have a next one", Shop([{"id": 1}, {"id": 2}], []), [1, 2], 2),
        ("no header: a page that is not full is the last", Shop([{"id": 1}]), [1], 1),
        ("an empty page ends the list, whatever the header says", Shop([], pages="9"), [], 1),
    ],
)
def test_the_last_page_is_known(_case: str, shop: Shop, ids: list[int], calls: int) -> None:
    assert (shop.ids(), len(shop.asked)) == (ids, calls)


def test_a_page_that_comes_twice_stops() -> None:
    with pytest.raises(InvariantBroken, match="things: page 2 is page 1 again"):
        Shop([{"id": 1}, {"id": 2}], [{"id": 1}, {"id": 2}], pages="3").ids()


def test_rows_keep_their_own_bytes_and_a_wrapped_list_is_written_anew() -> None:
    body = b'[{"id": 1, "n":1.10} , { "id":2}]'
    rows, _ = LIST.turn(lambda _: answer(body))
    assert [raw_of(row) for row in rows] == [b'{"id": 1, "n":1.10}', b'{ "id":2}']
    rows, _ = LIST.turn(lambda _: answer(b'{"data": ' + body + b"}"))
    assert [raw_of(row) for row in rows] == [b'{"id":1,"n":1.10}', b'{"id":2}']


def test_what_is_no_object_is_passed_over_and_the_others_are_written_anew() -> None:
    rows, _ = LIST.turn(lambda _: answer(b'[{"id": 1}, 7]'))
    assert [raw_of(row) for row in rows] == [b'{"id":1}']


def test_one_object_keeps_the_answers_bytes_also_where_it_is_wrapped() -> None:
    for body in (b'{"id": 1}', b'{"data": {"id": 1}}'):
        found = LIST.one(answer(body))
        assert (found["id"], raw_of(found)) == (1, body)
    assert LIST.one(answer(b'{"id": 1, "data": {"id": 2}}'))["id"] == 1
    assert not isinstance(Arrays().one(answer(b'{"id": 1}')), Kept)


@pytest.mark.parametrize("body", [b'{"message": "cached"}', b'"<html>"', b"null"])
def test_what_is_no_list_is_not_an_empty_shop(body: bytes) -> None:
    with pytest.raises(ChannelDown, match="something else than a list"):
        LIST.turn(lambda _: answer(body))
