"""Overrides of a connection's mapping over the API: from a draft to activation and back, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.main import create_app
from hub.rules.permissions import SYSTEM
from hub.settings import load
from hub.store import migrate
from hub.usecases.api_keys import create_key
from hub.usecases.ingest_inbox import ingest_inbox
from hub.wiring import Hub
from tests.fakes.mapped_shop import PICKUP, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Hub(load(data_dir=tmp_path, database_url="")) as hub:
        migrate.upgrade(hub.db)
        made = Shop(hub)
        made.arrive(1)
        made.arrive(2, status="awaiting-pickup")
        yield made


@pytest.fixture
def program(shop: Shop) -> Any:
    key = create_key(shop.ctx, SYSTEM, "erp", "operator").text
    root = f"http://hub.test/api/v1/connections/{shop.id}/mappings"
    return TestClient(create_app(shop.hub), base_url=root, headers={"authorization": f"Bearer {key}"})


def test_a_row_from_draft_to_activation_and_back(shop: Shop, program: Any) -> None:
    made = program.post("", json={"body": PICKUP, "note": "pickup"})
    assert (made.status_code, made.json()["version"], made.json()["state"]) == (201, 1, "draft")
    tried = program.post("/1/dry-run", json={"last": 20}).json()
    assert {name: tried[name] for name in ("messages", "changed", "mended", "broken", "stuck")} == {
        "messages": 2, "changed": 0, "mended": 1, "broken": 0, "stuck": 0,
    }  # fmt: skip
    assert [(one["number"], one["verdict"], one["after"]) for one in tried["data"]] == [("W2", "mended", "")]
    done = program.post("/1/activate", json={"replay": True}).json()
    assert (done["mapping"]["state"], done["replayed"]) == ("active", 1)
    ingest_inbox(shop.ctx)
    assert shop.states() == {"1": "done", "2": "done"}
    (change,) = program.get("/1/diff", params={"against": 0}).json()["data"]
    assert change["words"] == 'tables › status: new, {"awaiting-pickup": "open, paid, –"}'
    assert program.post("/0/rollback", json={}).json()["note"] == "as version 0"
    assert [row["state"] for row in program.get("").json()["data"]] == ["active", "retired", "retired"]


def test_a_mistake_is_refused_with_its_place(program: Any) -> None:
    answer = program.post("", json={"body": {"files": {"orders": "order:\n  totl: total\n"}}})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("orders.yaml (yours):2:3: unknown key 'totl' (did you mean 'total'?)")
    assert program.get("").json()["data"][0]["version"] == 0


def test_what_breaks_orders_is_refused_unless_forced_and_drafts_can_be_changed(program: Any) -> None:
    broken = {"files": {"orders": "order: {number: {read: parcel, required: true}}"}}
    program.post("", json={"body": PICKUP})
    assert program.put("/1", json={"body": broken}).json()["body"] == {**broken, "tables": {}}
    refused = program.post("/1/activate", json={})
    assert (refused.status_code, program.get("/1").json()["state"]) == (409, "draft")
    assert program.post("/1/activate", json={"force": True}).json()["mapping"]["active"] is True
    assert program.post("", json={}).json()["body"] == {**broken, "tables": {}}
    assert program.post("/2/retire").json()["state"] == "retired"


def test_money_is_changed_only_with_force_and_what_changed_is_told(program: Any) -> None:
    body = {"files": {"orders": "order: {total: {const: 7843}}"}}
    program.post("", json={"body": body})
    assert program.post("/1/dry-run", json={}).json()["money"] == 1
    refused = program.post("/1/activate", json={})
    assert (refused.status_code, program.get("/1").json()["state"]) == (409, "draft")
    assert "money or currency of 1 orders would change (W1: total: " in refused.json()["detail"]
    done = program.post("/1/activate", json={"force": True}).json()
    assert (done["mapping"]["active"], done["changed"], done["money"]) == (True, 1, 1)
    assert done["first"][0].startswith("W1: total: ")
    same = program.post("", json={"body": body})
    assert (same.status_code, same.json()["detail"]) == (
        422, "it says what version 1 says, which is active: change something first",
    )  # fmt: skip


def test_an_answer_is_given_once_for_one_key(program: Any) -> None:
    twice = [program.post("", json={"body": PICKUP}, headers={"idempotency-key": "k1"}) for _ in range(2)]
    assert [answer.json()["version"] for answer in twice] == [1, 1]
