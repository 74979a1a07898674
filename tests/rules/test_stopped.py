"""The error of a stopped stream, as people read it."""

from __future__ import annotations

import pytest

from hub.rules.breaker import trips
from hub.rules.stopped import BREAKER, by_breaker, in_words


def test_the_code_of_the_breaker_becomes_a_sentence() -> None:
    code = trips({"a": 3, "b": 1, "c": 2, "d": 1}, {"a": 0, "b": 0, "c": 0, "d": 1}, skus=3, shop=4)
    assert code == "mass_zero zeroed=3 stocked=4"
    words = "3 of 4 listings with stock would show 0 (mass-zero breaker)"
    assert in_words(f"{BREAKER}: {code}") == words


@pytest.mark.parametrize("error", ["", "the channel is down", f"{BREAKER}: another code", "zeroed=3 stocked=4"])
def test_what_is_no_code_of_it_stays(error: str) -> None:
    assert in_words(error) == error


@pytest.mark.parametrize(
    ("paused", "error", "found"),
    [
        (True, f"{BREAKER}: mass_zero zeroed=3 stocked=4", True),
        (False, f"{BREAKER}: mass_zero zeroed=3 stocked=4", False),
        (True, "the channel is down", False),
        (True, "", False),
    ],
)
def test_only_a_stream_that_the_breaker_stopped_is_its(paused: bool, error: str, found: bool) -> None:
    assert by_breaker(paused, error) is found
