"""Stock files: headers in two languages, cells as people write them, and what each row would change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.errors import BadInput
from hub.rules.breaker import far_up, import_trips
from hub.rules.stock_file import Books, FileRow, judge, read_header, read_row

COLUMNS = {"sku": 0, "quantity": 1, "warehouse": 2, "lot": 3, "expires_on": 4}
BOOKS = Books(
    skus=frozenset({"A", "B", "KIT"}), warehouses=frozenset({"W1", "W2"}), kits=frozenset({"KIT"}),
    on_hand={("A", "W1", ""): 10, ("B", "W1", ""): 4}, bound={("A", "W1", ""): 3}, lots={("A", "L1"): "2027-01-31"},
)  # fmt: skip


def row(sku: str = "A", quantity: int = 5, line: int = 2, warehouse: str = "W1", **more: str) -> FileRow:
    return FileRow(line, sku, warehouse, quantity, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (["SKU", "Quantity"], {"sku": 0, "quantity": 1}),
        (["\ufeffsku", "note", "Qty", "Location"], {"sku": 0, "quantity": 2, "warehouse": 3}),
        (["货号", "仓库", "库存数量", "批号", "有效期至"],
         {"sku": 0, "warehouse": 1, "quantity": 2, "lot": 3, "expires_on": 4}),
        ([" Item_No ", "ON-HAND", "Expiry date"], {"sku": 0, "quantity": 1, "expires_on": 2}),
    ],
)  # fmt: skip
def test_headers_are_known_in_english_and_chinese(cells: list[str], columns: dict[str, int]) -> None:
    assert read_header(cells) == columns


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["sku", "price"], "no column says the quantity: name one of them quantity, qty"),
        (["数量"], "no column says the sku"),
        (["sku", "qty", "stock"], "columns 2 and 3 both mean quantity"),
    ],
)
def test_a_header_that_says_too_little_or_too_much_is_refused(cells: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_header(cells)


@pytest.mark.parametrize(
    ("text", "pieces"), [("12", 12), ("12.0", 12), ("+3", 3), ("-3", -3), ("１２", 12), ("0", 0), ("007", 7)]
)
def test_pieces_are_read_as_people_write_them(text: str, pieces: int) -> None:
    found = read_row(2, ["A", text], COLUMNS, "W1")
    assert (found.quantity, found.problem) == (pieces, "")


@pytest.mark.parametrize("text", ["", "12.5", "1,200", "1.200,0", "1e3", "twelve", "10000000000000", "- 3"])
def test_a_number_that_can_be_misread_is_no_number(text: str) -> None:
    found = read_row(2, ["A", text], COLUMNS, "W1")
    assert found.problem == f"quantity {text!r}: use a whole number without separators, such as 1200"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["", "1"], "no SKU"),
        (["A", "=1+1"], "the quantity is a formula, which is not worked out here: save the file with values"),
        (["=HYPERLINK(1)", "1"], "sku is a formula, which is not worked out here: save the file with values"),
        (["A", "1", "", "L1", "31.11.2026"], "last good day '31.11.2026': write it as 2026-11-30"),
        (["A", "1", "", "L1", "2026-02-30"], "last good day '2026-02-30': write it as 2026-11-30"),
        (["A", "1", "", "", "2026-11-30"], "a last good day needs a lot"),
        (["A\x07", "1"], "sku 'A\\x07': use 1 to 200 characters without control signs"),
        (["A" * 201, "1"], f"sku {'A' * 40!r}: use 1 to 200 characters without control signs"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: list[str], problem: str) -> None:
    assert read_row(2, cells, COLUMNS, "W1").problem == problem


def test_a_row_without_a_warehouse_takes_the_files_own() -> None:
    assert read_row(2, ["A", "1"], COLUMNS, "W1").warehouse == "W1"
    assert read_row(2, ["A", "1", "W2"], COLUMNS, "W1").warehouse == "W2"
    assert read_row(2, ["A", "1"], COLUMNS, "").problem == (
        "no warehouse: fill its column in, or name one for the whole file"
    )


@pytest.mark.parametrize("text", ["2026-11-30", "2026/11/30", "2026.11.30", "20261130", "2026年11月30日"])
def test_a_last_good_day_is_read_in_the_forms_that_cannot_be_misread(text: str) -> None:
    assert read_row(2, ["A", "1", "", "L1", text], COLUMNS, "W1").expires_on == "2026-11-30"


@pytest.mark.parametrize(
    ("_case", "given_row", "mode", "status", "after", "problem"),
    [
        ("another number", row(quantity=7), "set", "changed", 7, ""),
        ("the same number", row(quantity=10), "set", "same", 10, ""),
        ("a shelf that is new", row("B", 2, warehouse="W2"), "set", "new", 2, ""),
        ("more", row(quantity=7), "add", "changed", 17, ""),
        ("fewer", row(quantity=-7), "add", "changed", 3, ""),
        ("an unknown SKU", row("X"), "set", "problem", 0, "there is no SKU 'X': add it first, or mend the file"),
        ("a kit", row("KIT"), "set", "problem", 0, "KIT is a kit and has no stock of its own: give its components"),
        ("an unknown place", row(warehouse="W9"), "set", "problem", 0,
         "there is no warehouse 'W9': add it first, or mend the file"),
        ("fewer than are promised", row(quantity=2), "set", "problem", 10,
         "2 pieces would remain, and 3 are promised, damaged or on quality hold: move orders first"),
        ("fewer than none", row("B", -5), "add", "problem", 4,
         "-1 pieces would remain, and 0 are promised, damaged or on quality hold: move orders first"),
        ("a lot with two last days", row(lot="L1", expires_on="2027-02-28"), "set", "problem", 0,
         "lot L1 is good until 2027-01-31 in the books, not 2027-02-28"),
    ],
)  # fmt: skip
def test_each_row_says_what_it_would_change(
    _case: str, given_row: FileRow, mode: str, status: str, after: int, problem: str
) -> None:
    (found,) = judge([given_row], BOOKS, mode)
    assert (found.status, found.after, found.problem) == (status, after, problem)


def test_a_shelf_that_stands_in_two_rows_is_a_problem_when_set_and_a_sum_when_added() -> None:
    twice = [row(quantity=5, line=2), row(quantity=6, line=3)]
    assert [found.status for found in judge(twice, BOOKS, "set")] == ["problem", "problem"]
    assert [(found.before, found.after) for found in judge(twice, BOOKS, "add")] == [(10, 15), (15, 21)]


@given(st.lists(st.tuples(st.sampled_from("ABX"), st.integers(-20, 20)), max_size=8), st.sampled_from(["set", "add"]))
def test_no_row_breaks_a_promise_and_the_pieces_add_up(rows: list[tuple[str, int]], mode: str) -> None:
    judged = judge([row(sku, count, line) for line, (sku, count) in enumerate(rows)], BOOKS, mode)
    good = [found for found in judged if not found.problem]
    for found in good:
        assert found.after >= BOOKS.bound.get(found.key, 0)
    for key, on_hand in BOOKS.on_hand.items():
        mine = [found for found in good if found.key == key]
        assert on_hand + sum(found.after - found.before for found in mine) == (mine[-1].after if mine else on_hand)


def test_a_file_that_takes_very_much_away_trips_the_breaker() -> None:
    shelf = {f"S{n}": 10 for n in range(10)}
    assert import_trips(shelf, {f"S{n}": 0 for n in range(6)}) == "6 of 6 SKUs that have stock would fall to 0"
    assert import_trips(shelf, {f"S{n}": 0 for n in range(3)}) == "3 of 3 SKUs that have stock would fall to 0"
    assert import_trips(shelf, {f"S{n}": 0 for n in range(2)}) is None
    assert import_trips(shelf, {f"S{n}": 0 if n < 4 else 10 for n in range(5)}) is None
    assert import_trips(shelf, {f"S{n}": 0 if n < 5 else 10 for n in range(10)}) is None
    assert import_trips({"S": 5000, "T": 1}, {"S": 10, "T": 9}) == "4990 of 5001 pieces would be gone"
    assert import_trips({"S": 5000}, {"S": 2500}) is None
    assert import_trips({"S": 1999}, {"S": 1000}) is None


@pytest.mark.parametrize(
    ("before", "after", "far"),
    [
        (12, 10_000, False), (12, 10_001, True), (100, 10_000, False), (100, 10_001, True), (101, 10_001, False),
        (5_000, 500_000, False), (5_000, 500_001, True), (0, 1_000_000, False), (0, 1_000_001, True),
        (12, 0, False), (-3, 10_001, False),
    ],
)  # fmt: skip
def test_far_up_is_a_hundredfold_and_above_ten_thousand(before: int, after: int, far: bool) -> None:
    assert far_up(before, after) is far
