"""Line quantities, line edits, backoff, breaker and similar SKUs: one test per sentence of their promise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.backoff import retry_delay_s
from hub.rules.breaker import trickles, trips
from hub.rules.lines import LineChange, LineState, base_quantity, diff_lines
from hub.rules.similar import KnownSku, Similar, similar_skus


@pytest.mark.parametrize(
    ("_case", "quantity", "units", "expected"),
    [
        ("whole", "2", 1, 2),
        ("dozen", "2", 12, 24),
        ("half a dozen", "0.5", 12, 6),
        ("grams of a kilo", "1.250", 1000, 1250),
        ("exponent", "2E+1", 1, 20),
        ("zero", "0", 1, 0),
        ("third of a dozen is not whole", "0.333", 12, None),
        ("half a piece", "0.5", 1, None),
        ("negative", "-1", 1, None),
        ("not a number", "NaN", 1, None),
        ("infinite", "Infinity", 1, None),
        ("absurd", "1E+30", 1, None),
        ("huge exponent", "1E+999999", 1, None),
        ("too large together", "999999999999", 1_000_000, None),
        ("units of nothing", "1", 0, None),
        ("tiny", "1E-60", 1, None),
        ("long tail", "1." + "0" * 70 + "1", 1, None),
    ],
)
def test_a_quantity_comes_out_whole_or_not_at_all(_case: str, quantity: str, units: int, expected: int | None) -> None:
    assert base_quantity(Decimal(quantity), units) == expected


def test_each_kind_of_line_edit_is_named_once() -> None:
    old = [
        LineState("1", "a", 2),
        LineState("2", "a", 2),
        LineState("3", "a", 2),
        LineState("4", "a", 2),
        LineState("5", "a", 2),
    ]
    new = [
        LineState("6", "b", 1),
        LineState("5", "a", 2),
        LineState("1", "a", 3),
        LineState("2", "a", 1),
        LineState("3", "b", 2),
    ]
    assert diff_lines(old, new) == (
        LineChange("raised", "1", old[0], new[2]),
        LineChange("lowered", "2", old[1], new[3]),
        LineChange("sku_changed", "3", old[2], new[4]),
        LineChange("removed", "4", old[3], None),
        LineChange("added", "6", None, new[0]),
    )


STATES = st.lists(
    st.builds(LineState, st.sampled_from("1234"), st.sampled_from(["a", "b", None]), st.integers(0, 3)), max_size=5
)


@given(STATES, STATES)
def test_the_changes_turn_the_old_lines_into_the_new_ones(old: list[LineState], new: list[LineState]) -> None:
    lines = {line.line_ref: line for line in old}
    for change in diff_lines(old, new):
        assert lines.get(change.line_ref) == change.before != change.after
        if change.after is None:
            del lines[change.line_ref]
        else:
            lines[change.line_ref] = change.after
    assert lines == {line.line_ref: line for line in new}


def test_without_advice_the_wait_doubles_up_to_five_minutes_and_ends_after_eight_tries() -> None:
    assert [retry_delay_s(n) for n in range(1, 9)] == [2, 4, 8, 16, 32, 64, 128, None]
    assert retry_delay_s(30) is None


def test_what_the_channel_asks_is_obeyed_even_when_long() -> None:
    assert retry_delay_s(1, 900.0) == 900.0
    assert retry_delay_s(1, 0.0) == 0.0
    assert retry_delay_s(1, -5.0) == 0.0
    assert retry_delay_s(1, float("nan")) == 0.0
    assert retry_delay_s(8, 1.0) is None


@given(st.integers(1, 7), st.floats(0, 1))
def test_jitter_only_adds_and_at_most_a_quarter(attempt: int, jitter: float) -> None:
    plain, spread = retry_delay_s(attempt), retry_delay_s(attempt, None, jitter)
    assert plain is not None and spread is not None
    assert plain <= spread <= plain * 1.25


def _stock(full: int, empty: int = 0) -> dict[str, int]:
    return {f"s{n}": 5 if n < full else 0 for n in range(full + empty)}


@pytest.mark.parametrize(
    ("_case", "before", "after", "skus", "shop", "expected"),
    [
        ("all of fifty", _stock(50), _stock(0, 50), 50, 50, "mass_zero zeroed=50 stocked=50"),
        ("all of fifty in a large shop", _stock(50), _stock(0, 50), 50, 900, "mass_zero zeroed=50 stocked=50"),
        ("exactly half", _stock(40), _stock(20, 20), 20, 40, None),
        ("just over half", _stock(40), _stock(19, 21), 21, 900, "mass_zero zeroed=21 stocked=40"),
        ("nineteen in a large shop", _stock(19), _stock(0, 19), 19, 38, None),
        ("nineteen in a shop of thirty", _stock(19), _stock(0, 19), 19, 30, "mass_zero zeroed=19 stocked=30"),
        ("three of three", _stock(3), _stock(0, 3), 3, 3, "mass_zero zeroed=3 stocked=3"),
        ("three of five", _stock(5), _stock(2, 3), 3, 5, "mass_zero zeroed=3 stocked=5"),
        ("three of six", _stock(3), _stock(0, 3), 3, 6, None),
        ("two of two", _stock(2), _stock(0, 2), 2, 2, None),
        ("a kit and its two parts", _stock(3), _stock(0, 3), 2, 3, None),
        ("one SKU in a shop that has nothing else", _stock(50), _stock(0, 50), 1, 50, None),
        ("was empty before", _stock(0, 50), _stock(0, 50), 50, 0, None),
        ("new listings", {}, _stock(0, 50), 50, 0, None),
        ("missing is not zero", _stock(50), {}, 3, 50, None),
        ("negative is zero", _stock(20), {f"s{n}": -1 for n in range(20)}, 20, 20, "mass_zero zeroed=20 stocked=20"),
    ],
)
def test_the_breaker_trips_on_mass_zeroing_only(
    _case: str, before: dict[str, int], after: dict[str, int], skus: int, shop: int, expected: str | None
) -> None:
    assert trips(before, after, skus=skus, shop=shop) == expected


@pytest.mark.parametrize(
    ("zeroed", "skus", "shop", "expected"),
    [
        (3, 3, 5, "mass_zero zeroed=3 stocked=5"),
        (3, 3, 6, None),
        (2, 2, 2, None),
        (9, 2, 10, None),
        (40, 40, 90, None),
    ],
)
def test_zeros_one_after_the_other_are_measured_by_the_whole_shop(
    zeroed: int, skus: int, shop: int, expected: str | None
) -> None:
    assert trickles(zeroed, skus=skus, shop=shop) == expected


KNOWN = (
    KnownSku("TEE-RED-M", "4006381333931", "Red T-shirt, M"),
    KnownSku("TEE-RED-L", "4006381333948", "Red T-shirt, L"),
    KnownSku("MUG-01", "036000291452", "Enamel mug"),
    KnownSku("杯子-大", None, "搪瓷大杯"),
)


def test_an_equal_barcode_comes_before_an_alike_name() -> None:
    found = similar_skus("TEE-RED-M", KNOWN, barcode="0036000291452")
    assert found[0] == Similar("MUG-01", 1.0, "barcode")
    assert found[1] == Similar("TEE-RED-M", 1.0, "sku")


def test_case_width_and_separators_do_not_matter() -> None:
    assert similar_skus("ｔｅｅ_red m", KNOWN)[0] == Similar("TEE-RED-M", 1.0, "sku")


def test_a_barcode_written_as_sku_is_recognized() -> None:
    assert similar_skus("4006381333948", KNOWN)[0] == Similar("TEE-RED-L", 1.0, "barcode")


def test_a_title_helps_where_the_sku_says_nothing() -> None:
    assert similar_skus("X9", KNOWN, title="搪瓷大杯 ")[0] == Similar("杯子-大", 1.0, "title")


def test_nothing_alike_gives_nothing() -> None:
    assert similar_skus("zzzz", KNOWN) == ()
    assert similar_skus("", KNOWN) == ()
    assert similar_skus("---", ()) == ()


@pytest.mark.parametrize(
    ("_case", "offered", "title", "barcode", "expected"),
    [
        ("another number, another title", "MUG-0012", "Teapot, oak lid", None, None),
        ("another number, no title", "MUG-0012", None, None, None),
        ("another number, the same title", "MUG-0012", "Blue enamel mug", None, "title"),
        ("another number, the same barcode", "MUG-0012", "Teapot", "4006381333931", "barcode"),
        ("a number more", "MUG-0013-2", "Teapot", None, None),
        ("no number", "MUG", "Teapot", None, None),
        ("the same number, written shorter", "MUG-13", "Teapot", None, "sku"),
        ("the same number in wide digits", "ＭＵＧ－００１３", "Teapot", None, "sku"),
        ("the same number, a letter wrong", "MUGS-0013", "Teapot", None, "sku"),
    ],
)
def test_a_code_with_another_number_in_it_is_proposed_for_its_title_or_barcode_alone(
    _case: str, offered: str, title: str | None, barcode: str | None, expected: str | None
) -> None:
    ours = KnownSku("MUG-0013", "4006381333931", "Blue enamel mug")
    found = similar_skus(offered, [ours], title=title, barcode=barcode)
    assert [one.by for one in found] == ([expected] if expected else [])


@given(st.text(max_size=30), st.permutations(KNOWN))
def test_proposals_are_few_sorted_and_do_not_depend_on_the_catalog_order(text: str, known: list[KnownSku]) -> None:
    found = similar_skus(text, known, top=3)
    assert len(found) <= 3
    assert [row.score for row in found] == sorted((row.score for row in found), reverse=True)
    assert found == similar_skus(text, KNOWN, top=3)
