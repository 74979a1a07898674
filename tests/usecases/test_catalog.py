"""SKUs: what a scan means must be one of them, on both databases."""

from __future__ import annotations

import pytest

from hub.canonical.errors import Conflict
from hub.store import tables as t
from hub.usecases.manage_catalog import add_item
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
