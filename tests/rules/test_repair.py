"""Whose word a mended balance takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.repair import mend_balance

STATES = ("on_hand", "reserved", "damaged", "quality_hold", "safety", "incoming", "in_transit")
NUMBERS = st.fixed_dictionaries({state: st.integers(0, 9) for state in STATES})


def numbers(**given_states: int) -> dict[str, int]:
    return dict.fromkeys(STATES, 0) | given_states


def test_the_ledger_is_believed_and_promises_say_what_is_reserved() -> None:
    found = mend_balance(numbers(on_hand=9, reserved=1), numbers(on_hand=7, reserved=4, damaged=1), 2, 3, 4)
    assert (found.numbers, found.trusted) == (
        numbers(on_hand=7, reserved=2, damaged=1, in_transit=3, incoming=4),
        "ledger",
    )


def test_the_balance_is_believed_where_the_ledger_cannot_be_true() -> None:
    found = mend_balance(numbers(on_hand=9, reserved=5), numbers(on_hand=3), 5, 0, 0)
    assert (found.numbers, found.trusted) == (numbers(on_hand=9, reserved=5), "balance")


def test_where_neither_can_be_true_a_person_counts() -> None:
    found = mend_balance(numbers(on_hand=4), numbers(on_hand=3), 5, 0, 0)
    assert (found.numbers, found.trusted) == (None, "")
    assert found.why.startswith("5 pieces are promised, and at most 4 lie there")


@given(NUMBERS, NUMBERS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_what_is_mended_is_a_balance_that_may_be_and_needs_no_second_mend(
    balance: dict[str, int], ledger: dict[str, int], promised: int, under_way: int, expected: int
) -> None:
    found = mend_balance(balance, ledger, promised, under_way, expected)
    if found.numbers is None:
        return
    assert (
        found.numbers["reserved"] + found.numbers["damaged"] + found.numbers["quality_hold"]
        <= (found.numbers["on_hand"])
    )
    told = (found.numbers["reserved"], found.numbers["in_transit"], found.numbers["incoming"])
    assert told == (promised, under_way, expected)
    assert mend_balance(found.numbers, found.numbers, promised, under_way, expected).numbers == found.numbers
