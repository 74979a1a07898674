"""Zones and rates from a file: all of it or nothing, on both databases."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput
from hub.store import tables as t
from hub.usecases.import_rates import Imported, import_rates
from tests.fakes.world import World

HEAD = "carrier,zone,up_to_g,price\n"
ZONES = "country,postal_prefix,zone\nDE,1,a\nDE,2,b\n"


@pytest.fixture
def zoned(world: World) -> World:
    """Zones a and b have addresses."""
    import_rates(world.ctx, ZONES, actor="eve")
    return world


def _prices(world: World) -> dict[tuple[str, int], int]:
    return {(row.zone, row.up_to_g): row.price for row in world.rows(t.shipping_rates)}


def test_a_second_file_changes_what_it_names(zoned: World) -> None:
    world = zoned
    assert import_rates(world.ctx, f"{HEAD}DHL,a,500,4.90\nDHL,a,1000,5\n", actor="eve") == Imported(
        "rates", 2, 0, 0, 0
    )
    done = import_rates(world.ctx, f"{HEAD}DHL,a,500,4.95\nDHL,a,1000,5\nDHL,b,500,7\n", actor="eve")
    assert done == Imported("rates", 1, 1, 0, 1)
    assert _prices(world) == {("a", 500): 4_950_000, ("a", 1000): 5_000_000, ("b", 500): 7_000_000}


def test_replacing_removes_what_the_file_does_not_name(zoned: World) -> None:
    world = zoned
    import_rates(world.ctx, f"{HEAD}DHL,a,500,4.90\nDHL,b,500,5\n", actor="eve")
    done = import_rates(world.ctx, f"{HEAD}DHL,b,500,5\n", actor="eve", replace=True)
    assert done == Imported("rates", 0, 0, 1, 1)
    assert _prices(world) == {("b", 500): 5_000_000}
    audit = world.rows(t.audit_log, t.audit_log.c.action == "rates.imported")[-1]
    assert (audit.actor, audit.data) == ("eve", {"added": 0, "changed": 0, "removed": 1})


def test_one_wrong_line_keeps_all_of_the_file_out(world: World) -> None:
    with pytest.raises(BadInput) as refused:
        import_rates(world.ctx, f"{HEAD}DHL,a,500,4.90\nDHL,a,x,1\n,a,9,1\n", actor="eve")
    assert str(refused.value) == (
        "nothing was written; line 3: up_to_g = 'x': use a whole number from 1 to 1000000000; line 4: carrier is empty"
    )
    assert _prices(world) == {}


def test_zones_of_an_unknown_warehouse_are_refused(world: World) -> None:
    with pytest.raises(BadInput, match=r"line 2: warehouse 'W9' is not known \(stockline warehouse\)"):
        import_rates(world.ctx, "warehouse,country,zone\nW9,DE,z\nW1,DE,z\n", actor="eve")
    assert world.rows(t.shipping_zones) == []
    assert import_rates(world.ctx, "warehouse,country,zone\nW1,DE,z\n", actor="eve").added == 1


def test_many_problems_are_counted(world: World) -> None:
    with pytest.raises(BadInput, match=r"; and 5 more$"):
        import_rates(world.ctx, HEAD + "DHL,a,x,1\n" * 15, actor="eve")


def test_a_file_without_rows_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="the file has a first line but no rows: nothing was written"):
        import_rates(world.ctx, HEAD, actor="eve")


def test_a_rate_of_a_zone_without_addresses_is_refused_with_its_line(zoned: World) -> None:
    with pytest.raises(BadInput) as refused:
        import_rates(zoned.ctx, f"{HEAD}DHL,a,500,4.90\nDHL,A,500,4.90\n", actor="eve")
    assert str(refused.value) == (
        "nothing was written; line 3: zone 'A' has no row that says which addresses are in it: import the zones first"
    )
    assert _prices(zoned) == {}


def test_a_rate_of_one_warehouse_needs_a_zone_that_this_warehouse_sees(zoned: World) -> None:
    import_rates(zoned.ctx, "warehouse,country,zone\nW2,FR,far\n", actor="eve")
    head = "carrier,warehouse,zone,up_to_g,price\n"
    with pytest.raises(BadInput, match="line 2: zone 'far' has no row"):
        import_rates(zoned.ctx, f"{head}DHL,W1,far,500,4.90\n", actor="eve")
    assert import_rates(zoned.ctx, f"{head}DHL,W2,far,500,4.90\nDHL,,far,500,5\n", actor="eve").added == 2


def test_zones_that_rates_need_are_not_replaced_away(zoned: World) -> None:
    import_rates(zoned.ctx, f"{HEAD}DHL,b,500,4.90\n", actor="eve")
    with pytest.raises(BadInput, match="rates stand there for 'b', which this file leaves without a row"):
        import_rates(zoned.ctx, "country,zone\nDE,a\n", actor="eve", replace=True)
    assert {row.zone for row in zoned.rows(t.shipping_zones)} == {"a", "b"}
    assert import_rates(zoned.ctx, "country,zone\nDE,b\n", actor="eve", replace=True).removed == 2


def test_rates_that_stand_there_without_a_zone_stay_but_take_no_more(zoned: World) -> None:
    old = {"carrier": "DHL", "zone": "old", "up_to_g": 500, "price": 1, "service": "", "warehouse": "", "per_unit": 0}
    with zoned.db.write() as db:
        db.execute(t.shipping_rates.insert().values(**old, days=0))
    assert import_rates(zoned.ctx, "country,zone\nFR,c\n", actor="eve").added == 1
    with pytest.raises(BadInput, match="line 2: zone 'old' has no row"):
        import_rates(zoned.ctx, f"{HEAD}DHL,old,900,4.90\n", actor="eve")
    assert _prices(zoned) == {("old", 500): 1}
