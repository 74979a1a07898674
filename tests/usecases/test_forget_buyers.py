"""A buyer whom the platform asks to forget: erased where orders are done, waited for where one is under way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hub.ports.channel import Notice
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.forget_buyers import AT_ONCE, forget_buyers
from hub.usecases.receive_webhook import receive_webhook
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]

SECRET = "Zoe-private"
HOME = {"country": "DE", "region": "BE", "city": "Berlin", "postal_code": "10115", "name": SECRET, "lines": [SECRET]}


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def order(world: World, ref: str, buyer: str, **lines: int) -> None:
    about = {"buyer": {"channel_ref": buyer, "name": SECRET, "email": SECRET}, "ship_to": HOME, "note": SECRET}
    world.order(ref, more=about, **lines)


def asked(world: World, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(world.shop, "read_webhook", lambda headers, raw: Notice("e1", "deletion", forget=names))
    receive_webhook(world.ctx, "shop", {}, b"{}")


def everything(world: World) -> str:
    """All that the database says of orders and messages."""
    tables = (
        t.orders, t.order_documents, t.inbox, t.outbox, t.order_events, t.holds, t.forget_requests, t.audit_log,
        t.cancel_requests, t.mapping_versions, t.routing_decisions, t.shipments,
    )  # fmt: skip
    rows: list[Any] = [tuple(row) for table in tables for row in world.rows(table)]
    return json.dumps(rows, default=lambda value: value.decode() if isinstance(value, bytes) else str(value))


def test_nothing_of_a_buyer_is_left_once_the_order_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.stock("A", "W1", 9)
    order(world, "o1", "zoe", A=2)
    world.ship_all("o1")
    world.send()
    assert world.state("o1") == "shipped" and SECRET in everything(world)

    (document,) = (row.current for row in world.rows(t.order_documents))
    waiting = {"order_id": world.row("o1").id, "document": document, "state": "overtaken", "created_at": world.clock()}
    version = {
        "connection_id": world.shop_id,
        "version": 1,
        "tried": {"changed": [SECRET]},
        "created_at": world.clock(),
    }
    with world.db.write() as db:
        db.execute(t.cancel_requests.insert().values(waiting))
        db.execute(t.mapping_versions.insert().values(version))

    asked(world, monkeypatch, "zoe", "u-77")
    assert forget_buyers(world.ctx) == 1
    assert SECRET not in everything(world)
    assert "zoe" not in everything(world)
    row = world.row("o1")
    assert (row.country, row.region, row.city, row.postal_code) == ("DE", "BE", None, None)
    assert (world.pieces("o1"), world.balance("A", "W1")) == ({"A": (2, 0, 2)}, (7, 0))
    assert [(row.action, row.data) for row in world.rows(t.audit_log) if row.action == "buyer.forgotten"] == [
        ("buyer.forgotten", {"orders": 1})
    ]
    assert forget_buyers(world.ctx) == 0


def test_an_order_under_way_keeps_its_address_until_it_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.stock("A", "W1", 9)
    order(world, "o1", "zoe", A=2)
    asked(world, monkeypatch, "zoe")
    assert forget_buyers(world.ctx) == 0
    assert [row.name for row in world.rows(t.forget_requests)] == ["zoe"]
    assert world.row("o1").city == "Berlin"
    world.ship_all("o1")
    world.send()
    assert forget_buyers(world.ctx) == 1
    assert (world.rows(t.forget_requests), SECRET in everything(world)) == ([], False)


def test_other_buyers_and_other_shops_are_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.stock("A", "W1", 9)
    other = world.connect("other")
    order(world, "o1", "ada", A=1)
    world.order("o2", shop_id=other, more={"buyer": {"channel_ref": "zoe", "name": "Other shop's"}}, A=1)
    for ref in ("o1", "o2"):
        world.ship_all(ref)
    before = world.rows(t.order_documents)
    asked(world, monkeypatch, *[f"nobody-{at}" for at in range(AT_ONCE + 50)], "zoe")
    assert forget_buyers(world.ctx) == 0
    assert (world.rows(t.order_documents), world.rows(t.forget_requests)) == (before, [])


def test_being_asked_twice_is_one_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        asked(world, monkeypatch, "zoe", "zoe")
    assert [row.name for row in world.rows(t.forget_requests)] == ["zoe"]
    assert forget_buyers(world.ctx) == 0
    assert world.rows(t.forget_requests) == []
