"""Dirty values: numbers as text, ids that are 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from connectors.kit.values import (
    digits_of,
    filled,
    id_in,
    ids_in,
    inside,
    json_in,
    label,
    millis,
    moment,
    number_of,
    object_in,
    objects_in,
    parts,
    rows_of,
    some_number,
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


def test_an_id_that_must_be_there_is_asked_for_by_its_name() -> None:
    assert (id_in({"id": 7}), id_in({"ref": "x"}, "ref")) == ("7", "x")
    for body in ({}, {"id": 0}, {"id": None}):
        with pytest.raises(BadRecord, match=r"^id = .+: expected an object with an id"):
            id_in(body)


@pytest.mark.parametrize(("value", "ids"), [([7, "8", 0, None], ("7", "8")), (None, ()), ("78", ()), ({}, ())])
def test_ids_in_a_list_are_texts_and_what_is_no_list_has_none(value: object, ids: tuple[str, ...]) -> None:
    assert ids_in(value) == ids


@pytest.mark.parametrize(("ref", "digits"), [("12", "12"), ("", ""), ("-1", ""), ("1/../2", ""), ("٣", ""), ("a1", "")])
def test_only_plain_digits_are_a_number_of_the_platforms(ref: str, digits: str) -> None:
    assert digits_of(ref) == digits
    assert number_of(ref) == int(digits or 0)


@pytest.mark.parametrize(("value", "number"), [("5.5", 5), (None, None), ("many", None), ({}, None)])
def test_a_number_that_may_be_unreadable_is_none_then(value: object, number: int | None) -> None:
    assert some_number(value) == number


@pytest.mark.parametrize(
    ("value", "text"), [("Tea &amp; Milk ", "Tea & Milk"), ("&nbsp;", None), (7, None), ("", None)]
)
def test_a_label_is_read_without_its_entities(value: object, text: str | None) -> None:
    assert label(value) == text


def test_fields_that_hold_nothing_are_left_out() -> None:
    assert filled({"a": "x", "b": "", "c": None, "d": 0, "e": {}, "f": True}) == {"a": "x", "f": True}


def test_a_time_has_milliseconds_in_utc_whatever_its_zone_and_fraction() -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 1999, tzinfo=timezone(timedelta(hours=1)))
    assert (millis(at), millis(at.replace(microsecond=0))) == ("2026-11-23T08:00:00.001Z", "2026-11-23T08:00:00.000Z")
