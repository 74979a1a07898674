"""Too little stock: orders wait and wake, or are refused and stay refused; nothing is promised twice."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.routing import Decision, Demand, Ruleset, Snapshot, plan, snapshot_hash
from hub.store import tables as t
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.manage_catalog import save_warehouse, set_kit
from hub.usecases.pick_orders import report_missing
from hub.usecases.place_orders import place_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.streams import due_work
from tests.fakes.channel import payload
from tests.fakes.world import World

NINE, TEN = "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"


def test_a_short_order_takes_nothing_waits_and_wakes_when_stock_is_received(world: World) -> None:
    world.stock("A", "W1", 2)
    assert world.order("o1", A=3) == "held"
    assert (world.holds(), world.balance("A", "W1")) == (["short:A"], (2, 0))
    (hold,) = world.rows(t.holds)
    assert hold.why.startswith("1 of 3 missing: receive stock of A")
    assert world.event("o1", "order_short") == {"missing": [{"sku": "A", "wanted": 3, "missing": 1}]}
    world.stock("A", "W1", 1)
    assert ("orders.place", None) in due_work(world.ctx)
    world.work()
    assert (world.state("o1"), world.holds(), world.balance("A", "W1")) == ("routed", [], (3, 3))


def test_the_older_of_two_waiting_orders_is_served_first(world: World) -> None:
    world.order("o1", A=2)
    world.order("o2", A=2)
    world.stock("A", "W1", 3)
    world.work()
    assert (world.state("o1"), world.state("o2")) == ("routed", "held")


def test_stock_that_is_still_too_little_leaves_the_order_waiting_with_one_hold(world: World) -> None:
    world.order("o1", A=5)
    for _ in range(3):
        world.stock("A", "W1", 1)
        world.work()
    assert (world.state("o1"), world.holds()) == ("held", ["short:A"])
    world.stock("A", "W2", 2)
    world.work()
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W1", "A"): 3, ("W2", "A"): 2})


def test_what_a_cancelled_order_gives_back_wakes_the_one_that_waits(world: World) -> None:
    world.stock("A", "W1", 2)
    world.order("o1", A=2)
    assert world.order("o2", A=1) == "held"
    world.order("o1", NINE, A=2, more={"status": "cancelled"})
    assert (world.state("o1"), world.state("o2")) == ("cancelled", "routed")
    assert world.balance("A", "W1") == (2, 1)


def test_a_count_a_lower_safety_and_an_opened_warehouse_wake_too(world: World) -> None:
    world.stock("A", "W1", 1)
    set_safety(world.ctx, "A", "W1", 1, actor="eve")
    world.stock("B", "W2", 1)
    save_warehouse(world.ctx, "W2", active=False, actor="eve")
    assert world.order("o1", A=1) == "held"
    assert world.order("o2", B=1) == "held"
    assert world.order("o3", C=1) == "held"
    set_safety(world.ctx, "A", "W1", 0, actor="eve")
    save_warehouse(world.ctx, "W2", active=True, actor="eve")
    count_stock(world.ctx, "C", "W1", 1, reason="stocktake", actor="eve", key="c1")
    world.work()
    assert [world.state(ref) for ref in ("o1", "o2", "o3")] == ["routed"] * 3


def test_an_order_with_two_missing_skus_needs_both(world: World) -> None:
    assert world.order("o1", A=1, B=1) == "held"
    assert world.holds() == ["short:A", "short:B"]
    world.stock("A", "W1", 1)
    world.work()
    assert (world.state("o1"), world.balance("A", "W1")) == ("held", (1, 0))
    world.stock("B", "W1", 1)
    world.work()
    assert (world.state("o1"), world.holds()) == ("routed", [])


def test_a_waiting_order_that_is_lowered_to_what_there_is_goes_on(world: World) -> None:
    world.stock("A", "W1", 2)
    world.order("o1", A=3)
    assert world.order("o1", NINE, A=2) == "routed"
    assert world.holds() == []


def test_a_refused_order_is_told_reserves_nothing_and_no_later_edit_revives_it(world: World) -> None:
    cid = world.connect("strict", on_shortage="refuse")
    shop = world.shops[cid]
    world.stock("A", "W1", 2)
    world.stock("B", "W1", 5)
    assert world.order("o1", A=3, B=1, shop_id=cid) == "refused"
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((2, 0), (5, 0))
    world.send(cid)
    (answer,) = shop.answers()
    assert (answer.order_ref, answer.accepted, answer.reason) == ("o1", False, "out of stock: A (1 missing)")
    assert [int(line.promised) for line in answer.lines] == [0, 0]
    assert world.order("o1", NINE, A=1, shop_id=cid) == "refused"
    world.stock("A", "W1", 50)
    world.work()
    assert (world.state("o1"), world.balance("A", "W1"), world.holds()) == ("refused", (52, 0), [])
    while world.send(cid):
        pass
    assert len(shop.answers()) == 1


def test_a_refusal_pushes_the_listing_again_because_the_channel_put_it_back_on_sale(world: World) -> None:
    cid = world.connect("strict", on_shortage="refuse")
    shop = world.shops[cid]
    world.stock("A", "W1", 2)
    push_stock(world.ctx, cid)
    world.order("o1", A=3, shop_id=cid)
    shop.shelf["L-A"] = 3  # the shop's own books after its customer's order was refused
    world.send(cid)
    push_stock(world.ctx, cid)
    assert shop.shelf["L-A"] == 2


def test_a_raise_that_cannot_be_met_keeps_what_was_reserved_and_waits(world: World) -> None:
    world.stock("A", "W1", 3)
    world.order("o1", A=2)
    assert world.order("o1", NINE, A=9) == "held"
    assert (world.pieces("o1"), world.balance("A", "W1")) == ({"A": (9, 2, 0)}, (3, 2))
    world.stock("A", "W1", 6)
    world.work()
    assert (world.state("o1"), world.pieces("o1")) == ("routed", {"A": (9, 9, 0)})


def test_a_raise_that_cannot_be_met_and_is_taken_back_leaves_the_order_as_it_was(world: World) -> None:
    world.stock("A", "W1", 3)
    world.order("o1", A=2)
    world.order("o1", NINE, A=9)
    assert world.order("o1", TEN, A=2) == "routed"
    assert (world.pieces("o1"), world.holds()) == ({"A": (2, 2, 0)}, [])


def test_a_raise_that_cannot_be_met_is_refused_as_a_whole_where_the_shop_wants_that(world: World) -> None:
    cid = world.connect("strict", on_shortage="refuse")
    world.stock("A", "W1", 3)
    world.order("o1", A=2, shop_id=cid)
    assert world.order("o1", NINE, A=9, shop_id=cid) == "refused"
    assert (world.balance("A", "W1"), world.takes("o1")) == ((3, 0), {})
    while world.send(cid):
        pass
    assert [answer.accepted for answer in world.shops[cid].answers()] == [True, False]


def test_an_order_of_which_a_parcel_left_is_not_refused_but_waits(world: World) -> None:
    cid = world.connect("strict", on_shortage="refuse")
    world.stock("A", "W1", 2)
    world.order("o1", A=2, shop_id=cid)
    world.ship_all("o1")
    assert world.order("o1", NINE, A=4, shop_id=cid) == "held"
    assert world.pieces("o1") == {"A": (4, 0, 2)}


def test_two_lines_of_one_sku_are_added_up_before_they_are_promised(world: World) -> None:
    world.stock("A", "W1", 3)
    world.arrive(payload("o1", {"1": ("L-A", 2), "2": ("L-A", 2)}))
    assert (world.state("o1"), world.balance("A", "W1")) == ("held", (3, 0))
    world.stock("A", "W1", 1)
    world.work()
    assert (world.state("o1"), world.balance("A", "W1")) == ("routed", (4, 4))
    world.ship_all("o1")
    while world.send():
        pass
    (dispatch,) = world.shop.dispatches()
    assert [(line.line_ref, int(line.quantity)) for line in dispatch.lines] == [("1", 2), ("2", 2)]


def test_a_kit_and_its_own_component_share_the_pieces_there_are(world: World) -> None:
    world.know_empty()
    world.stock("A", "W1", 2)
    world.stock("B", "W1", 4)
    world.arrive(payload("o1", {"1": ("L-KIT", 2), "2": ("L-B", 1)}))
    assert (world.state("o1"), world.holds()) == ("held", ["short:B"])
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf == {"L-A": 2, "L-B": 4, "L-C": 0, "L-KIT": 2}
    world.stock("B", "W1", 1)
    world.work()
    assert (world.state("o1"), world.balance("A", "W1"), world.balance("B", "W1")) == ("routed", (2, 2), (5, 5))
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf == {"L-A": 0, "L-B": 0, "L-C": 0, "L-KIT": 0}


def test_a_kit_that_is_changed_later_leaves_old_orders_alone(world: World) -> None:
    world.stock("A", "W1", 9)
    world.stock("B", "W1", 9)
    world.order("o1", KIT=1)
    set_kit(world.ctx, "KIT", {"A": 3}, actor="eve")
    world.order("o2", KIT=1)
    assert (world.pieces("o1"), world.pieces("o2")) == ({"A": (1, 1, 0), "B": (2, 2, 0)}, {"A": (3, 3, 0)})
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-KIT"] == 1


def test_a_closed_warehouse_is_not_asked_and_not_counted(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 1)
    save_warehouse(world.ctx, "W1", active=False, actor="eve")
    assert world.order("o1", A=1) == "routed"
    assert world.takes("o1") == {("W2", "A"): 1}
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 0
    assert world.order("o2", A=1) == "held"


def test_pieces_missing_on_the_shelf_leave_the_stock_and_come_from_elsewhere(world: World) -> None:
    world.stock("A", "W1", 9)
    world.stock("A", "W2", 5)
    world.order("o1", A=3)
    (work,) = world.lists("o1")
    report_missing(world.ctx, world.list_lines(work.id)["A"].id, 2, "bob", "empty shelf")
    assert world.state("o1") == "waiting"
    assert world.balance("A", "W1") == (7, 1)
    world.work()
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W1", "A"): 1, ("W2", "A"): 2})
    assert world.event("o1", "missing_on_shelf") == {"sku": "A", "quantity": 2}
    assert [(row.kind, row.on_hand) for row in world.rows(t.stock_ledger) if row.kind == "missing"] == [("missing", -2)]


def test_after_a_count_a_warehouse_that_missed_pieces_is_asked_again(world: World) -> None:
    world.stock("A", "W1", 9)
    world.order("o1", A=3)
    (work,) = world.lists("o1")
    report_missing(world.ctx, world.list_lines(work.id)["A"].id, 3, "bob", "empty shelf")
    world.work()
    assert (world.state("o1"), world.lists("o1")[0].status) == ("held", "cancelled")
    assert count_stock(world.ctx, "A", "W1", 6, reason="they stood behind", actor="eve", key="c1") == 0
    world.work()
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W1", "A"): 3})


def test_more_than_is_open_cannot_be_missing(world: World) -> None:
    world.stock("A", "W1", 9)
    world.order("o1", A=3)
    line = world.list_lines(world.lists("o1")[0].id)["A"]
    with pytest.raises(BadInput, match="has 3 open pieces, not 4"):
        report_missing(world.ctx, line.id, 4, "bob", "")
    with pytest.raises(NotFound):
        report_missing(world.ctx, 10**6, 1, "bob", "")


def test_a_count_below_what_is_promised_is_refused_with_the_numbers(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=4)
    with pytest.raises(Conflict, match="5 on hand, 4 promised to orders; 3 would be too few"):
        count_stock(world.ctx, "A", "W1", 3, reason="stocktake", actor="eve", key="c1")
    with pytest.raises(Conflict, match="promised"):
        world.stock("A", "W1", -2)
    assert world.balance("A", "W1") == (5, 4)
    assert count_stock(world.ctx, "A", "W1", 4, reason="stocktake", actor="eve", key="c1") == -1
    assert world.balance("A", "W1") == (4, 4)


def test_the_same_key_twice_has_one_effect(world: World) -> None:
    for _ in range(2):
        assert adjust_stock(world.ctx, "A", "W1", 5, reason="delivery", actor="eve", key="k") == 5
    assert count_stock(world.ctx, "A", "W1", 9, reason="stocktake", actor="eve", key="k") == 4
    assert count_stock(world.ctx, "A", "W1", 2, reason="stocktake", actor="eve", key="k") == 0
    assert world.balance("A", "W1") == (9, 0)


@pytest.mark.parametrize(
    ("_case", "sku", "warehouse", "by", "reason", "error"),
    [
        ("no reason", "A", "W1", 1, " ", BadInput),
        ("unknown SKU", "Z", "W1", 1, "r", NotFound),
        ("unknown warehouse", "A", "W9", 1, "r", NotFound),
        ("absurd", "A", "W1", 10**12, "r", BadInput),
        ("below nothing", "A", "W1", -1, "r", Conflict),
    ],
)
def test_a_senseless_stock_change_is_refused(
    world: World, _case: str, sku: str, warehouse: str, by: int, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        adjust_stock(world.ctx, sku, warehouse, by, reason=reason, actor="eve", key="k")
    assert world.rows(t.stock_ledger) == []


def test_safety_stock_is_not_sold(world: World) -> None:
    world.stock("A", "W1", 5)
    set_safety(world.ctx, "A", "W1", 3, actor="eve")
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 2
    assert world.order("o1", A=3) == "held"
    assert world.order("o2", A=2) == "routed"


def test_every_stored_decision_is_made_again_from_what_it_saw(world: World) -> None:
    """Dry run and live are one function: `plan` on the stored snapshot and demand gives the stored decision."""
    world.stock("A", "W1", 4)
    world.stock("A", "W2", 4)
    world.stock("B", "W2", 3)
    world.pull(*(payload(f"o{n}", {"1": ("L-A", 2), "2": ("L-B", 1)}) for n in range(5)))
    world.work()
    world.order("o0", NINE, A=4)
    rows = world.rows(t.routing_decisions)
    assert [row.outcome for row in rows].count("short") >= 2
    for row in rows:
        seen, demand = Snapshot.from_dict(row.snapshot), Demand.from_dict(row.demand)
        (again,) = plan(seen, [demand], Ruleset(version=row.ruleset_version))
        assert again == Decision.from_dict(row.decision)
        assert again.to_dict() == row.decision
        assert snapshot_hash(seen) == row.snapshot_hash


def test_an_order_that_was_planned_a_thousand_times_can_be_planned_again(world: World) -> None:
    world.order("o1", A=1)
    with world.db.write() as db:
        db.execute(t.orders.update().values(attempts=1000))
    world.stock("B", "W1", 1)
    world.order("o1", NINE, A=1, B=1)
    with world.db.write() as db:
        db.execute(t.orders.update().values(attempts=2000))
    world.order("o1", TEN, A=2, B=1)
    assert [row.attempt for row in world.rows(t.routing_decisions)] == [1, 1001, 2001]


def test_one_order_that_cannot_be_planned_delays_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.usecases import place_orders as module

    real = module.demand_of

    def broken(order: module.Claimed, *rest: Any) -> Demand:
        if order.row.channel_ref == "o2":
            raise ZeroDivisionError("a bug in planning")
        return real(order, *rest)

    world.stock("A", "W1", 9)
    monkeypatch.setattr(module, "demand_of", broken)
    world.pull(*(payload(f"o{n}", {"1": ("L-A", 1)}) for n in (1, 2, 3)))
    world.work()
    assert [world.state(f"o{n}") for n in (1, 2, 3)] == ["routed", "held", "routed"]
    assert world.holds() == ["crashed:place:ZeroDivisionError"]
    assert place_orders(world.ctx) == 0
