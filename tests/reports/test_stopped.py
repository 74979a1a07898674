"""What is stopped, what waits with 0, and whose breaker is off."""

from __future__ import annotations

import re

import pytest

from hub.live import read_marks
from hub.metrics import page
from hub.reports.channels import read_channel
from hub.reports.listings import find_listings
from hub.reports.lists import connection_list
from hub.reports.overview import Need, read_overview
from hub.reports.stock import find_stock, stock_counts
from hub.reports.stopped import Stopped, Zeros, read_stopped, read_unwatched, read_zeros
from hub.store.tables import listings, streams
from hub.usecases.connect import pause_connection, pause_stream
from hub.usecases.mass_zero import allow_mass_zero
from hub.usecases.push_stock import ASKS
from tests.fixtures.seed import stopped_shop
from tests.fixtures.shop_day import Day


def test_the_skus_that_wait_with_0_are_named_the_first_ten_of_them(day: Day) -> None:
    shop = stopped_shop(day.seed)
    mira = Zeros(shop, "mira", 12, 14, tuple(f"S{at:02}" for at in range(10)), 2)
    assert read_zeros(day.db) == read_zeros(day.db, shop) == [mira]
    assert read_zeros(day.db, day.shops["berlin-web"]) == []  # what it will be told as 0 is doubted by nobody
    pause_connection(day.seed.ctx, shop, "user:1")
    assert (read_zeros(day.db), read_zeros(day.db, shop)) == ([], [mira])


def test_what_was_mended_waits_no_longer_with_0(day: Day) -> None:
    shop = stopped_shop(day.seed)
    for at in range(11):
        day.seed.adjust(f"S{at:02}", 1)
    assert read_zeros(day.db, shop) == [Zeros(shop, "mira", 1, 14, ("S11",), 0)]


def test_two_listings_of_a_sku_are_two_and_named_once(day: Day) -> None:
    shop = stopped_shop(day.seed, skus=4, emptied=4)
    with day.db.write() as db:
        mine = listings.update().where(listings.c.connection_id == shop)
        db.execute(mine.where(listings.c.listing_ref == "L-S01").values(sku="S00"))
        db.execute(mine.where(listings.c.listing_ref == "L-S02").values(stocked=False))
    assert read_zeros(day.db, shop) == [Zeros(shop, "mira", 3, 3, ("S00", "S03"), 0)]


def test_stopped_streams_say_why_and_those_of_a_paused_connection_are_told_only_of_itself(day: Day) -> None:
    shop, web = stopped_shop(day.seed), day.shops["berlin-web"]
    pause_stream(day.seed.ctx, web, "orders", True, "user:1")
    pause_stream(day.seed.ctx, shop, "listings", True, "user:1")
    both = [Stopped(web, "berlin-web", "orders", ""), Stopped(shop, "mira", "listings", "")]
    assert read_stopped(day.db) == both
    pause_connection(day.seed.ctx, web, "user:1")
    assert read_stopped(day.db) == both[1:]
    assert read_stopped(day.db, web) == both[:1]
    shown = {row["name"]: (row["state"], row["stopped"], row["waiting_zeros"]) for row in connection_list(day.db)}
    assert shown == {
        "berlin-web": ("paused", ["orders"], 0), "dealer-0042": ("active", [], 0), "mira": ("active", ["listings"], 12),
        "tmall-flagship": ("active", [], 0),
    }  # fmt: skip


def test_the_overview_says_which_zeros_wait_and_where_it_is_off(day: Day) -> None:
    shop = stopped_shop(day.seed)
    needs = {(need.kind, need.connection, need.count) for need in _needs(day)}
    assert ("breaker", "mira", 12) in needs and read_unwatched(day.db) == []
    allow_mass_zero(day.seed.ctx, shop, True, "user:1")
    assert [(need.kind, need.connection) for need in _needs(day) if need.connection] == [("unwatched", "mira")]
    assert read_unwatched(day.db) == ["mira"]
    assert read_channel(day.db, shop, day.seed.ctx.clock()).stopped == ()
    allow_mass_zero(day.seed.ctx, shop, False, "user:1")
    assert [need for need in _needs(day) if need.connection] == [] and read_unwatched(day.db) == []


@pytest.mark.parametrize(("stream", "health", "others"), [("stock", "error", ""), ("orders", "needs_person", "others")])
def test_a_stream_that_fails_is_told_though_zeros_wait(day: Day, stream: str, health: str, others: str) -> None:
    shop = stopped_shop(day.seed)
    with day.db.write() as db:
        mine = streams.update().where(streams.c.connection_id == shop)
        db.execute(mine.where(streams.c.stream == stream).values(failures=12, error="the shop is down"))
        db.execute(mine.where(streams.c.stream == "listings").values(failures=3, error="no listings"))
    assert [need for need in _needs(day) if need.connection == "mira"] == [
        Need("breaker", 12, "stock", shop, "mira", others),
        Need("failing", 12, stream, shop, "mira", "the shop is down"),
    ]  # fmt: skip
    channel = read_channel(day.db, shop, day.seed.ctx.clock())
    assert (channel.health, [one.health for one in channel.streams if one.stream == "stock"]) == (
        "needs_person" if stream == "orders" else "error", [health],
    )  # fmt: skip


def _needs(day: Day) -> tuple[Need, ...]:
    return read_overview(day.db, day.seed.ctx.clock()).needs


def test_the_stock_of_a_listing_says_that_its_0_waits_and_is_not_on_its_way(day: Day) -> None:
    shop, now = stopped_shop(day.seed), day.seed.ctx.clock()
    found = find_stock(day.db, now, tab="doubted")
    assert [row.sku for row in found.rows] == [f"S{at:02}" for at in range(12)]
    (shown,) = found.rows[0].listings
    assert (shown.doubted, shown.waiting, shown.shown, shown.should, shown.error) == (True, False, 5, 0, ASKS)
    assert stock_counts(day.db)["doubted"] == 12
    assert _counted(day) == (12, 12)
    facts, _ = find_listings(day.db, now, connection_id=shop, sku="S00")
    assert [(one.pending, one.shown, one.ats, one.error) for one in facts] == [(False, 5, 0, ASKS)]
    day.seed.adjust("S00", 1)
    (shown,) = find_stock(day.db, now, q="S00").rows[0].listings
    assert (shown.doubted, shown.waiting) == (False, True)


def test_a_listing_that_is_taken_off_the_stock_waits_for_nobody_wherever_it_is_counted(day: Day) -> None:
    shop, now = stopped_shop(day.seed), day.seed.ctx.clock()
    with day.db.write() as db:
        mine = listings.update().where(listings.c.connection_id == shop, listings.c.listing_ref.in_(["L-S00", "L-S01"]))
        db.execute(mine.values(stocked=False))
    assert [row.sku for row in find_stock(day.db, now, tab="doubted").rows] == [f"S{at:02}" for at in range(2, 12)]
    assert (stock_counts(day.db)["doubted"], read_zeros(day.db, shop)[0].listings, *_counted(day)) == (10, 10, 10, 10)
    (shown,) = find_stock(day.db, now, q="S00").rows[0].listings
    assert (shown.doubted, shown.waiting) == (False, False)


def _counted(day: Day) -> tuple[int, int]:
    """Listings that wait with 0, as the metrics and the marks of open pages count them."""
    lines = re.findall(r'stock_push{connection="mira",state="(\w+)"} (\d+)', page(day.db).decode())
    assert set(dict(lines)) <= {"doubted", "waiting"}
    return int(dict(lines)["doubted"]), read_marks(day.db)["outbox"][-1]
