"""A channel's queue forgets a message only once the order that it told of is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.taobao.sandbox import TaobaoSandbox
from hub.store import tables as t
from hub.usecases import pull_orders
from hub.usecases.send_outbox import send_outbox
from tests.connectors.contract import ITEMS, SHOPPER
from tests.connectors.taobao.conftest import connect
from tests.fakes.world import World


@pytest.fixture
def sandbox() -> Iterator[TaobaoSandbox]:
    running = TaobaoSandbox()
    running.start()
    running.stock_shelves(ITEMS)
    yield running
    running.stop()


def test_a_message_is_confirmed_after_the_commit_and_not_before(
    world: World, sandbox: TaobaoSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    world.shops[world.shop_id] = connect(sandbox)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="disk full"):
        broken.setattr(pull_orders, "store_arrivals", _disk_full)
        pull_orders.pull_orders(world.ctx, world.shop_id)
    assert len(sandbox.shop.messages) == 1
    assert world.rows(t.outbox) == []
    assert pull_orders.pull_orders(world.ctx, world.shop_id) == 1
    assert [row.ref for row in world.rows(t.inbox)] == [ref]
    assert len(sandbox.shop.messages) == 1
    send_outbox(world.ctx, world.shop_id)
    assert sandbox.shop.messages == {}


def _disk_full(*_: object) -> int:
    raise OSError("disk full")
