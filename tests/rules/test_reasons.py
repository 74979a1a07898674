"""Reason codes: which way they go, and what people read."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput
from hub.rules.reasons import BY_CODE, MOVEMENTS, REASONS, check_reason, is_finding, reason_words


@pytest.mark.parametrize(
    ("text", "by", "kept"),
    [
        (" damaged ", -1, "damaged"),
        ("damaged: fell off the shelf", -2, "damaged: fell off the shelf"),
        ("found", 3, "found"),
        ("correction", -1, "correction"),
        ("correction", 1, "correction"),
        ("lost and found box", 1, "lost and found box"),
        ("delivery 4711", 5, "delivery 4711"),
        ("damaged", 0, "damaged"),
    ],
)
def test_a_reason_is_a_code_or_words_of_ones_own(text: str, by: int, kept: str) -> None:
    assert check_reason(text, by) == kept


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("damaged: wet", 1, r"the reason damaged takes pieces away, but \+1 was asked"),
        ("found", -1, "the reason found adds pieces, but -1 was asked"),
        ("  ", 1, "a stock change needs a reason"),
    ],
)
def test_a_reason_that_goes_the_other_way_is_refused(text: str, by: int, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_reason(text, by)


def test_every_code_has_words_in_both_languages() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS)
    for reason in REASONS:
        assert reason_words(reason.code, "en") == reason.en != reason_words(reason.code, "zh_CN") == reason.zh_CN
    assert reason_words("damaged: wet", "zh_CN") == "损坏: wet"
    assert reason_words("damaged:", "en") == "Broken or spoiled"
    assert reason_words("delivery 4711", "zh_CN") == "delivery 4711"


def test_pieces_that_came_or_went_are_no_finding_and_all_else_is() -> None:
    assert set(BY_CODE) >= MOVEMENTS
    assert {code for code in BY_CODE if is_finding(code)} == set(BY_CODE) - MOVEMENTS
    assert [is_finding(text) for text in ("received: 4711", "lost: two", "recount")] == [False, True, True]
