"""Changed orders of a platform that gives them by window: joined windows, halved ones, pages read backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.orders.windows import WindowFeed, Windows
from hub.canonical.errors import InvariantBroken
from hub.canonical.times import iso
from hub.ports.channel import RawRecord

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Books:
    """A platform's orders: ref -> second of the last change after `START`. `calls`: what was asked for."""

    def __init__(self, changed: dict[str, int], size: int = 3) -> None:
        self.changed, self.size = changed, size
        self.calls = list[tuple[int, int, int]]()

    def ask(self, start: datetime, end: datetime, page: int) -> tuple[Sequence[RawRecord], int]:
        first, last = ((at - START).total_seconds() for at in (start, end))
        self.calls.append((int(first), int(last), page))
        found = [(at, ref) for ref, at in self.changed.items() if first <= at <= last]
        found.sort(reverse=True)
        offset = (page - 1) * self.size
        return [self._record(ref, at) for at, ref in found[offset : offset + self.size]], len(found)

    def _record(self, ref: str, at: int) -> RawRecord:
        return RawRecord(ref, f"{ref} {at}".encode(), START + timedelta(seconds=at))


def feed(books: Books, seconds: float, *, longest: int = 60, behind: int = 0, most: int = 1000) -> WindowFeed:
    windows = Windows(timedelta(seconds=longest), timedelta(days=1), books.size, timedelta(seconds=behind), most)
    now = START + timedelta(seconds=seconds)
    return WindowFeed(books.ask, windows, timedelta(seconds=10), START, now=lambda: now)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 199)), st.integers(1, 5))
def test_each_order_comes_oldest_change_first_and_the_cursor_ends_with_the_last_window(
    changed: dict[str, int], most: int
) -> None:
    books = Books(changed)
    pages = list(feed(books, 200, most=most).pull(None))
    records = [record for page in pages for record in page.records]
    assert {record.ref for record in records} == set(changed)
    times = [record.updated_at for record in records if record.updated_at]
    assert times == sorted(times)
    assert pages[-1].cursor == iso(START + timedelta(seconds=200))
    cursors = [page.cursor for page in pages if page.cursor]
    assert cursors == sorted(cursors)


def test_windows_join_and_end_behind_now() -> None:
    books = Books({})
    pages = list(feed(books, 200.9, behind=50).pull(None))
    assert books.calls == [(0, 60, 1), (60, 120, 1), (120, 150, 1)]
    assert [(page.records, page.cursor) for page in pages] == [
        ((), iso(START + timedelta(seconds=at))) for at in (60, 120, 150)
    ]


def test_a_pull_starts_the_overlap_before_its_cursor_and_never_moves_it_back() -> None:
    books = Books({"a": 95})
    (page,) = feed(books, 102).pull(iso(START + timedelta(seconds=104)))
    assert books.calls == [(94, 102, 1)]
    assert ([record.ref for record in page.records], page.cursor) == (["a"], iso(START + timedelta(seconds=104)))


def test_nothing_older_than_the_platform_remembers_is_asked_for() -> None:
    books = Books({})
    next(feed(books, 86_400 + 500).pull(iso(START)))
    assert books.calls == [(500, 560, 1)]


def test_the_pages_of_a_window_are_read_from_the_last_one_to_the_first() -> None:
    books = Books({f"o{at}": at for at in range(8)})
    pages = list(feed(books, 20).pull(None))
    assert [page for _, _, page in books.calls] == [1, 3, 2, 1]
    assert [[record.ref for record in page.records] for page in pages] == [
        ["o0", "o1", "o2"], ["o3", "o4", "o5"], ["o6", "o7"],
    ]  # fmt: skip
    assert [page.cursor for page in pages] == [None, None, iso(START + timedelta(seconds=20))]


def test_an_order_that_changes_between_two_pages_hides_no_other() -> None:
    books = Books({f"o{at}": at for at in range(6)})
    ask = books.ask

    def restless(start: datetime, end: datetime, page: int) -> tuple[Sequence[RawRecord], int]:
        answer = ask(start, end, page)
        if page == 2:
            books.changed["o0"] = 90
        return answer

    books.ask = restless  # type: ignore[method-assign]
    found = [record.ref for page in feed(books, 20).pull(None) for record in page.records]
    assert found == ["o0", "o1", "o2", "o3", "o4", "o5"]


def test_a_fuller_window_is_halved_until_it_is_small_enough() -> None:
    books = Books({f"o{at}": at * 5 for at in range(8)})
    list(feed(books, 60, most=3).pull(None))
    spans = [(start, end) for start, end, page in books.calls if page == 1]
    assert spans[:3] == [(0, 60), (0, 30), (0, 15)]
    read = [(start, end) for (start, end), (later, _) in pairwise([*spans, (60, 60)]) if later == end]
    assert (read[0][0], read[-1][1]) == (0, 60)
    assert all(one[1] == other[0] for one, other in pairwise(read))


def test_a_second_that_is_fuller_still_is_read_whole() -> None:
    books = Books({f"o{at}": 1 for at in range(9)})
    found = [record.ref for page in feed(books, 4, most=3).pull(None) for record in page.records]
    assert set(found) == set(books.changed)


def test_a_page_that_comes_twice_is_told() -> None:
    books = Books({"a": 1})
    answer = books.ask(START, START + timedelta(seconds=9), 1)[0]
    books.ask = lambda start, end, page: (answer, 9)  # type: ignore[method-assign]
    with pytest.raises(InvariantBroken, match="page 2 of the orders came twice"):
        list(feed(books, 9).pull(None))
