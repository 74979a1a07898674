"""Bid prices are computed from the orders that came, and plans look at them while they are fresh."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from hub.canonical.errors import Misconfigured
from hub.reports.bid_prices import find_bid_prices
from hub.rules.bid_forecast import HORIZON
from hub.rules.distance import distances_hm
from hub.store import tables as t
from hub.store.bid_prices import read_prices, write_prices
from hub.store.geodata import locate
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.refresh_bid_prices import refresh_bid_prices
from tests.fakes.world import World

CHEAPEST: dict[str, Any] = {
    "strategies": [{"search": "cheapest", "objective": {"estimate": {"base": "5", "per_unit_km": "0.01"}}}]
}


def _activate(world: World, body: dict[str, Any]) -> None:
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="eve", given=body), actor="ann")


def _more_from_munich() -> int:
    """Micros that a piece from Munich to Berlin costs more than one from Berlin."""
    berlin, munich = (locate("DE", None, city) for city in ("Berlin", "Munich"))
    assert berlin is not None
    assert munich is not None
    return 10_000 * distances_hm([munich.point], berlin.point)[0] // 10


def _read(world: World, *skus: str) -> dict[tuple[str, str], int]:
    with world.db.read() as db:
        return read_prices(db, skus, world.clock())


def _sell_six(world: World) -> None:
    """Six orders of Berlin take six of eight pieces in Berlin; two weeks later two are left, and twenty in Munich."""
    world.stock("A", "W1", 8)
    world.stock("A", "W2", 20)
    for n in range(6):
        assert world.order(f"o{n}", A=1) == "routed"
    assert world.balance("A", "W1") == (8, 6)
    world.clock.move(days=HORIZON.days - 1)


def test_without_rules_that_ask_for_them_nothing_is_priced(world: World) -> None:
    _sell_six(world)
    assert refresh_bid_prices(world.ctx) == 0
    assert world.rows(t.bid_prices) == []


def test_a_scarce_piece_is_worth_the_way_from_the_next_warehouse(world: World) -> None:
    _activate(world, CHEAPEST)
    _sell_six(world)
    assert refresh_bid_prices(world.ctx) == 1
    assert _read(world, "A", "B") == {("W1", "A"): _more_from_munich()}
    (fact,) = find_bid_prices(world.db, world.clock())
    assert (fact.warehouse, fact.sku, fact.price, fact.used) == ("W1", "A", _more_from_munich(), True)


def test_stock_under_way_makes_it_scarce_no_more_and_the_price_goes(world: World) -> None:
    _activate(world, CHEAPEST)
    _sell_six(world)
    refresh_bid_prices(world.ctx)
    world.stock("A", "W1", 10)
    assert refresh_bid_prices(world.ctx) == 0
    assert world.rows(t.bid_prices) == []


def test_cancelled_orders_are_not_expected_again(world: World) -> None:
    _activate(world, CHEAPEST)
    _sell_six(world)
    with world.db.write() as db:
        db.execute(t.orders.update().values(state="cancelled"))
    assert refresh_bid_prices(world.ctx) == 0
    with world.db.write() as db:
        db.execute(t.orders.update().values(state="routed"))


def test_prices_older_than_their_horizon_are_not_used(world: World) -> None:
    with world.db.write() as db:
        write_prices(db, {("W1", "A"): 5, ("W2", "B"): 7}, world.clock())
    world.clock.move(days=HORIZON.days, seconds=-1)
    assert _read(world, "A", "B") == {("W1", "A"): 5, ("W2", "B"): 7}
    assert _read(world, "B") == {("W2", "B"): 7}
    world.clock.move(seconds=1)
    assert _read(world, "A", "B") == {}
    assert [fact.used for fact in find_bid_prices(world.db, world.clock())] == [False, False]
    assert [fact.sku for fact in find_bid_prices(world.db, world.clock(), sku="A")] == ["A"]


def test_a_priced_piece_is_kept_for_the_orders_that_need_it(world: World) -> None:
    """The way from Berlin to Munich costs more than from Munich; but Munich's last piece is worth more than that."""
    _activate(world, CHEAPEST)
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 1)
    with world.db.write() as db:
        write_prices(db, {("W2", "A"): _more_from_munich() + 1}, world.clock())
    more = {"ship_to": {"country": "DE", "city": "Munich"}}
    world.order("o1", A=1, more=more)
    assert world.takes("o1") == {("W1", "A"): 1}


def test_without_the_extra_it_says_what_to_install(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _activate(world, CHEAPEST)
    _sell_six(world)
    monkeypatch.setitem(sys.modules, "hub.rules.bid_prices", None)
    with pytest.raises(Misconfigured, match=r'pip install "stockline\[optimize\]"'):
        refresh_bid_prices(world.ctx)
    assert world.rows(t.bid_prices) == []
