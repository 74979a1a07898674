"""Refunds and their orders come at once, in any order, to several workers, on both real databases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from hub.canonical.times import parse_time
from hub.ports.channel import RawRecord
from hub.store import tables as t
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.join_refunds import join_refunds
from hub.usecases.place_orders import place_orders
from tests.fakes.channel import FakeChannel, payload, refund
from tests.fakes.world import World
from tests.usecases.test_races import Deadlocks, together, until_idle

ORDERS = 60


@pytest.fixture(autouse=True)
def _nothing_went_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


def _records() -> list[RawRecord]:
    """Each order in two versions, each of its two refunds told twice: the later word holds, whichever is read last."""
    lines = {"1": ("L-A", 1)}
    found = [
        FakeChannel.record(payload(f"o{n}", lines, f"2026-11-23T{at}:00:00Z")) for n in range(ORDERS) for at in (10, 11)
    ]
    for n in range(ORDERS):
        for ref, amount in ((f"r{n}a", "1.25"), (f"r{n}b", "0.50")):
            for at, word in (("2026-11-24T08:00:00Z", "3.00"), ("2026-11-25T08:00:00Z", amount)):
                raw = json.dumps(refund(ref, f"o{n}", word, at=at)).encode()
                found.append(RawRecord(ref, raw, parse_time(at, "at"), kind="refund"))
    random.Random(3).shuffle(found)
    return found


def test_every_refund_is_with_its_order_once_whoever_came_first(world: World) -> None:
    world.stock("A", "W1", ORDERS)
    with world.db.write() as db:
        for record in _records():
            store_arrivals(db, world.shop_id, [pulled(record)], world.clock())
    tries = Deadlocks()
    ctx = world.ctx
    acts = [
        *[until_idle(lambda: tries.run(lambda: ingest_inbox(ctx, 5) + place_orders(ctx, 5)))] * 6,
        *[until_idle(lambda: tries.run(lambda: join_refunds(ctx)))] * 3,
    ]
    assert not [result for result in together(acts) if isinstance(result, Exception)]
    world.work()
    documents = {row.order_id: row.current for row in world.rows(t.order_documents)}
    assert len(documents) == ORDERS
    for body in documents.values():
        n = body["channel_ref"].removeprefix("o")
        assert (body["refunded_total"], body["payment"]) == ("1.75", "partially_refunded")
        assert [row["channel_ref"] for row in body["extra"]["money_back"]] == [f"r{n}a", f"r{n}b"]
        assert {row["refunded_at"] for row in body["extra"]["money_back"]} == {"2026-11-24T08:00:00Z"}
    assert world.rows(t.refunds, t.refunds.c.waits) == []
    assert world.balance("A", "W1") == (ORDERS, ORDERS)
    assert tries.count == 0
