"""Numbers of one place go in one call, and the shop's answer to each is the line's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from connectors.kit.stock.batches import StockInBatches
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from hub.ports.channel import ListingOffer, StockAnswer, StockLine


class Shop(StockInBatches):
    """Things in places; `answers`: what the shop says of a thing instead of the number that was written."""

    at_once = 2

    def __init__(self, **answers: Row | None) -> None:
        self.numbers: dict[str, dict[str, Any]] = {"p": {"a": 1, "b": 2, "c": 3}, "q": {"d": 4}}
        self.answers, self.calls = answers, list[tuple[str, list[str]]]()

    def listings(self) -> Iterator[ListingOffer]:
        yield from ()

    def place_of(self, line: StockLine) -> str:
        return line.place["at"]

    def asked(self, place: str, refs: Sequence[str]) -> Mapping[str, Row]:
        self.calls.append((place, list(refs)))
        return {ref: {"n": self.numbers[place][ref]} for ref in refs if ref in self.numbers[place]}

    def told(self, place: str, numbers: Mapping[str, int]) -> Mapping[str, Row]:
        self.calls.append((f"{place}!", list(numbers)))
        said: dict[str, Row | None] = {ref: {"n": number} for ref, number in numbers.items()} | self.answers
        return {ref: row for ref, row in said.items() if row is not None}

    def level(self, row: Row) -> Shown:
        return Shown(row.get("n"))


def line(ref: str, number: int = 9, at: str = "p") -> StockLine:
    return StockLine(ref, number, f"k:{ref}", place={"at": at})


def test_things_of_one_place_are_asked_for_together_and_no_more_than_allowed() -> None:
    shop = Shop()
    found = shop.shown([line("c"), line("d", at="q"), line("a"), line("none"), line("", at="q"), line("b")])
    assert found == {0: Shown(3), 1: Shown(4), 2: Shown(1), 5: Shown(2)}
    assert shop.calls == [("p", ["a", "c"]), ("p", ["b", "none"]), ("q", ["d"])]


def test_nothing_is_asked_where_no_line_names_a_thing() -> None:
    shop = Shop()
    assert (shop.shown([line("")]), shop.calls) == ({}, [])


def test_numbers_are_written_by_place_and_what_is_right_already_is_not() -> None:
    shop = Shop()
    answers = shop.push([line("a"), line("d", at="q"), line("b", 2), line("c")])
    assert [(answer.ok, answer.seen) for answer in answers] == [(True, 9), (True, 9), (True, 2), (True, 9)]
    assert shop.calls[3:] == [("p!", ["a", "c"]), ("q!", ["d"])]


@pytest.mark.parametrize(
    ("_case", "said", "answer"),
    [
        ("it does not name it", None,
         StockAnswer("a", False, "the shop's batch answer does not name it", retry=True)),
        ("it shows another number", {"n": 4},
         StockAnswer("a", False, "after writing the shop shows 4", retry=True, seen=4)),
        ("it refuses it", {"error": {"message": "no", "code": "x"}},
         StockAnswer("a", False, "the shop refused it: no")),
        ("by a code", {"error": {"code": "x"}}, StockAnswer("a", False, "the shop refused it: x")),
        ("in a word", {"error": "gone"}, StockAnswer("a", False, "the shop refused it: gone")),
    ],
)  # fmt: skip
def test_what_the_shop_answers_of_a_line_is_its_own(_case: str, said: Row | None, answer: StockAnswer) -> None:
    assert Shop(a=said).push([line("a"), line("b")]) == (answer, StockAnswer("b", True, seen=9))
