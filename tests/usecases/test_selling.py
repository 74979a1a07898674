"""How stock is offered: states, lots, policies, pools, buffers and stale numbers change what channels are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.arithmetic import explain_sku
from hub.reports.selling import find_buffers, find_lives, find_policies, find_pools
from hub.store import tables as t
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, count_stock
from hub.usecases.connection_fields import check_fields
from hub.usecases.manage_catalog import save_warehouse, tag_item
from hub.usecases.push_stock import push_stock
from hub.usecases.reconcile_stock import find_drift
from hub.usecases.set_freshness import set_freshness
from hub.usecases.set_selling import (
    add_buffer,
    drop_buffer,
    drop_life,
    drop_policy,
    drop_pool,
    set_life,
    set_policy,
    set_pool,
)
from tests.fakes.channel import SPEC
from tests.fakes.world import World

TODAY = date(2026, 11, 23)


def shown(world: World, shop_id: int | None = None) -> dict[str, int | None]:
    """What the shop shows once everything that waits is pushed."""
    cid = shop_id or world.shop_id
    while push_stock(world.ctx, cid):
        pass
    return world.shops[cid].shelf


def mark(world: World, pieces: int, target: str, source: str = "free", key: str = "k", **more: Any) -> None:
    change_state(
        world.ctx, "A", "W1", pieces, source=source, target=target, reason="seen", actor="test", key=key, **more
    )


def receive(world: World, sku: str, warehouse: str, pieces: int, lot: str, days: int | None) -> None:
    expires_on = None if days is None else world.clock().date() + timedelta(days=days)
    adjust_stock(world.ctx, sku, warehouse, pieces, reason="delivery", actor="test", key=f"{lot}:{pieces}",
                 kind="receive", lot=lot, expires_on=expires_on, sure=True)  # fmt: skip


def number(world: World, sku: str = "A", connection: str = "shop") -> int:
    (found,) = explain_sku(world.db, sku, world.clock(), connection)
    return found.offer.number


def test_damaged_and_held_pieces_lie_there_and_are_not_sold(world: World) -> None:
    world.stock("A", "W1", 10)
    mark(world, 3, "damaged")
    mark(world, 2, "quality_hold", key="k2")
    (row,) = world.rows(t.stock_balances, t.stock_balances.c.sku == "A")
    assert (row.on_hand, row.damaged, row.quality_hold) == (10, 3, 2)
    assert shown(world)["L-A"] == 5
    assert world.order("o1", A=6) == "held"
    mark(world, 1, "free", "quality_hold", key="k3")
    world.work()
    assert world.state("o1") == "routed"
    mark(world, 3, "scrapped", "damaged", key="k4")
    assert world.balance("A", "W1") == (7, 6)
    assert shown(world)["L-A"] == 0


def test_a_state_is_changed_once_per_key_and_never_beyond_what_is_there(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=4)
    mark(world, 1, "damaged")
    mark(world, 1, "damaged")
    with pytest.raises(Conflict, match=r"0 pieces are free \(4 more are promised to orders\), not 1"):
        mark(world, 1, "damaged", key="k2")
    with pytest.raises(Conflict, match="1 pieces are damaged, not 2"):
        mark(world, 2, "free", "damaged", key="k3")
    for source, target in (("scrapped", "free"), ("free", "free"), ("free", "lost")):
        with pytest.raises(BadInput):
            mark(world, 1, target, source, key="k4")
    (row,) = world.rows(t.stock_balances, t.stock_balances.c.sku == "A")
    assert (row.on_hand, row.reserved, row.damaged) == (5, 4, 1)


def test_a_count_that_would_hide_damaged_pieces_is_refused(world: World) -> None:
    world.stock("A", "W1", 5)
    mark(world, 4, "damaged")
    with pytest.raises(Conflict, match="4 damaged, 0 on quality hold; 3 would be too few"):
        count_stock(world.ctx, "A", "W1", 3, reason="counted", actor="test", key="c")


def test_only_lots_that_live_long_enough_are_shown_to_a_channel(world: World) -> None:
    dealer = world.connect("dealer")
    for lot, pieces, days in (("GONE", 1, -1), ("SOON", 2, 10), ("LATE", 4, 100), ("NEVER", 8, None)):
        receive(world, "A", "W1", pieces, lot, days)
    set_life(world.ctx, 30, connection_id=dealer, actor="test")
    assert (shown(world)["L-A"], shown(world, dealer)["L-A"]) == (14, 12)
    assert [(life.connection, life.min_days) for life in find_lives(world.db)[0]] == [("dealer", 30)]
    drop_life(world.ctx, connection_id=dealer, actor="test")
    assert shown(world, dealer)["L-A"] == 14


def test_a_lot_has_one_expiry_and_an_expiry_has_a_lot(world: World) -> None:
    receive(world, "A", "W1", 2, "L1", 10)
    with pytest.raises(Conflict, match=r"lot L1 of A expires on 2026-12-03, not on 2026-12-04"):
        receive(world, "A", "W2", 2, "L1", 11)
    with pytest.raises(BadInput, match="needs a lot"):
        adjust_stock(world.ctx, "A", "W1", 1, reason="r", actor="test", key="x", expires_on=TODAY)
    with pytest.raises(BadInput, match="without blanks"):
        receive(world, "A", "W1", 1, " L2", 1)
    assert [row.lot for row in world.rows(t.stock_balances, t.stock_balances.c.on_hand > 0)] == ["L1"]


def test_a_kit_is_as_many_as_its_scarcest_component_makes(world: World) -> None:
    world.stock("A", "W1", 9)
    world.stock("B", "W1", 3)
    world.stock("B", "W2", 4)
    assert shown(world)["L-KIT"] == 3
    mark(world, 7, "damaged")
    assert shown(world)["L-KIT"] == 2


def test_a_kit_and_its_component_in_one_order_are_added_up_before_the_check(world: World) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W1", 4)
    assert world.order("o1", KIT=2, A=2) == "held"
    assert world.holds() == ["short:A"]
    assert world.balance("A", "W1") == (3, 0)
    assert world.order("o2", KIT=2, A=1) == "routed"
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((3, 3), (4, 4))


def test_buffers_are_kept_per_place_and_by_the_first_rule_that_fits(world: World) -> None:
    world.stock("A", "W1", 10)
    world.stock("A", "W2", 3)
    first = add_buffer(world.ctx, warehouse="W1", units=1, permille=250, position=1, actor="test")
    add_buffer(world.ctx, units=5, position=2, actor="test")
    assert shown(world)["L-A"] == 6
    drop_buffer(world.ctx, first, actor="test")
    assert shown(world)["L-A"] == 5
    assert [rule.units for rule in find_buffers(world.db)[0]] == [5]
    with pytest.raises(NotFound):
        drop_buffer(world.ctx, first, actor="test")


def test_an_exclusive_pool_is_shown_to_nobody_else(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 10)
    set_pool(world.ctx, world.shop_id, "A", mode="exclusive", units=6, actor="test")
    assert (shown(world)["L-A"], shown(world, other)["L-A"]) == (10, 4)
    set_pool(world.ctx, other, "A", mode="exclusive", units=7, actor="test")
    assert (shown(world)["L-A"], shown(world, other)["L-A"]) == (6, 4)
    (told,) = explain_sku(world.db, "A", world.clock(), "other")
    assert told.pools_unfilled == {"other": 3}
    drop_pool(world.ctx, world.shop_id, "A", actor="test")
    assert (shown(world)["L-A"], shown(world, other)["L-A"]) == (3, 10)


def test_a_pool_limits_what_its_channel_is_shown(world: World) -> None:
    world.stock("A", "W1", 10)
    set_pool(world.ctx, world.shop_id, mode="ratio", permille=450, actor="test")
    assert shown(world)["L-A"] == 4
    set_pool(world.ctx, world.shop_id, "A", max_listed=3, end_when=2, actor="test")
    assert shown(world)["L-A"] == 3
    world.stock("A", "W1", -8)
    assert shown(world)["L-A"] == 0
    ends = world.clock() + timedelta(hours=1)
    set_pool(world.ctx, world.shop_id, "A", end_when=2, ends_at=ends, actor="test")
    assert number(world) == 0
    world.clock.now = ends
    assert number(world) == 0  # 450 of 1000 of 2 pieces, by the pool for all SKUs
    drop_pool(world.ctx, world.shop_id, actor="test")
    assert number(world) == 2
    assert [(pool.sku, pool.over) for pool in find_pools(world.db, world.clock())[0]] == [("A", True)]


def test_what_may_be_owed_is_shown_on_top(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 2)
    set_policy(world.ctx, "A", mode="backorder", units=5, actor="test")
    set_policy(world.ctx, "A", other, mode="presale", units=3, available_on=TODAY + timedelta(days=2), actor="test")
    assert (shown(world)["L-A"], shown(world, other)["L-A"]) == (7, 3)
    assert [(p.connection, p.mode, p.units, p.owed) for p in find_policies(world.db)[0]] == [
        ("", "backorder", 5, 0), ("other", "presale", 3, 0),
    ]  # fmt: skip
    drop_policy(world.ctx, "A", actor="test")
    assert shown(world)["L-A"] == 2
    with pytest.raises(BadInput, match="KIT is a kit and has no stock of its own: name its components"):
        set_policy(world.ctx, "KIT", mode="backorder", units=1, actor="test")


@pytest.mark.parametrize(
    ("_case", "call", "error", "words"),
    [
        ("mode", lambda c, s: set_policy(c, "A", mode="x", actor="t"), BadInput, "stock, backorder, presale"),
        ("units", lambda c, s: set_policy(c, "A", mode="backorder", units=-1, actor="t"), BadInput, "units = -1"),
        ("no units", lambda c, s: set_policy(c, "A", mode="backorder", actor="t"), BadInput, "sold as backorder, 1 or"),
        (
            "a day that is over",
            lambda c, s: set_policy(c, "A", mode="presale", units=1, available_on=TODAY - timedelta(days=1), actor="t"),
            BadInput,
            r"available_on = 2026-11-22 is over: name a day that can still be promised",
        ),
        ("no day", lambda c, s: set_policy(c, "A", mode="presale", units=1, actor="t"), BadInput, "needs the day"),
        ("no use", lambda c, s: set_policy(c, "A", mode="stock", units=1, actor="t"), BadInput, "leave units"),
        ("sku", lambda c, s: set_policy(c, "Z", mode="stock", actor="t"), NotFound, "no SKU 'Z'"),
        ("shop", lambda c, s: set_policy(c, "A", 99, mode="stock", actor="t"), NotFound, "no connection 99"),
        ("gone", lambda c, s: drop_policy(c, "A", actor="t"), NotFound, "no policy for 'A'"),
        ("pool mode", lambda c, s: set_pool(c, s, mode="x", actor="t"), BadInput, "shared, exclusive, ratio"),
        ("pool of all", lambda c, s: set_pool(c, s, mode="exclusive", units=1, actor="t"), BadInput, "plain SKU"),
        ("empty pool", lambda c, s: set_pool(c, s, "A", mode="exclusive", actor="t"), BadInput, "keeps, 1 or more"),
        ("over", lambda c, s: set_pool(c, s, ends_at=c.clock(), actor="t"), BadInput, "is over: name a later moment"),
        ("no buffer", lambda c, s: add_buffer(c, actor="t"), BadInput, "keeps nothing back and names nothing"),
        ("no life", lambda c, s: drop_life(c, actor="t"), NotFound, "no rule of remaining life for everything"),
        ("permille", lambda c, s: set_pool(c, s, permille=1001, actor="t"), BadInput, "permille = 1001"),
        ("buffer", lambda c, s: add_buffer(c, warehouse="Z", actor="t"), NotFound, "no warehouse 'Z'"),
        ("life", lambda c, s: set_life(c, -1, actor="t"), BadInput, "min_days = -1"),
        ("both", lambda c, s: set_life(c, 1, sku="A", tag="x", actor="t"), BadInput, "not both"),
        ("hours", lambda c, s: set_freshness(c, "W1", 0, actor="t"), BadInput, "fresh_hours = 0"),
        ("word", lambda c, s: set_freshness(c, "W1", 1, on_stale="x", actor="t"), BadInput, "freeze or leave_out"),
        ("place", lambda c, s: set_freshness(c, "W9", 1, actor="t"), NotFound, "no warehouse 'W9'"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    world: World, _case: str, call: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(world.ctx, world.shop_id)
    for table in (t.sell_policies, t.channel_pools, t.buffer_rules, t.life_rules):
        assert world.rows(table) == []


def test_stale_numbers_raise_nothing_and_our_own_sales_still_lower(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    set_freshness(world.ctx, "W2", 24, actor="test")
    assert shown(world)["L-A"] == 10
    world.clock.now += timedelta(hours=25)
    world.stock("A", "W1", 4)
    assert shown(world)["L-A"] == 10
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert (row.seq, row.error) == (row.sent_seq, "not raised: the numbers of W2 are too old; count or import them")
    world.order("o1", A=6, shop_id=world.connect("other"))
    assert shown(world)["L-A"] == 8
    assert find_drift(world.ctx, world.shop_id) == []
    count_stock(world.ctx, "B", "W2", 0, reason="feed", actor="test", key="c1")
    assert number(world) == 8


def test_a_warehouse_that_is_left_out_when_stale_does_not_count(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    set_freshness(world.ctx, "W2", 24, on_stale="leave_out", actor="test")
    world.clock.now += timedelta(hours=25)
    assert number(world) == 5
    count_stock(world.ctx, "A", "W2", 7, reason="feed", actor="test", key="c1")
    assert shown(world)["L-A"] == 12


def test_a_listing_that_nobody_ever_counted_is_told_nothing(world: World) -> None:
    world.know_empty()
    with world.db.write() as db:
        db.execute(t.stock_balances.delete().where(t.stock_balances.c.sku == "C"))
    shelf = shown(world)
    assert ("L-C" in shelf, shelf["L-A"]) == (False, 0)
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-C")
    assert (row.sent_value, row.error) == (None, "not told: nobody ever counted it; count its stock, even as 0")
    assert [d.listing_ref for d in find_drift(world.ctx, world.shop_id)] == []
    count_stock(world.ctx, "C", "W1", 0, reason="counted", actor="test", key="c1")
    assert shown(world)["L-C"] == 0


@pytest.mark.parametrize("change", [{"active": False}, {"daily_orders": 0}])
def test_switching_off_the_only_warehouse_of_a_sku_shows_0(world: World, change: dict[str, Any]) -> None:
    world.stock("A", "W1", 5)
    assert shown(world)["L-A"] == 5
    save_warehouse(world.ctx, "W1", actor="test", **change)
    assert shown(world)["L-A"] == 0
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert (row.sent_value, row.seq, row.error) == (0, row.sent_seq, "")
    (told,) = explain_sku(world.db, "A", world.clock(), "shop")
    assert (told.offer.source, told.offer.number, told.offer.held_back) == ("computed", 0, "")
    save_warehouse(world.ctx, "W1", actor="test", active=True, daily_orders=9)
    assert shown(world)["L-A"] == 5


def test_the_arithmetic_says_where_every_shelf_comes_from(world: World) -> None:
    world.stock("A", "W1", 5)
    count_stock(world.ctx, "A", "W2", 3, reason="counted", actor="test", key="c1")
    (found,) = explain_sku(world.db, "A", world.clock())
    assert [(s.warehouse, s.source) for s in found.shelves] == [("W1", "computed"), ("W2", "counted")]
    body = found.to_dict()
    assert (body["number"], body["publishes"], body["shown"], body["source"]) == (8, 8, None, "computed")
    assert [(line["warehouse"], line["free"]) for line in body["components"][0]["places"]] == [("W1", 5), ("W2", 3)]
    with pytest.raises(NotFound):
        explain_sku(world.db, "Z", world.clock())


def test_a_push_notes_how_long_it_took_and_keeps_the_last_twenty(world: World) -> None:
    shown(world)
    for seconds in range(1, 23):
        world.stock("A", "W1", 1)
        world.clock.now += timedelta(seconds=seconds)
        push_stock(world.ctx, world.shop_id)
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert row.latency_ms == [seconds * 1000 for seconds in range(3, 23)]


def test_rules_name_skus_by_their_tags(world: World) -> None:
    world.stock("A", "W1", 10)
    tag_item(world.ctx, "A", ["fragile", "new", "new"], actor="test")
    add_buffer(world.ctx, tag="fragile", units=4, actor="test")
    assert shown(world)["L-A"] == 6
    tag_item(world.ctx, "A", [], actor="test")
    assert shown(world)["L-A"] == 10
    with pytest.raises(BadInput, match="without blanks"):
        tag_item(world.ctx, "A", [" x"], actor="test")
    with pytest.raises(NotFound):
        tag_item(world.ctx, "Z", ["x"], actor="test")


@pytest.mark.parametrize(
    ("name", "text", "fine"),
    [
        ("lag_permille", "950", True), ("lag_permille", "0", True), ("lag_permille", "1000", False),
        ("lag_permille", "x", False), ("lag_permille", "9" * 4000, False),
        ("calls_per_day", "5000", True), ("calls_per_day", "many", False),
        ("quota_zone", "Asia/Shanghai", True), ("quota_zone", "Mars", False),
        ("soft_minutes", "unpaid=30", True), ("soft_minutes", "paid=30", False),
    ],
)  # fmt: skip
def test_settings_of_a_connection_about_selling_are_checked(name: str, text: str, fine: bool) -> None:
    try:
        check_fields(SPEC, "shop", {name: text}, (), "hold")
        assert fine
    except BadInput as error:
        assert (error.fields, fine) == ({f"settings.{name}": str(error)}, False)
        assert str(error).startswith(f"{name} = '{text[:80]}': ")


def test_a_warehouse_that_takes_no_orders_offers_nothing(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 3)
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 8
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=0)
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 3
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=2)
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 8
