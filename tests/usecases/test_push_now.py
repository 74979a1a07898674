"""Send this SKU now: before all that waits, under all guards, with what each channel said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.canonical.errors import AuthFailed, BadInput, ChannelDown, NotFound
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller
from hub.ports.channel import StockAnswer
from hub.store import tables as t
from hub.store.pushes import lease, mark_all
from hub.usecases.connect import pause_connection, pause_stream, resume_connection
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import add_item
from hub.usecases.push_now import Said, push_now
from hub.usecases.push_stock import ASKS, push_stock
from hub.usecases.streams import Busy
from tests.fakes.six_skus import trips
from tests.fakes.world import World


@pytest.fixture
def calm(world: World) -> World:
    """All numbers are known, and every channel shows them."""
    world.know_empty()
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 8)
    push_stock(world.ctx, world.shop_id)
    world.shop.stock_calls.clear()
    return world


def now(world: World, *skus: str) -> dict[str, Said]:
    return {one.listing_ref: one for one in push_now(world.ctx, skus, world.shop_id, actor="user:1")}


def test_its_listings_and_those_of_its_kits_go_alone_and_before_what_waits(calm: World) -> None:
    with calm.db.write() as db:
        mark_all(db, calm.clock())
    lanes = []
    calm.shop.meanwhile["push_stock"] = lambda: lanes.append(caller().urgency)
    said = now(calm, "A")
    assert [(one.listing_ref, one.state, one.number, one.why) for one in said.values()] == [
        ("L-A", "accepted", 5, ""), ("L-KIT", "accepted", 4, "")
    ]  # fmt: skip
    assert [[line.listing_ref for line in lines] for lines in calm.shop.stock_calls] == [["L-A", "L-KIT"]]
    assert lanes == [Urgency.PERSON]
    waiting = calm.rows(t.stock_pushes, t.stock_pushes.c.seq > t.stock_pushes.c.sent_seq)
    assert [row.listing_ref for row in waiting] == ["L-B", "L-C"]


def test_a_number_that_the_channel_shows_already_is_told_again(calm: World) -> None:
    calm.shop.shelf["L-B"] = 99
    assert now(calm, "B")["L-B"].state == "accepted"
    assert calm.shop.shelf["L-B"] == 8


def test_all_channels_that_sell_it_are_told_and_one_that_is_away_keeps_no_other(calm: World) -> None:
    other = calm.connect("other")
    push_stock(calm.ctx, other)
    calm.shop.fail["push_stock"] = [ChannelDown("the shop is closed")]
    said = push_now(calm.ctx, ["A"], actor="user:1")
    assert [(one.connection_id, one.listing_ref, one.state, one.why) for one in said] == [
        (calm.shop_id, "L-A", "waits", "the shop is closed"), (calm.shop_id, "L-KIT", "waits", "the shop is closed"),
        (other, "L-A", "accepted", ""), (other, "L-KIT", "accepted", ""),
    ]  # fmt: skip
    push_stock(calm.ctx, calm.shop_id)
    assert not calm.rows(t.stock_pushes, t.stock_pushes.c.seq > t.stock_pushes.c.sent_seq)


def test_what_the_channel_refuses_is_told_with_its_words(calm: World) -> None:
    calm.shop.line_answers["L-B"] = StockAnswer("L-B", False, "the product is archived")
    said = now(calm, "B")
    assert (said["L-B"].state, said["L-B"].why, said["L-B"].number) == ("refused", "the product is archived", 8)
    del calm.shop.line_answers["L-B"]
    assert now(calm, "B")["L-B"].state == "accepted"


def test_one_that_waits_for_its_next_try_goes_at_once(calm: World) -> None:
    calm.shop.line_answers["L-B"] = StockAnswer("L-B", False, "try later", retry=True)
    assert now(calm, "B")["L-B"].state == "waits"
    del calm.shop.line_answers["L-B"]
    assert push_stock(calm.ctx, calm.shop_id) == 0  # it is not due
    assert now(calm, "B")["L-B"].state == "accepted"


def test_a_number_that_nobody_counted_is_kept_back(world: World) -> None:
    push_stock(world.ctx, world.shop_id)
    said = now(world, "C")["L-C"]
    assert (said.state, said.number) == ("kept_back", None)
    assert said.why == "not told: nobody ever counted it; count its stock, even as 0"
    assert world.shop.stock_calls == []


def test_orders_that_are_not_here_yet_come_first(calm: World) -> None:
    calm.clock.move(days=1)
    with calm.db.write() as db:
        db.execute(t.streams.update().values(ok_at=calm.clock() - timedelta(days=1)))
    said = now(calm, "B")["L-B"]
    assert (said.state, said.why) == ("waits", "not told yet: the orders of this channel are read first")
    assert calm.shop.stock_calls == []


def test_a_stopped_connection_or_stream_is_not_called(calm: World) -> None:
    pause_stream(calm.ctx, calm.shop_id, "stock", True, "user:1")
    assert now(calm, "B")["L-B"].why == "shop is stopped in this: start it first"
    pause_connection(calm.ctx, calm.shop_id, "user:1")
    assert now(calm, "B")["L-B"].why == "shop is paused: resume it first"
    assert calm.shop.calls["push_stock"] == 1
    with pytest.raises(Busy, match="shop is paused: resume it first"):
        push_stock(calm.ctx, calm.shop_id)
    resume_connection(calm.ctx, calm.shop_id, "user:1")
    pause_stream(calm.ctx, calm.shop_id, "stock", True, "user:1")
    with pytest.raises(Busy, match="stock of shop is stopped by hand"):
        push_stock(calm.ctx, calm.shop_id)
    with pytest.raises(Busy, match="connection 999 has no stream stock, or is not there"):
        push_stock(calm.ctx, 999)


def test_the_breaker_stops_a_mass_zeroing_here_too(world: World) -> None:
    skus = [f"S{n}" for n in range(12)]
    for sku in skus:
        add_item(world.ctx, sku, actor="user:1")
        link_listing(world.ctx, world.shop_id, f"L-{sku}", sku, actor="user:1")
        world.stock(sku, "W1", 5)
    push_stock(world.ctx, world.shop_id)
    calls = world.shop.calls["push_stock"]
    for sku in skus:
        world.stock(sku, "W1", -5)
    said = push_now(world.ctx, skus, world.shop_id, actor="user:1")
    assert {one.state for one in said} == {"waits"}
    assert world.shop.calls["push_stock"] == calls
    assert {one.why for one in said} == {ASKS}
    assert trips(world) == ["mass_zero zeroed=12 stocked=12"]
    assert push_stock(world.ctx, world.shop_id) == 0


def test_bad_credentials_pause_the_connection_once(calm: World) -> None:
    calm.shop.fail["push_stock"] = [AuthFailed("the token was refused")]
    assert now(calm, "B")["L-B"].why == "the token was refused"
    (shop,) = calm.rows(t.connections)
    assert (shop.state, shop.state_reason) == ("auth_failed", "the token was refused")


def test_what_a_worker_has_in_hand_is_left_to_it(calm: World) -> None:
    calm.stock("B", "W1", 1)
    with calm.db.write() as db:
        assert len(lease(db, calm.shop_id, 1, calm.clock(), 60, ["L-B"])) == 1
    said = now(calm, "B")["L-B"]
    assert (said.state, said.why) == ("waits", "a worker is sending it right now")
    assert calm.shop.stock_calls == [calm.shop.stock_calls[0]]  # the kit went


def test_who_names_nothing_that_is_sold_is_told_so(calm: World) -> None:
    with pytest.raises(NotFound, match="there is no SKU 'NONE'"):
        now(calm, "NONE")
    with pytest.raises(BadInput, match="name 1 to 100 SKUs"):
        now(calm, " ")
    with calm.db.write() as db:
        db.execute(t.listings.update().where(t.listings.c.sku == "C").values(stocked=False))
    with pytest.raises(NotFound, match="no listing sells C and follows the stock"):
        now(calm, "C")
