"""SKUs: what a scan means must be one of them, on both databases."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound, Rejected
from hub.store import tables as t
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.manage_catalog import add_item, save_warehouse, set_kit
from tests.fakes.world import World

CODE = "4006381333931"


def _barcodes(world: World) -> dict[str, str]:
    return {row.sku: row.barcode for row in world.rows(t.items) if row.sku not in ("KIT", "C")}


def test_a_barcode_that_another_sku_has_is_refused_and_names_it(world: World) -> None:
    add_item(world.ctx, "A", barcode=CODE, actor="test")
    before = _barcodes(world)
    for sku in ("B", "NEW"):
        with pytest.raises(Conflict) as refused:
            add_item(world.ctx, sku, barcode=CODE, title="other", actor="test")
        assert str(refused.value) == (f"barcode '{CODE}' means the SKU A already: give {sku} another one, or change A")
    with pytest.raises(Conflict, match="barcode 'A' means the SKU A already"):
        add_item(world.ctx, "B", barcode="A", actor="test")
    assert _barcodes(world) == before
    add_item(world.ctx, "A", barcode="", actor="test")
    add_item(world.ctx, "B", barcode=CODE, actor="test")
    assert _barcodes(world) == {"A": "", "B": CODE}


def test_two_that_share_one_since_before_stay_and_may_be_saved(world: World) -> None:
    with world.db.write() as db:
        db.execute(t.items.update().where(t.items.c.sku.in_(["A", "B"])).values(barcode=CODE))
    add_item(world.ctx, "A", barcode=CODE, title="apple", actor="test")
    assert _barcodes(world) == {"A": CODE, "B": CODE}


def _kits(world: World) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in world.rows(t.kits):
        found.setdefault(row.sku, {})[row.component] = row.quantity
    return found


def test_a_kit_gets_no_stock_of_its_own_by_any_hand(world: World) -> None:
    by = {"reason": "delivery", "actor": "test", "key": "k"}
    for act in (
        lambda: adjust_stock(world.ctx, "KIT", "W1", 3, **by),
        lambda: count_stock(world.ctx, "KIT", "W1", 3, **by),
        lambda: set_safety(world.ctx, "KIT", "W1", 3, actor="test"),
        lambda: change_state(world.ctx, "KIT", "W1", 3, source="free", target="damaged", **by),
    ):
        with pytest.raises(BadInput) as refused:
            act()
        assert str(refused.value) == "KIT is a kit and has no stock of its own: name its components (A, B)"
    assert world.rows(t.stock_balances) == []


def test_a_component_of_a_kit_cannot_become_a_kit(world: World) -> None:
    before = _kits(world)
    with pytest.raises(Conflict) as refused:
        set_kit(world.ctx, "A", {"C": 1}, actor="test")
    assert str(refused.value) == (
        "A is a component of the kit KIT, and a kit may not be part of another: give KIT the pieces that A is made of "
        "instead"
    )
    assert _kits(world) == before
    set_kit(world.ctx, "A", {}, actor="test")
    set_kit(world.ctx, "KIT", {"B": 5}, actor="test")
    set_kit(world.ctx, "A", {"C": 1}, actor="test")
    assert _kits(world) == {"A": {"C": 1}, "KIT": {"B": 5}}


def test_a_sku_that_has_stock_becomes_a_kit_once_it_is_counted_to_0(world: World) -> None:
    world.stock("C", "W1", 5)
    world.order("o1", C=2)
    before = _kits(world)
    with pytest.raises(Conflict) as refused:
        set_kit(world.ctx, "C", {"A": 1}, actor="test")
    assert str(refused.value) == (
        "C has stock of its own in W1 (5 on hand, 2 reserved, 0 incoming, 0 in transit), and a kit has none: move or "
        "cancel its orders, finish its transfers, and count it to 0 first"
    )
    assert _kits(world) == before
    world.ship_all("o1")
    count_stock(world.ctx, "C", "W1", 0, reason="counted", actor="test", key="k")
    set_kit(world.ctx, "C", {"A": 1}, actor="test")
    assert _kits(world) == before | {"C": {"A": 1}}


@pytest.mark.parametrize("parts", [{"KIT": 1}, {"NOPE": 1}, {"A": 0}], ids=["a kit", "unknown", "none of it"])
def test_a_new_sku_whose_kit_is_refused_is_not_added_either(world: World, parts: dict[str, int]) -> None:
    before = world.rows(t.items)
    with pytest.raises(Rejected):
        add_item(world.ctx, "NEW", title="new", components=parts, actor="test")
    with pytest.raises(Rejected):
        add_item(world.ctx, "C", title="new", components=parts, actor="test")
    assert world.rows(t.items) == before
    add_item(world.ctx, "NEW", components={"A": 2}, actor="test")
    assert _kits(world)["NEW"] == {"A": 2}


def test_a_warehouse_code_that_differs_in_large_and_small_letters_only_is_refused(world: World) -> None:
    with pytest.raises(Conflict) as refused:
        save_warehouse(world.ctx, "w1", actor="eve", country="FR")
    assert str(refused.value) == (
        "there is a warehouse W1, which differs from w1 only in large and small letters: write that to change it, or "
        "choose another code"
    )
    with pytest.raises(NotFound, match=r"there is no warehouse 'w1': write W1, in large and small letters"):
        adjust_stock(world.ctx, "A", "w1", 1, reason="received", actor="eve", key="k")
    assert [row.code for row in world.rows(t.warehouses)] == ["W1", "W2"]
    save_warehouse(world.ctx, "W1", actor="eve", country="FR")
    assert world.rows(t.warehouses)[0].country == "FR"


def test_two_codes_that_differed_in_case_before_may_both_be_changed(world: World) -> None:
    with world.db.write() as db:
        row = dict(db.execute(t.warehouses.select().where(t.warehouses.c.code == "W1")).mappings().one())
        db.execute(t.warehouses.insert().values(row | {"code": "w1"}))
    save_warehouse(world.ctx, "w1", actor="eve", country="FR")
    assert {row.code: row.country for row in world.rows(t.warehouses)}["w1"] == "FR"
