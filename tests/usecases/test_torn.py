"""A step that breaks half-way leaves nothing behind: effect, ledger and message are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hub.store import outbox
from hub.store import tables as t
from tests.fakes.world import World


class Torn(Exception):
    """What the test breaks a step with."""


@pytest.fixture
def tear_outbox(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on no message to a channel can be written."""

    def put(_db: Any, rows: Sequence[Any], _now: Any) -> int:
        if rows:
            raise Torn
        return 0

    return lambda: monkeypatch.setattr(outbox, "put", put)


def _count(world: World, table: Any) -> int:
    return len(world.rows(table))


def test_a_parcel_that_cannot_be_told_has_not_left(world: World, tear_outbox: Callable[[], None]) -> None:
    world.stock("A", "W1", 3)
    assert world.order("o1", A=2) == "routed"
    (work,) = world.lists("o1")
    ledger = _count(world, t.stock_ledger)
    tear_outbox()
    with pytest.raises(Torn):
        world.ship(work.id, "p1")
    assert (world.balance("A", "W1"), world.state("o1")) == ((3, 2), "routed")
    assert (_count(world, t.shipments), _count(world, t.stock_ledger)) == (0, ledger)
    assert "parcel_shipped" not in world.events("o1")


def test_a_refusal_that_cannot_be_told_is_no_refusal(world: World, tear_outbox: Callable[[], None]) -> None:
    shop = world.connect("strict", on_shortage="refuse")
    tear_outbox()
    assert world.order("o1", A=1, shop_id=shop) == "held"
    assert world.holds() == [f"crashed:place:{Torn.__name__}"]
    assert _count(world, t.outbox) == 0
