"""What to move or buy: worked examples, and laws against a search of all ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.canonical.geo import Point
from hub.rules.proposals import Backlog, Proposal, Supply, propose
from hub.rules.routing import Place

BERLIN, MUNICH, PARIS, LYON = Point(52.52, 13.40), Point(48.14, 11.58), Point(48.86, 2.35), Point(45.76, 4.84)
BER = Place("BER", 1, True, BERLIN, "DE", frozenset({"DE"}))
MUC = Place("MUC", 2, True, MUNICH, "DE", frozenset({"DE"}))
PAR = Place("PAR", 3, True, PARIS, "FR", frozenset({"FR"}))
LYS = Place("LYS", 4, True, LYON, "FR", frozenset({"FR"}))
PLACES = (BER, MUC, PAR, LYS)


def waits(order: int, pieces: int, country: str = "DE", point: Point | None = BERLIN, sku: str = "A") -> Backlog:
    return Backlog(order, sku, pieces, country, point)


def supply(free: dict[str, int], needed: dict[str, int] | None = None, coming: dict[str, int] | None = None) -> Supply:
    def spots(numbers: dict[str, int] | None) -> dict[tuple[str, str], int]:
        return {(code, "A"): pieces for code, pieces in (numbers or {}).items()}

    return Supply(spots(free), spots(needed), spots(coming))


def short(found: tuple[Proposal, ...]) -> list[tuple[str, str | None, str, int]]:
    return [(each.kind, each.source, each.destination, each.quantity) for each in found]


def test_a_surplus_that_cannot_serve_the_order_itself_is_moved_and_the_rest_is_bought() -> None:
    found = propose([waits(7, 5), waits(8, 2)], PLACES, supply({"PAR": 4}))
    assert short(found) == [("transfer", "PAR", "BER", 4), ("purchase", None, "BER", 3)]
    assert found[0].orders == (7, 8)
    assert found[0].km is not None and round(found[0].km) == 877


def test_the_surplus_comes_from_the_nearest_place_and_goes_where_the_order_is() -> None:
    found = propose([waits(7, 5, point=MUNICH)], PLACES, supply({"PAR": 9, "LYS": 9}))
    assert short(found) == [("transfer", "LYS", "MUC", 5)]


def test_what_a_place_sells_itself_soon_stays_there() -> None:
    found = propose([waits(7, 5)], PLACES, supply({"PAR": 9}, needed={"PAR": 7}))
    assert short(found) == [("transfer", "PAR", "BER", 2), ("purchase", None, "BER", 3)]


def test_what_places_that_serve_the_order_have_or_expect_is_not_moved_or_bought_again() -> None:
    assert propose([waits(7, 5)], PLACES, supply({"BER": 2, "MUC": 1, "PAR": 9}, coming={"MUC": 2})) == ()
    found = propose([waits(7, 5)], PLACES, supply({"BER": 2, "MUC": 1, "PAR": 9}))
    assert short(found) == [("transfer", "PAR", "BER", 2)]


def test_a_place_that_is_switched_off_gives_and_gets_nothing_sent() -> None:
    off = Place("BER", 1, False, BERLIN, "DE", frozenset({"DE"}))
    assert short(propose([waits(7, 5)], (off, MUC), supply({"BER": 9}))) == [("transfer", "BER", "MUC", 5)]


def test_an_order_that_no_place_serves_gets_no_proposal() -> None:
    assert propose([waits(7, 5, country="JP", point=None)], PLACES, supply({"PAR": 9})) == ()


def test_the_pieces_travel_as_little_as_can_be_over_all_orders_together() -> None:
    lines = [waits(1, 4, point=MUNICH), waits(2, 4, point=BERLIN)]
    found = propose(lines, PLACES, supply({"PAR": 4, "LYS": 4}))
    assert short(found) == [("transfer", "LYS", "MUC", 4), ("transfer", "PAR", "BER", 4)]


LINES = st.lists(
    st.builds(Backlog, st.integers(1, 9), st.just("A"), st.integers(1, 4), st.sampled_from(["DE", "FR", None]),
              st.sampled_from([BERLIN, MUNICH, PARIS, LYON, None])),
    max_size=4,
)  # fmt: skip
NUMBERS = st.dictionaries(st.sampled_from(["BER", "MUC", "PAR", "LYS"]), st.integers(0, 4))


@settings(max_examples=150)
@given(LINES, NUMBERS, NUMBERS, NUMBERS)
def test_no_place_gives_more_than_its_surplus_and_nothing_is_sent_to_where_it_is(
    lines: list[Backlog], free: dict[str, int], needed: dict[str, int], coming: dict[str, int]
) -> None:
    found = propose(lines, PLACES, supply(free, needed, coming))
    given_away: Counter[str] = Counter()
    for each in found:
        assert each.quantity >= 1
        assert (each.source is None) == (each.kind == "purchase")
        assert each.source != each.destination
        if each.source:
            given_away[each.source] += each.quantity
    for code, pieces in given_away.items():
        assert pieces <= max(0, free.get(code, 0) - needed.get(code, 0))
    assert sum(each.quantity for each in found) <= sum(line.pieces for line in lines)
    assert len({(each.kind, each.source, each.destination) for each in found}) == len(found)


WAYS = {("PAR", "BER"): 877.1, ("PAR", "MUC"): 684.3, ("LYS", "BER"): 974.7, ("LYS", "MUC"): 575.7}


@settings(max_examples=60)
@given(*(st.integers(0, 3) for _ in range(4)))
def test_no_other_way_serves_the_oldest_as_well_over_fewer_kilometers(ber: int, muc: int, par: int, lys: int) -> None:
    lines = [line for line in (waits(1, ber), waits(2, muc, point=MUNICH)) if line.pieces]
    moved: Counter[tuple[str, str]] = Counter()
    for each in propose(lines, PLACES, supply({"PAR": par, "LYS": lys})):
        if each.source:
            moved[each.source, each.destination] += each.quantity

    def worth(ways: Mapping[tuple[str, str], int]) -> tuple[int, int, float]:
        served = {code: sum(n for (_, to), n in ways.items() if to == code) for code in ("BER", "MUC")}
        return served["BER"], served["MUC"], -round(sum(n * WAYS[way] for way, n in ways.items()), 1)

    every = (dict(zip(WAYS, numbers, strict=True)) for numbers in product(range(4), repeat=4))
    possible = (
        ways for ways in every
        if ways["PAR", "BER"] + ways["PAR", "MUC"] <= par and ways["LYS", "BER"] + ways["LYS", "MUC"] <= lys
        and ways["PAR", "BER"] + ways["LYS", "BER"] <= ber and ways["PAR", "MUC"] + ways["LYS", "MUC"] <= muc
    )  # fmt: skip
    assert worth(moved) == max(map(worth, possible))
