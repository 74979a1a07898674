"""Dirty values: numbers as text, ids that are 0."""

from __future__ import annotations

import pytest

from connectors.kit.values import text_id, whole
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
