"""Stock is asked for many listings at once, or product by product; refusals stay with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from connectors.kit.stock.listings import (
    NO_PRODUCT,
    StockByLine,
    StockByListing,
    StockByProduct,
    all_refused,
    by_groups,
    one_by_one,
    together,
    variant_title,
)
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from hub.canonical.errors import Conflict, Rejected, Throttled
from hub.ports.channel import ListingOffer, StockAnswer, StockLine


def line(ref: str, number: int = 5, product: str = "") -> StockLine:
    return StockLine(ref, number, f"k:{ref}", place={"product": product} if product else {})


class Shop(StockByListing):
    """Three listings, two asked for at once; b shows nothing for lines of our number 9."""

    at_once = 2

    def __init__(self) -> None:
        self.numbers, self.asked = {"a": 1, "b": 2, "c": 3}, list[Sequence[str]]()

    def listings(self) -> Iterator[ListingOffer]:
        yield from ()

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        self.asked.append(refs)
        return {ref: {"number": self.numbers[ref]} for ref in refs if ref in self.numbers}

    def level(self, row: Row, line: StockLine) -> Shown:
        return Shown(None if line.available == 9 else row["number"])

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        self.numbers |= {line.listing_ref: line.available for line in lines.values()}
        return {}


def test_each_listing_is_asked_for_once_and_no_more_than_allowed_at_a_time() -> None:
    shop = Shop()
    found = shop.shown([line("c"), line("a"), line("a"), line("none"), line(""), line("b", 9)])
    assert found == {0: Shown(3), 1: Shown(1), 2: Shown(1), 5: Shown(None)}
    assert shop.asked == [["a", "b"], ["c", "none"]]


def test_a_number_is_written_and_read_back() -> None:
    answers = Shop().push([line("a", 7), line("b", 2), line("none", 1)])
    assert [(answer.ok, answer.seen) for answer in answers] == [(True, 7), (True, 2), (False, None)]


class Stall(StockByLine):
    """Shows 1 of a, has no b, and takes no number for c."""

    def listings(self) -> Iterator[ListingOffer]:
        yield from ()

    def level_of(self, line: StockLine) -> Shown | None:
        return {"a": Shown(1), "c": Shown(None, "c is no offer")}.get(line.listing_ref)

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        return {at: StockAnswer(line.listing_ref, True, seen=line.available) for at, line in lines.items()}


def test_a_channel_that_shows_one_listing_at_a_time_is_asked_for_each() -> None:
    assert Stall().push([line("a", 7), line("b", 7), line("c", 7)]) == (
        StockAnswer("a", True, seen=7), StockAnswer("b", False, "the shop has no such listing"),
        StockAnswer("c", False, "c is no offer"),
    )  # fmt: skip
    assert [reading.available for reading in Stall().read([line("b"), line("a")])] == [None, 1]


class Market(StockByProduct):
    """Product p with the listings a and b; what is asked of q is refused."""

    place = "product"

    def __init__(self) -> None:
        self.asked = list[str]()

    def listings(self) -> Iterator[ListingOffer]:
        yield from ()

    def levels(self, product: str) -> Mapping[str, Shown]:
        self.asked.append(product)
        if product == "q":
            raise Rejected("q is gone")
        return {"a": Shown(1), "b": Shown(2)}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        return {}


def test_a_product_is_asked_for_once_for_all_its_listings() -> None:
    market = Market()
    assert market.shown([line("a", product="p"), line("b", product="p"), line("c", product="p")]) == {
        0: Shown(1), 1: Shown(2),
    }  # fmt: skip
    assert market.asked == ["p"]


def test_what_is_said_against_a_product_is_told_for_its_lines_alone() -> None:
    market = Market()
    gone, bare, unknown, good = market.push(
        [line("a", product="q"), line("b"), line("c", product="p"), line("a", 1, product="p")]
    )
    assert (gone.ok, gone.why) == (False, "q is gone")
    assert (bare.ok, bare.why) == (False, NO_PRODUCT)
    assert (unknown.ok, unknown.why) == (False, "the shop has no such listing")
    assert good.ok
    assert market.asked == ["q", "p"]


def test_a_line_that_is_refused_keeps_none_of_its_neighbors() -> None:
    written = list[int]()

    def write(at: int, line: StockLine) -> StockAnswer | None:
        if line.listing_ref == "bad":
            raise Conflict("it is on sale")
        written.append(at)
        return StockAnswer(line.listing_ref, True, seen=5) if line.listing_ref == "sure" else None

    answers = one_by_one({0: line("bad"), 3: line("sure"), 4: line("quiet")}, write)
    assert answers == {0: StockAnswer("bad", False, "it is on sale"), 3: StockAnswer("sure", True, seen=5)}
    assert written == [3, 4]


def test_a_channel_that_is_out_of_reach_is_no_answer_to_a_line() -> None:
    def write(at: int, line: StockLine) -> None:
        raise Throttled("later")

    with pytest.raises(Throttled):
        one_by_one({0: line("a")}, write)


def test_lines_with_something_in_common_go_together_up_to_a_size() -> None:
    lines = {at: line(ref, product=product) for at, (ref, product) in enumerate(zip("abcd", "pqpp", strict=True))}
    found = [(common, list(some)) for common, some in together(lines, lambda one: one.place["product"], 2)]
    assert found == [("p", [0, 2]), ("p", [3]), ("q", [1])]


def test_a_group_that_is_refused_keeps_no_other_from_being_written() -> None:
    written = list[tuple[str, list[str]]]()

    def write(product: str, some: Sequence[StockLine]) -> None:
        if product == "q":
            raise Conflict("q is on sale")
        written.append((product, [one.listing_ref for one in some]))

    lines = {at: line(ref, product=product) for at, (ref, product) in enumerate(zip("abcde", "pqpqp", strict=True))}
    answers = by_groups(lines, lambda one: one.place["product"], 2, write)
    assert answers == {at: StockAnswer(ref, False, "q is on sale") for at, ref in ((1, "b"), (3, "d"))}
    assert written == [("p", ["a", "c"]), ("p", ["e"])]


def test_lines_of_one_call_are_refused_together_or_not_at_all() -> None:
    lines = {2: line("a"), 5: line("b")}
    assert all_refused(lines, "") == {}
    assert all_refused(lines, "no", retry=True) == {
        2: StockAnswer("a", False, "no", retry=True), 5: StockAnswer("b", False, "no", retry=True),
    }  # fmt: skip


def test_a_channel_that_goes_by_sku_finds_it_in_a_lines_place_or_takes_the_hubs() -> None:
    class BySku(Shop):
        by_sku = "offer_sku"

    lines = [StockLine("7", 5, "k", "A", place={"offer_sku": "B"}), StockLine("7", 5, "k", "A"), StockLine("7", 5, "k")]
    assert [BySku().ref_of(line) for line in lines] == ["B", "A", ""]
    assert [Shop().ref_of(line) for line in lines] == ["7", "7", "7"]


@pytest.mark.parametrize(
    ("product", "variant", "title"),
    [
        ("Mug", "blue", "Mug - blue"),
        ("Mug", "Mug, blue", "Mug, blue"),
        ("Mug", None, "Mug"),
        (None, "blue", "blue"),
        (None, None, None),
    ],
)
def test_a_variant_is_called_by_its_product_too(product: str | None, variant: str | None, title: str | None) -> None:
    assert variant_title(product, variant) == title
