"""Dirty values: numbers as text, ids that are 0."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.kit.values import (
    filled,
    inside,
    json_in,
    moment,
    object_in,
    objects_in,
    parts,
    rows_of,
    text_id,
    whole,
    words,
)
from hub.canonical.errors import BadRecord


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), ("1.5", 1), (-2, -2), ("-1.5", -2), ("", None), (None, None), (" 7 ", 7), (True, None)],
)
def test_a_stock_number_is_read_however_it_is_written(value: object, number: int | None) -> None:
    assert whole(value, "qty") == number


@pytest.mark.parametrize("value", ["many", "NaN", "Infinity", [], {}])
def test_a_stock_number_that_is_none_is_a_bad_record(value: object) -> None:
    with pytest.raises(BadRecord, match=r"^qty = .+: expected a number"):
        whole(value, "qty")


@pytest.mark.parametrize(("value", "ref"), [(7, "7"), (" 7 ", "7"), (0, ""), ("0", ""), (None, ""), ("", "")])
def test_an_id_is_text_and_zero_is_none(value: object, ref: str) -> None:
    assert text_id(value) == ref


DEEP = {"a": {"b": [{"id": 1}, 2, {"id": 3}]}, "n": None}


@pytest.mark.parametrize(
    ("names", "found"),
    [(("a", "b"), DEEP["a"]["b"]), (("a", "x"), None), (("a", "b", "c"), None), (("n", "b"), None), ((), DEEP)],  # type: ignore[index]
)
def test_what_stands_inside_is_found_or_none(names: tuple[str, ...], found: object) -> None:
    assert inside(DEEP, *names) == found


def test_rows_are_the_objects_of_a_list_that_may_be_missing() -> None:
    assert rows_of(DEEP, "a", "b") == [{"id": 1}, {"id": 3}]
    assert [rows_of(value, *names) for value, names in ((DEEP, ("a",)), (None, ("a",)), ([1], ()), ({}, ()))] == [
        []
    ] * 4


@pytest.mark.parametrize(
    ("values", "said"),
    [((" Mug ", "red"), "Mug red"), (("Mug", None, ""), "Mug"), ((None, " "), None), ((0, 5), "0 5")],
)
def test_words_that_are_there_are_put_together(values: tuple[object, ...], said: str | None) -> None:
    assert words(*values) == said


def test_values_go_in_runs_of_a_size() -> None:
    assert [list(part) for part in parts("abcde", 2)] == [["a", "b"], ["c", "d"], ["e"]]
    assert list(parts([], 2)) == []


def test_what_is_no_json_is_shown_by_its_beginning() -> None:
    for raw in (b"{" + b"x" * 300, "{" + "x" * 300):
        with pytest.raises(BadRecord) as caught:
            json_in(raw, "data")
        assert (caught.value.field, caught.value.value) == ("data", "{" + "x" * 199)
    with pytest.raises(BadRecord, match="expected a JSON object"):
        object_in(b"[]")


def test_a_body_may_hold_one_object_or_a_list_of_them() -> None:
    assert objects_in(b'{"a": 1}', "no") == objects_in(b'[7, {"a": 1}]', "no") == [{"a": 1}]
    for empty in (b"[]", b'"text"', b"7"):
        with pytest.raises(BadRecord, match="expected a message"):
            objects_in(empty, "expected a message")
    with pytest.raises(BadRecord, match="expected JSON"):
        objects_in(b"{", "expected a message")


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-11-23T08:00:00+01:00", datetime(2026, 11, 23, 7, tzinfo=UTC)),
        ("2026-11-23 08:00:00", datetime(2026, 11, 23, tzinfo=UTC)),
        (1764547260, datetime(2025, 12, 1, 0, 1, tzinfo=UTC)),
        (10**20, None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_that_cannot_be_read_is_none(value: object, at: datetime | None) -> None:
    assert moment(value, "at", ZoneInfo("Asia/Shanghai")) == at


def test_fields_that_hold_nothing_are_left_out() -> None:
    assert filled({"a": "x", "b": "", "c": None, "d": 0, "e": {}, "f": True}) == {"a": "x", "f": True}
