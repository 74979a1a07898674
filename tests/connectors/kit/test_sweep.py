"""Orders of a shop that sorts its pages as it likes: read until they are whole, told oldest change first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.orders.sweep import TRIES, SweepFeed
from hub.canonical.errors import BadRecord, ChannelDown, InvariantBroken
from hub.ports.channel import Page, RawRecord

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
Sort = Callable[[tuple[str, int]], object]
BY_REF, NEWEST_FIRST, BY_CHANGE = lambda one: one[0], lambda one: -one[1], lambda one: one[1]


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


class Shop:
    """Orders as (ref, second of change), two a page; `during(question)` runs before each answer but the first."""

    def __init__(self, sort: Sort, *orders: tuple[str, int]) -> None:
        self.sort, self.orders, self.asked = sort, dict(orders), list[tuple[datetime, datetime | None, int]]()
        self.during: Callable[[int], None] = lambda question: None

    def ask(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[RawRecord], int]:
        self.during(len(self.asked))
        self.asked.append((start, end, passed))
        inside = [(ref, s) for ref, s in self.orders.items() if start <= at(s) and (end is None or at(s) <= end)]
        found = [RawRecord(ref, f"{ref}@{s}".encode(), at(s)) for ref, s in sorted(inside, key=self.sort)]
        return found[passed : passed + 2], len(found)

    def pull(self, cursor: str | None = None, now: int = 100, stretch: int = 1000) -> list[Page]:
        feed = SweepFeed(
            self.ask, timedelta(seconds=2), lambda now: START, stretch=timedelta(seconds=stretch), now=lambda: at(now)
        )
        return list(feed.pull(cursor))


def refs(pages: list[Page]) -> str:
    return "".join(record.ref for page in pages for record in page.records)


@pytest.mark.parametrize("sort", [BY_REF, NEWEST_FIRST, BY_CHANGE])
def test_whatever_the_order_of_the_pages_the_oldest_change_is_told_first(sort: Sort) -> None:
    pages = Shop(sort, ("a", 9), ("b", 2), ("c", 30), ("d", 4), ("e", 1)).pull()
    assert refs(pages) == "ebdac"
    assert (pages[-1].cursor, pages[-1].newest_at) == ("2026-11-23T08:00:30Z", at(30))


@pytest.mark.parametrize("sort", [BY_REF, NEWEST_FIRST, BY_CHANGE])
@pytest.mark.parametrize("moved", ["a", "b", "c", "d", "e"])
@pytest.mark.parametrize("question", [1, 2])
def test_an_order_that_changes_while_paging_hides_none_of_its_neighbors(sort: Sort, moved: str, question: int) -> None:
    shop = Shop(sort, ("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5))

    def change(now: int) -> None:
        if now == question:
            shop.orders[moved] = 50

    shop.during = change
    assert set(refs(shop.pull())) == set("abcde")


def test_an_order_that_leaves_its_stretch_while_paging_hides_none_of_its_neighbors() -> None:
    """The count falls with it: what the first page said is what must have been seen."""
    shop = Shop(BY_REF, ("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5))

    def change(now: int) -> None:
        if now == 1:
            shop.orders["a"] = 90

    shop.during = change
    assert refs(shop.pull(stretch=40)) == "bcdea"


def test_a_list_that_never_holds_still_is_tried_again_later() -> None:
    shop, seconds = Shop(BY_CHANGE, ("a", 1), ("b", 2), ("c", 3)), iter(range(10, 99))

    def change(now: int) -> None:
        if now % 2:
            shop.orders[min(shop.orders, key=lambda ref: shop.orders[ref])] = next(seconds)

    shop.during = change
    with pytest.raises(ChannelDown, match="faster than they can be read"):
        shop.pull()
    assert len(shop.asked) == 2 * TRIES


def test_a_long_time_is_read_in_stretches_and_only_the_last_has_no_end() -> None:
    shop = Shop(BY_REF, ("a", 5), ("b", 70))
    pages = shop.pull(now=100, stretch=40)
    assert refs(pages) == "ab"
    assert [(start, end) for start, end, _ in shop.asked] == [(at(0), at(40)), (at(40), at(80)), (at(80), None)]
    assert pages[-1].cursor == "2026-11-23T08:01:10Z"


def test_an_empty_page_moves_the_cursor_over_time_without_orders() -> None:
    (page,) = Shop(BY_REF).pull(now=100, stretch=40)
    assert (page.records, page.cursor) == ((), "2026-11-23T08:01:20Z")
    assert Shop(BY_REF).pull("2026-11-23T08:01:20Z") == []


def test_a_pull_starts_behind_its_cursor_and_the_cursor_never_passes_its_begin() -> None:
    shop = Shop(BY_REF, ("a", 57), ("b", 58), ("c", 61))
    pages = shop.pull("2026-11-23T08:01:00Z", now=60)
    assert (refs(pages), pages[-1].cursor) == ("bc", "2026-11-23T08:01:00Z")


def test_a_page_that_comes_again_while_more_shall_follow_stops() -> None:
    record = RawRecord("a", b"a", at(1))
    feed = SweepFeed(lambda start, end, passed: ([record], 9), timedelta(0), lambda now: START, now=lambda: at(9))
    with pytest.raises(InvariantBroken, match="the page after the first 1 orders came twice"):
        list(feed.pull(None))


def test_orders_without_an_id_are_each_told() -> None:
    odd = [RawRecord("unknown", raw, problem=BadRecord("id", None, "no id")) for raw in (b"1", b"2")]
    feed = SweepFeed(lambda start, end, passed: (odd, 2), timedelta(0), lambda now: START, now=lambda: at(9))
    assert [record.raw for page in feed.pull(None) for record in page.records] == [b"1", b"2"]
