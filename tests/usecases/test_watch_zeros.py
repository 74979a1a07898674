"""The mass-zero breaker asks why numbers fall to 0: what sold out is told at once, what was written down is counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.store import tables as t
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import set_safety
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import set_kit
from hub.usecases.mass_zero import allow_mass_zero
from hub.usecases.unlink_listing import unlink_listing
from tests.fakes.six_skus import add_skus, fill_shop, push, second, shown, stopped, waiting, write_down
from tests.fakes.world import World

MINUTES = 60


@pytest.fixture
def shop(world: World) -> World:
    return fill_shop(world)


def damage(world: World, n: int) -> None:
    words = {"source": "free", "target": "damaged", "reason": "wet", "actor": "api", "key": f"wet-{n}"}
    change_state(world.ctx, f"S{n}", "W1", 5, **words)


def look_at(world: World, n: int) -> None:
    words = {"source": "free", "target": "quality_hold", "reason": "look", "actor": "api", "key": f"look-{n}"}
    change_state(world.ctx, f"S{n}", "W1", 5, **words)


def keep_back(world: World, n: int) -> None:
    set_safety(world.ctx, f"S{n}", "W1", 50, actor="api")


@pytest.mark.parametrize("lower", [write_down, damage, look_at, keep_back])
def test_zeros_that_come_one_by_one_are_a_mass_too(shop: World, lower: Callable[[World, int], None]) -> None:
    for n in range(3):
        lower(shop, n)
        assert push(shop) == 1
        shop.clock.move(seconds=5 * MINUTES)
    lower(shop, 3)
    push(shop)
    assert (stopped(shop), waiting(shop)) == ("mass_zero zeroed=4 stocked=6", ["L-S3"])
    assert shown(shop) == [0, 0, 0, 5, 5, 5]
    allow_mass_zero(shop.ctx, shop.shop_id, True, "eve")
    assert (push(shop), shown(shop)) == (1, [0, 0, 0, 0, 5, 5])


def test_zeros_of_several_hours_are_no_mass(shop: World) -> None:
    for n in range(6):
        write_down(shop, n)
        assert push(shop) == 1
        shop.clock.move(seconds=61 * MINUTES)
    assert stopped(shop) == ""


def test_kits_whose_parts_are_written_down_count_as_the_listings_they_are(world: World) -> None:
    world.know_empty()
    add_skus(world, *(f"P{n}" for n in range(6)), *(f"S{n}" for n in range(6)))
    for n in range(6):
        set_kit(world.ctx, f"S{n}", {f"P{n}": 1}, actor="test")
        link_listing(world.ctx, world.shop_id, f"L-S{n}", f"S{n}", actor="test")
        world.stock(f"P{n}", "W1", 5)
    push(world)
    for n in range(4):
        world.stock(f"P{n}", "W1", -5)
        push(world)
    assert (stopped(world), waiting(world)) == ("mass_zero zeroed=4 stocked=6", ["L-S3"])


def test_a_shop_that_sells_out_in_an_hour_hears_every_zero(shop: World) -> None:
    for n in range(6):
        shop.order(f"o{n}", **{f"S{n}": 5})
        push(shop)
    assert (stopped(shop), shown(shop)) == ("", [0] * 6)


def test_what_sold_out_elsewhere_is_told_though_it_was_counted_shortly_before(shop: World) -> None:
    """One piece less than thought, then sold out by another channel: nothing of it is for sale, and it must be said."""
    for n in range(6):
        shop.stock(f"S{n}", "W1", -1)
    push(shop)
    shop.clock.move(seconds=30 * MINUTES)
    other = second(shop)
    for n in range(6):
        shop.order(f"o{n}", shop_id=other, **{f"S{n}": 4})
        push(shop)
        shop.clock.move(seconds=MINUTES)
    assert (stopped(shop), shown(shop)) == ("", [0] * 6)


def test_own_sales_do_not_make_a_true_zero_suspicious(shop: World) -> None:
    for n in range(4):
        shop.stock(f"S{n}", "W1", -1)
        shop.order(f"o{n}", **{f"S{n}": 4})
        push(shop)
    write_down(shop, 4)
    push(shop)
    assert (stopped(shop), shown(shop)) == ("", [0, 0, 0, 0, 0, 5])


def test_many_that_sold_out_at_once_are_told_at_once(shop: World) -> None:
    other = second(shop)
    for n in range(6):
        shop.order(f"o{n}", shop_id=other, **{f"S{n}": 5})
    push(shop)
    assert (stopped(shop), shown(shop)) == ("", [0] * 6)


def test_sales_beside_them_hide_no_mass_that_was_written_down(shop: World) -> None:
    other = second(shop)
    for n in range(2):
        shop.order(f"o{n}", shop_id=other, **{f"S{n}": 5})
    for n in range(2, 6):
        write_down(shop, n)
    push(shop)
    assert stopped(shop) == "mass_zero zeroed=4 stocked=6"
    assert (shown(shop), waiting(shop)) == ([0, 0, 5, 5, 5, 5], ["L-S2", "L-S3", "L-S4", "L-S5"])


def test_a_sale_of_yesterday_explains_no_mass_of_today(shop: World) -> None:
    """Numbers that fall though nothing was sold or written, as by a limit set to 0."""
    for n in range(6):
        shop.order(f"o{n}", **{f"S{n}": 1})
    push(shop)
    shop.clock.move(seconds=24 * 60 * MINUTES)
    with shop.db.write() as db:
        db.execute(t.warehouses.update().values(active=False))
        db.execute(t.stock_pushes.update().values(seq=t.stock_pushes.c.seq + 1, changed_at=shop.clock()))
    push(shop)
    assert stopped(shop) == "mass_zero zeroed=6 stocked=6"


@pytest.mark.parametrize("mended", [True, False])
def test_zeros_that_a_person_looked_at_are_counted_no_more(shop: World, mended: bool) -> None:
    for n in range(4):
        write_down(shop, n)
        push(shop)
    assert stopped(shop)
    shop.clock.move(seconds=MINUTES)
    if mended:
        shop.stock("S3", "W1", 5)
    else:
        allow_mass_zero(shop.ctx, shop.shop_id, True, "eve")
        push(shop)
        shop.clock.move(seconds=MINUTES)
        allow_mass_zero(shop.ctx, shop.shop_id, False, "eve")
    push(shop)
    shop.clock.move(seconds=25 * MINUTES)
    write_down(shop, 4)
    push(shop)
    assert (stopped(shop), shown(shop)[4]) == ("", 0)


def test_listings_that_a_person_unlinked_with_0_are_told_it_and_count_for_no_mass(shop: World) -> None:
    for n in range(4):
        unlink_listing(shop.ctx, shop.shop_id, f"L-S{n}", zero=True, actor="eve")
    assert push(shop) == 4
    assert (stopped(shop), waiting(shop), shown(shop)) == ("", [], [0, 0, 0, 0, 5, 5])
    write_down(shop, 4)
    assert (push(shop), shown(shop)) == (1, [0, 0, 0, 0, 0, 5])
