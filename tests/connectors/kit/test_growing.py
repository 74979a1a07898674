"""Windows that grow while nothing happens: nothing is lost or told twice, and what a queue tells comes beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.orders.growing import Growing, GrowingFeed
from connectors.kit.orders.queues import Change, ChangeQueue
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.kit.wire.paging import Ask, Paging
from hub.canonical.errors import BadRecord
from hub.canonical.times import iso
from hub.ports.channel import Page

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LIST = Paging("size", "page", 3, first=1)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Books(GrowingFeed):
    """A platform's orders: id -> second of the last change. `asked`: (from, to, page, size, uncounted)."""

    ref, changed = "id", "at"
    windows = Growing(timedelta(seconds=10), timedelta(seconds=60), timedelta(days=1), timedelta(seconds=5))
    paging, listed, uncounted = LIST, "orders", {"count": "no"}

    def __init__(
        self, times: dict[str, int], now: float, first: float | None = 0, queue: ChangeQueue | None = None
    ) -> None:
        start = Start(timedelta(seconds=2), None if first is None else at(first))
        super().__init__(self.look, start, lambda: at(now), queue)
        self.times, self.asked = times, list[tuple[float, float, str, str, bool]]()

    def look(self, ref: str) -> Row | None:
        return {"id": ref, "at": iso(at(self.times[ref])), "whole": True} if ref in self.times else None

    def asks(self, start: datetime, end: datetime) -> Ask:
        first, last = ((moment - START).total_seconds() for moment in (start, end))
        found = sorted(((when, ref) for ref, when in self.times.items() if first <= when <= last), reverse=True)

        def ask(page: Mapping[str, str]) -> object:
            size, place = int(page["size"]), int(page["page"])
            self.asked.append((first, last, page["page"], page["size"], "count" in page))
            rows = [{"id": ref, "at": iso(at(when))} for when, ref in found[(place - 1) * size : place * size]]
            return {"orders": rows, "total": len(found)}

        return ask

    def spans(self) -> list[float]:
        return [last - first for first, last, _, size, _ in self.asked if size == "1"]


class Told(ChangeQueue):
    """A queue with one batch of these orders."""

    kind, most = "told", 9

    def __init__(self, *orders: str) -> None:
        self.orders = orders

    def receive(self) -> dict[str, Row]:
        return {str(place): {"order": ref} for place, ref in enumerate(self.orders)}

    def change(self, message: Row) -> Change | None:
        return message["order"], None

    def handle(self, ref: str, message: Row) -> str:
        return ref

    def delete(self, handles: Sequence[str]) -> None:
        raise AssertionError("a pull confirms nothing")


def refs(pages: Sequence[Page]) -> list[str]:
    return [record.ref for page in pages for record in page.records]


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 190)), st.integers(0, 100))
def test_each_order_of_the_windows_comes_once_and_the_cursor_ends_with_the_last_one(
    times: dict[str, int], since: int
) -> None:
    books = Books(times, 200)
    pages = list(books.pull(iso(at(since))))
    assert sorted(refs(pages)) == sorted(ref for ref, when in times.items() if since - 2 <= when <= 195)
    assert pages[-1].cursor == iso(at(195))
    cursors = [page.cursor or "" for page in pages]
    assert cursors == sorted(cursors)
    assert cursors[0] >= iso(at(since))  # it never goes back behind the one that the pull began with
    assert all(b'"whole"' in record.raw for page in pages for record in page.records)
    windows = list(dict.fromkeys((first, last) for first, last, *_ in books.asked))
    assert (windows[0][0], windows[-1][1]) == (since - 2, 195)
    assert all(before[1] == after[0] for before, after in pairwise(windows))


def test_a_page_is_counted_once_and_the_last_one_read_first() -> None:
    books = Books({f"o{n}": 1 for n in range(7)}, 20)
    pages = list(books.pull(None))
    assert [(page, size, uncounted) for _, last, page, size, uncounted in books.asked if last == 10] == [
        ("1", "1", False), ("3", "3", True), ("2", "3", True), ("1", "3", True),
    ]  # fmt: skip
    assert [len(page.records) for page in pages] == [1, 3, 3, 0]


def test_quiet_windows_double_up_to_the_longest_and_a_busy_one_is_followed_by_the_usual() -> None:
    assert Books({}, 305).spans() == []
    quiet = Books({}, 305)
    list(quiet.pull(None))
    assert quiet.spans() == [10, 20, 40, 60, 60, 60, 50]
    busy = Books({"a": 40}, 155)
    list(busy.pull(None))
    assert busy.spans() == [10, 20, 40, 10, 20, 40, 10]


def test_an_order_that_changes_before_it_is_read_whole_does_not_move_the_cursor_beyond_the_list() -> None:
    books = Books({"a": 3}, 60)
    look, later = books._look, {"id": "a", "at": iso(at(50))}
    books._look = lambda ref: look(ref) and later
    first = next(books.pull(None))
    assert (first.cursor, first.newest_at) == (iso(at(3)), at(50))


def test_a_pull_without_cursor_starts_as_far_back_as_the_platform_remembers() -> None:
    books = Books({}, 60, first=None)
    list(books.pull(None))
    assert books.asked[0][0] == 60 - 86_400
    forgotten = Books({}, 60)
    list(forgotten.pull("2020-01-01T00:00:00Z"))
    assert forgotten.asked[0][0] == 60 - 86_400


def test_what_the_queue_tells_comes_after_the_windows_with_its_receipt() -> None:
    books = Books({"a": 3, "b": 58, "old": -90}, 60, queue=Told("a", "b", "old", "gone"))
    pages = list(books.pull(None))
    assert [refs([page]) for page in pages] == [["a"], ["b"], []]
    (receipt,) = pages[1].receipts
    assert receipt.body == {"handles": ["0", "1", "2", "3"]}
    assert [page.cursor for page in pages] == [iso(at(3)), iso(at(55)), iso(at(55))]


def test_a_pull_that_finds_nothing_and_has_no_new_window_gives_nothing() -> None:
    assert list(Books({}, 60).pull(iso(at(55)))) == []
    assert [page.cursor for page in Books({}, 60).pull(iso(at(54)))] == [iso(at(55))]


def test_a_cursor_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadRecord):
        list(Books({}, 60).pull("soon"))
