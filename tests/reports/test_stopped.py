"""What is stopped, what waits with 0, and whose breaker is off."""

from __future__ import annotations

from sqlalchemy import select

from hub.reports.channels import read_channel
from hub.reports.lists import connection_list
from hub.reports.overview import Need, read_overview
from hub.reports.stopped import Stopped, Zeros, read_stopped, read_unwatched, read_zeros
from hub.store.tables import listings, streams
from hub.usecases.connect import pause_connection, pause_stream
from hub.usecases.mass_zero import allow_mass_zero
from tests.fixtures.seed import stopped_shop
from tests.fixtures.shop_day import Day

WHY = "12 of 14 listings with stock would show 0 (mass-zero breaker)"


def test_the_skus_that_wait_with_0_are_named_the_first_ten_of_them(day: Day) -> None:
    shop = stopped_shop(day.seed)
    now = day.seed.ctx.clock()
    assert read_zeros(day.db, shop, now) == Zeros(12, tuple(f"S{at:02}" for at in range(10)), 2)
    assert read_zeros(day.db, day.shops["berlin-web"], now) == Zeros(2, ("GIFT-SET", "TEE-RED-M"), 0)
    day.seed.adjust("TEE-RED-M", 5)
    assert read_zeros(day.db, day.shops["berlin-web"], now) == Zeros(0, (), 0)


def test_what_was_mended_waits_no_longer_with_0(day: Day) -> None:
    shop = stopped_shop(day.seed)
    for at in range(11):
        day.seed.adjust(f"S{at:02}", 1)
    assert read_zeros(day.db, shop, day.seed.ctx.clock()) == Zeros(1, ("S11",), 0)


def test_two_listings_of_a_sku_are_two_and_named_once(day: Day) -> None:
    shop = stopped_shop(day.seed, skus=4, emptied=4)
    with day.db.write() as db:
        mine = listings.update().where(listings.c.connection_id == shop)
        db.execute(mine.where(listings.c.listing_ref == "L-S01").values(sku="S00"))
        db.execute(mine.where(listings.c.listing_ref == "L-S02").values(stocked=False))
    assert read_zeros(day.db, shop, day.seed.ctx.clock()) == Zeros(3, ("S00", "S03"), 0)


def test_stopped_streams_say_why_and_those_of_a_paused_connection_are_told_only_of_itself(day: Day) -> None:
    shop, web = stopped_shop(day.seed), day.shops["berlin-web"]
    pause_stream(day.seed.ctx, web, "orders", True, "user:1")
    both = [Stopped(web, "berlin-web", "orders", "", False), Stopped(shop, "mira", "stock", WHY, True)]
    assert read_stopped(day.db) == both
    pause_connection(day.seed.ctx, web, "user:1")
    assert read_stopped(day.db) == both[1:]
    assert read_stopped(day.db, web) == both[:1]
    shown = {row["name"]: (row["state"], row["stopped"]) for row in connection_list(day.db)}
    assert shown == {
        "berlin-web": ("paused", ["orders"]), "dealer-0042": ("active", []), "mira": ("active", ["stock"]),
        "tmall-flagship": ("active", []),
    }  # fmt: skip


def test_the_overview_says_what_the_breaker_stopped_and_where_it_is_off(day: Day) -> None:
    shop = stopped_shop(day.seed)
    needs = {(need.kind, need.connection, need.detail) for need in _needs(day)}
    assert ("breaker", "mira", WHY) in needs and read_unwatched(day.db) == []
    allow_mass_zero(day.seed.ctx, shop, True, "user:1")
    assert [(need.kind, need.connection) for need in _needs(day) if need.connection] == [("unwatched", "mira")]
    assert read_unwatched(day.db) == ["mira"]
    assert read_channel(day.db, shop, day.seed.ctx.clock()).stopped == ()
    allow_mass_zero(day.seed.ctx, shop, False, "user:1")
    assert [need for need in _needs(day) if need.connection] == [] and read_unwatched(day.db) == []


def _needs(day: Day) -> tuple[Need, ...]:
    return read_overview(day.db, day.seed.ctx.clock()).needs


def test_the_error_that_is_kept_is_the_code_and_the_words_are_beside_it(day: Day) -> None:
    shop = stopped_shop(day.seed)
    (stream,) = read_channel(day.db, shop, day.seed.ctx.clock()).stopped
    with day.db.read() as db:
        mine = streams.c.connection_id == shop, streams.c.stream == "stock"
        kept = db.scalar(select(streams.c.error).where(*mine))
    assert (stream.error, stream.why, stream.breaker) == (kept, WHY, True)
    assert kept == "mass-zero breaker: mass_zero zeroed=12 stocked=14"
