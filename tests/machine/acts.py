"""The book of acts: what may happen in the company, each with the numbers that are drawn for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.machine.company import Company

Act = Callable[..., None]
BOOK: dict[str, tuple[Act, dict[str, SearchStrategy[Any]]]] = {}
OFTEN: dict[str, int] = {}
"""Act -> how many times as often as others it is drawn."""

SKUS, PLACES = st.sampled_from("ABC"), st.sampled_from(["W1", "W2"])
LISTINGS = st.sampled_from(["L-A", "L-B", "L-KIT", "L-NEW"])
LINES = st.dictionaries(st.sampled_from("123"), st.tuples(LISTINGS, st.integers(1, 4)), min_size=1, max_size=3)
INDEX = st.integers(0, 50)
LOTS = st.sampled_from(["", "", "old", "soon", "late"])
SETUPS = st.fixed_dictionaries(
    {
        "strict": st.booleans(), "asks": st.sampled_from(["never", "picked", "packed"]),
        "accepts": st.sampled_from([None, 5]), "daily": st.sampled_from([None, 3]), "orders": st.integers(0, 6),
        "soft": st.booleans(),
    }
)  # fmt: skip


def act(often: int = 1, **draws: SearchStrategy[Any]) -> Callable[[Act], Act]:
    """Write a function (company, **numbers) into the book."""

    def write(function: Act) -> Act:
        BOOK[function.__name__], OFTEN[function.__name__] = (function, draws), often
        return function

    return write


def play(company: Company, name: str, numbers: dict[str, Any]) -> None:
    """Do one act."""
    BOOK[name][0](company, **numbers)


def scripts(length: int) -> SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    """What one hand does, one act after the other."""
    one = [
        st.tuples(st.just(name), st.fixed_dictionaries(draws))
        for name, (_, draws) in sorted(BOOK.items())
        for _ in range(OFTEN[name])
    ]
    return st.lists(st.one_of(one), min_size=1, max_size=length)
