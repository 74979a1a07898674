"""Changed orders are read whole while the shop sells: from the newest change on, or by offset in order of creation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.orders.feed import ChangeFeed, Given, OffsetFeed
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import RawRecord

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Shop:
    """Orders as (ref, second of change), two a page; remembers what it was asked."""

    def __init__(self, *orders: tuple[str, int]) -> None:
        self.orders, self.asked = list(orders), list[tuple[int | None, int]]()

    def ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        second = None if since is None else int((since - START).total_seconds())
        self.asked.append((second, page))
        rows = sorted((at, ref) for ref, at in self.orders if second is None or at >= second)
        found = [RawRecord(ref, f"{ref}@{at}".encode(), START + timedelta(seconds=at)) for at, ref in rows]
        return found[(page - 1) * 2 : page * 2], len(found) > page * 2


def refs(shop: Shop, cursor: str | None = None, overlap: int = 2) -> list[str]:
    pages = ChangeFeed(shop.ask, timedelta(seconds=overlap)).pull(cursor)
    return [record.ref for page in pages for record in page.records]


def test_an_order_that_changes_while_paging_hides_none_of_its_neighbors() -> None:
    shop = Shop(("a", 1), ("b", 2), ("c", 3), ("d", 4))
    pages = ChangeFeed(shop.ask, timedelta(seconds=2)).pull(None)
    assert [record.ref for record in next(pages).records] == ["a", "b"]
    shop.orders[0] = ("a", 9)
    assert [record.ref for page in pages for record in page.records] == ["c", "d", "a"]


def test_a_second_that_fills_pages_is_read_by_page_number() -> None:
    shop = Shop(*((ref, 5) for ref in "abcde"))
    assert refs(shop) == list("abcde")
    assert shop.asked == [(None, 1), (5, 1), (5, 2), (5, 3)]


def test_a_pull_starts_behind_its_cursor_and_the_cursor_never_goes_back() -> None:
    shop = Shop(("a", 1), ("b", 9))
    assert refs(shop, "2026-11-23T08:00:10Z") == ["b"]
    (page,) = ChangeFeed(shop.ask, timedelta(seconds=2)).pull("2026-11-23T08:00:10Z")
    assert page.cursor == "2026-11-23T08:00:10Z"


def test_a_page_that_comes_again_stops_the_pull() -> None:
    record = RawRecord("a", b"a", START)
    with pytest.raises(InvariantBroken, match="page 2 of the orders came twice"):
        list(ChangeFeed(lambda since, page: ([record], True), timedelta(0)).pull(None))


class CreationShop:
    """Orders as [ref, second of change] in order of creation, two a page; remembers what it was asked."""

    def __init__(self, *orders: tuple[str, int]) -> None:
        self.orders, self.asked = dict(orders), list[tuple[int | None, int]]()

    def ask(self, since: datetime | None, offset: int) -> tuple[list[RawRecord], int]:
        second = None if since is None else int((since - START).total_seconds())
        self.asked.append((second, offset))
        found = [
            RawRecord(ref, f"{ref}@{at}".encode(), START + timedelta(seconds=at))
            for ref, at in self.orders.items()
            if second is None or at >= second
        ]
        return found[offset : offset + 2], len(found)

    def feed(self, began: int = 99) -> OffsetFeed:
        return OffsetFeed(self.ask, timedelta(seconds=2), now=lambda: START + timedelta(seconds=began))


def test_by_offset_the_last_page_alone_moves_the_cursor() -> None:
    shop = CreationShop(("a", 9), ("b", 2), ("c", 3))
    pages = list(shop.feed().pull("2026-11-23T08:00:00Z"))
    assert [[record.ref for record in page.records] for page in pages] == [["a", "b"], ["c"]]
    assert [page.cursor for page in pages] == ["2026-11-23T08:00:00Z", "2026-11-23T08:00:09Z"]
    assert [page.newest_at for page in pages] == [None, START + timedelta(seconds=9)]
    assert shop.asked == [(-2, 0), (-2, 2)]


def test_by_offset_an_order_that_comes_in_while_paging_hides_none_of_its_neighbors() -> None:
    shop = CreationShop(("old", -99), ("a", 1), ("b", 2), ("c", 3), ("d", 4))
    pages = shop.feed().pull("2026-11-23T08:00:00Z")
    assert [record.ref for record in next(pages).records] == ["a", "b"]
    shop.orders["old"] = 9
    assert [[record.ref for record in page.records] for page in pages] == [["b", "c"], ["d"]]
    assert [record.ref for page in shop.feed().pull("2026-11-23T08:00:09Z") for record in page.records] == ["old"]


def test_by_offset_the_cursor_never_goes_back_and_an_empty_list_leaves_it() -> None:
    (page,) = CreationShop(("a", 9)).feed().pull("2026-11-23T08:00:10Z")
    assert page.cursor == "2026-11-23T08:00:10Z"
    assert list(CreationShop().feed().pull("2026-11-23T08:00:10Z")) == []


def test_by_offset_the_cursor_stays_behind_the_time_when_the_pull_began() -> None:
    """Order a, read on the first page, may have changed at second 6, before the last page was made."""
    shop = CreationShop(("a", 1), ("b", 2), ("c", 7))
    pages = list(shop.feed(began=5).pull(None))
    assert [page.cursor for page in pages] == [None, "2026-11-23T08:00:05Z"]


def test_by_offset_a_page_that_comes_again_stops_the_pull() -> None:
    record = RawRecord("a", b"a", START)
    with pytest.raises(InvariantBroken, match="orders: the page after the first 1 came twice"):
        list(OffsetFeed(lambda since, offset: ([record], 99), timedelta(0)).pull(None))


def test_a_pull_that_hears_of_an_order_twice_gives_it_once_until_it_changes() -> None:
    def record(ref: str, second: int | None, raw: bytes = b"1") -> RawRecord:
        return RawRecord(ref, raw, None if second is None else START + timedelta(seconds=second))

    given = Given()
    late, early, timeless = record("a", 5), record("b", 2), record("c", None)
    assert given.fresh([late, early, timeless, late]) == (timeless, early, late)
    assert given.newest == START + timedelta(seconds=5)
    assert given.fresh([early, record("b", 9, b"2")]) == (record("b", 9, b"2"),)
    assert given.newest == START + timedelta(seconds=9)
    assert given.fresh([record("d", 1)]) == (record("d", 1),)
    assert given.newest == START + timedelta(seconds=9)
