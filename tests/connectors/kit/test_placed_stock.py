"""What may be sold at a location is what lies there less what is reserved; what is written keeps reservations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

from connectors.kit.stock.placed import Level, StockAtPlace
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from hub.ports.channel import StockAnswer, StockLine

THINGS = {
    "1": {
        "id": 1,
        "sku": " MUG ",
        "name": "Mug",
        "levels": [{"at": "B", "lies": 9, "held": 2}, {"at": "M", "lies": "4"}],
    },
    "2": {"id": 2, "sku": "", "name": None, "levels": []},
}


class Shop(StockAtPlace):
    levels, title = ("levels", "at", "lies", "held"), "name"

    def __init__(self) -> None:
        super().__init__(lambda: "B")
        self.written = dict[str, tuple[str, int]]()

    def every(self) -> Iterable[Row]:
        return THINGS.values()

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        return {ref: THINGS[ref] for ref in refs if ref in THINGS}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        self.written = {
            line.listing_ref: (self.place_of(line), self.to_lie(line, shown[at])) for at, line in lines.items()
        }
        return {at: StockAnswer(line.listing_ref, True) for at, line in lines.items()}


def line(ref: str, number: int = 5, place: str = "") -> StockLine:
    return StockLine(ref, number, f"k:{ref}", place={"location_id": place} if place else {})


def test_listings_tell_what_may_be_sold_from_the_location() -> None:
    found = [(offer.listing_ref, offer.sku, offer.title, offer.available, offer.place) for offer in Shop().listings()]
    assert found == [("1", "MUG", "Mug", 7, {"location_id": "B"}), ("2", None, None, None, {"location_id": "B"})]


@pytest.mark.parametrize(("place", "number"), [("", 7), ("B", 7), ("M", 4), ("X", None)])
def test_a_line_is_read_at_its_own_location(place: str, number: int | None) -> None:
    assert [reading.available for reading in Shop().read([line("1", place=place)])] == [number]


def test_what_is_reserved_lies_there_beside_our_number() -> None:
    shop = Shop()
    assert [answer.ok for answer in shop.push([line("1"), line("2"), line("1", place="M")])] == [True] * 3
    assert shop.written == {"1": ("M", 5), "2": ("B", 5)}
    shop.push([line("1")])
    assert shop.written == {"1": ("B", 7)}


def test_a_level_remembers_its_thing_and_another_reading_reserves_nothing() -> None:
    level = Shop().at(THINGS["1"], "B")
    assert (level, Shop().to_lie(line("1"), Shown(1))) == (Level(7, reserved=2, row=THINGS["1"]), 5)
