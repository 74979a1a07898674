"""Where pieces are that orders wait for: promised to whom, unfit why, under way."""

from __future__ import annotations

from datetime import timedelta

from hub.reports.whereabouts import Lying, Whereabouts, whereabouts
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, set_safety
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.plan_transfer import TransferPlan, create_transfer, reserve_transfer
from tests.fakes.world import World


def found(world: World, order: str | None = None) -> Whereabouts:
    order_id = world.row(order).id if order else None
    return whereabouts(world.db, ["A"], world.clock(), order_id)["A"]


def test_each_place_says_who_has_its_pieces_and_why_the_others_cannot_leave(world: World) -> None:
    today = world.clock().date()
    world.stock("A", "W1", 20)
    for n in range(5):
        world.order(f"o{n}", A=2)
    change_state(world.ctx, "A", "W1", 1, source="free", target="damaged", reason="wet", actor="eve", key="d")
    change_state(world.ctx, "A", "W1", 2, source="free", target="quality_hold", reason="look", actor="eve", key="q")
    set_safety(world.ctx, "A", "W1", 3, actor="eve")
    transfer = create_transfer(world.ctx, TransferPlan("t", "W1", "W2", (("A", "", 4),)), actor="eve")
    reserve_transfer(world.ctx, transfer, actor="eve")
    save_warehouse(world.ctx, "W2", actor="eve", active=False)
    adjust_stock(world.ctx, "A", "W2", 6, reason="received", actor="eve", key="l", lot="L",
                 expires_on=today - timedelta(days=1), sure=True)  # fmt: skip
    assert world.order("short", A=7) == "held"
    assert world.order("more", A=1) == "held"
    here = found(world)
    ids = [(world.row(f"o{n}").id, world.row(f"o{n}").number) for n in range(5)]
    assert (here.sku, here.missing, found(world, "short").missing) == ("A", 8, 7)
    assert here.places == (
        Lying("W1", True, 20, 14, 4, 1, 2, 0, 3, 0, 0, 0, (), tuple(ids[:3]), 5),
        Lying("W2", False, 6, 0, 0, 0, 0, 6, 0, 0, 0, 0, (), (), 0),
    )


def test_a_sku_that_lies_nowhere_has_no_places(world: World) -> None:
    world.order("o1", A=2)
    assert found(world) == Whereabouts("A", 2, ())


def test_nothing_is_asked_of_no_sku(world: World) -> None:
    assert whereabouts(world.db, [], world.clock()) == {}
