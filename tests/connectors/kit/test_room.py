"""Pieces are counted by line, and named for a person."""

from __future__ import annotations

from collections import Counter

from connectors.kit.orders.room import named, pieces_of


def test_pieces_of_one_line_are_added_up_and_none_counts_nothing() -> None:
    rows = [{"line": 7, "n": 2}, {"line": "8", "n": None}, {"line": "7", "n": 1}]
    assert pieces_of(rows, "line", "n") == Counter({"7": 3, "8": 0})


def test_pieces_are_named_by_line() -> None:
    assert (named({"9": 1, "7": 2}), named({})) == ("2 of line 7, 1 of line 9", "")
