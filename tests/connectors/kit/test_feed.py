"""Orders by date of change: a page is followed by asking again from the newest change, never by a sliding number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.feed import ChangeFeed
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
