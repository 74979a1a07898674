"""The web application: health, metrics, webhooks kept before they are answered, live changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from connectors.kit import registry
from hub import main
from hub.canonical.errors import AuthFailed, ConnectorFault
from hub.live import Change, Live
from hub.main import WEBHOOK_BYTES, create_app
from hub.ports import failpoints
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Can, Connection, ConnectorSpec, Notice, RawRecord
from hub.settings import load
from hub.store import migrate
from hub.store.tables import connections, holds, hot_skus, inbox, order_events, streams
from hub.wiring import Hub

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Shop(BaseChannel):
    """Takes webhooks whose header says they are genuine."""

    spec = ConnectorSpec("shelfmart", "ShelfMart", frozenset({Can.WEBHOOKS}))

    def __init__(self, _described: Connection, _levels: object) -> None:
        pass

    def prove_address(self, query: Any, address: str) -> str:
        return json.dumps([dict(query), address])

    def read_webhook(self, headers: Any, raw: bytes) -> Notice:
        if headers.get("x-signature") != "right":
            raise AuthFailed("the signature does not fit")
        return Notice("e1", "orders/create", (RawRecord("1001", raw),))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(registry, "build", Shop)
    with Hub(load(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/hub.sqlite3")) as made:
        yield made


@pytest.fixture
def client(hub: Hub) -> Iterator[TestClient]:
    migrate.upgrade(hub.db)
    with hub.db.write() as connection:
        row = {"name": "shop", "channel": "shelfmart", "settings": {}, "secrets": {}, "state": "active",
               "state_reason": "", "on_shortage": "hold", "created_at": NOW, "updated_at": NOW}  # fmt: skip
        connection.execute(insert(connections).values(row))
    with TestClient(create_app(hub), raise_server_exceptions=False) as made:
        yield made


def _messages(hub: Hub) -> list[tuple[str, bytes]]:
    with hub.db.read() as connection:
        return [tuple(row) for row in connection.execute(select(inbox.c.ref, inbox.c.raw))]


def test_a_genuine_webhook_is_kept_and_answered(client: TestClient, hub: Hub) -> None:
    body = b'{"id": 1001, "note": "\xc3\xa9"}'
    for _ in range(2):
        answer = client.post("/webhooks/shop", content=body, headers={"X-Signature": "right"})
        assert (answer.status_code, answer.json()) == (200, {"stored": True})
    assert _messages(hub) == [("1001", body)]


def test_a_platform_that_wants_certain_words_hears_them(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shop, "spec", replace(Shop.spec, webhook_answer='{"code":0,"msg":"success"}'))
    answer = client.post("/webhooks/shop", content=b"{}", headers={"X-Signature": "right"})
    assert (answer.text, answer.headers["content-type"]) == ('{"code":0,"msg":"success"}', "application/json")


@pytest.mark.parametrize(
    ("_case", "path", "headers", "status"),
    [
        ("wrong signature", "/webhooks/shop", {"X-Signature": "wrong"}, 401),
        ("no signature", "/webhooks/shop", {}, 401),
        ("no such connection", "/webhooks/nowhere", {"X-Signature": "right"}, 404),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    _case: str, path: str, headers: dict[str, str], status: int, client: TestClient, hub: Hub
) -> None:
    answer = client.post(path, content=b"{}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert _messages(hub) == []


def test_a_webhook_that_a_package_fails_on_tells_its_sender_nothing(
    client: TestClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = ConnectorFault("corner", "stockline_corner", "read_webhook", "KeyError: 'Ada', at /srv/x.py:7", "KeyError")
    monkeypatch.setattr(Shop, "read_webhook", lambda *_: (_ for _ in ()).throw(fault))
    answer = client.post("/webhooks/shop", content=b"{}", headers={"X-Signature": "right"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert not [word for word in ("Ada", "/srv", "stockline_corner") if word in answer.text]
    assert _messages(hub) == []


def test_a_platform_that_asks_whether_the_address_is_ours_is_answered(
    client: TestClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = client.get("/webhooks/shop?code=1")
    assert (asked.status_code, asked.json()["detail"]) == (
        404, "the platform of connection 'shop' asks nothing of its webhook address",
    )  # fmt: skip
    assert client.get("/webhooks/nowhere?code=1").status_code == 404
    monkeypatch.setattr(Shop, "spec", replace(Shop.spec, can=frozenset({Can.WEBHOOKS, Can.PROVE_ADDRESS})))
    hub.channels.forget()
    told = client.get("/webhooks/shop?code=a%20b")
    assert (told.json(), told.headers["content-type"]) == (
        [{"code": "a b"}, "http://testserver/webhooks/shop"], "application/json",
    )  # fmt: skip
    monkeypatch.setattr(hub, "settings", hub.settings.model_copy(update={"public_url": "https://hub.example/"}))
    assert client.get("/webhooks/shop?code=1").json()[1] == "https://hub.example/webhooks/shop"
    assert _messages(hub) == []


def test_a_body_over_one_megabyte_is_cut_off(client: TestClient, hub: Hub) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b"x" * 65_536

    answer = client.post("/webhooks/shop", content=endless(), headers={"X-Signature": "right"})
    assert (answer.status_code, answer.json()["detail"]) == (413, "a webhook may have at most 1 MB")
    answer = client.post("/webhooks/shop", content=b"x" * WEBHOOK_BYTES, headers={"X-Signature": "right"})
    assert answer.status_code == 200
    assert [len(raw) for _, raw in _messages(hub)] == [WEBHOOK_BYTES]


def test_the_crash_points_of_a_webhook_are_passed_in_order(client: TestClient) -> None:
    reached: list[str] = []
    failpoints.observe_with(reached.append)
    try:
        client.post("/webhooks/shop", content=b"{}", headers={"X-Signature": "right"})
    finally:
        failpoints.observe_with(lambda _name: None)
    assert reached == ["after_hmac", "after_inbox_commit", "before_200"]


def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_anything: object) -> None:
        raise OperationalError("SELECT secret", {"email": "ada@example.com"}, Exception("disk I/O error"))

    monkeypatch.setattr(main, "receive_webhook", away)
    answer = client.post("/webhooks/shop", content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "ada@example.com" not in answer.text


def test_a_process_that_lives_says_so_even_without_a_database(hub: Hub) -> None:
    with TestClient(create_app(hub)) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == (
        f"the database stands at step none, this program needs {migrate.head()}: stockline db upgrade"
    )


def test_a_migrated_process_is_ready(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"ready": True, "reason": ""}


def test_metrics_count_what_waits_in_the_tables(client: TestClient, hub: Hub) -> None:
    client.post("/webhooks/shop", content=b"{}", headers={"X-Signature": "right"})
    with hub.db.write() as connection:
        stream = {"connection_id": 1, "stream": "orders", "due_at": NOW, "every_s": 60, "error": "", "failures": 3,
                  "paused": False, "total": 0, "ok_at": datetime.now(UTC) - timedelta(seconds=90)}  # fmt: skip
        connection.execute(insert(streams).values(stream))
        hold = {"connection_id": 1, "kind": "unknown_sku", "fingerprint": "f", "field": "", "value": "", "why": "",
                "state": "open", "created_at": NOW, "released_by": ""}  # fmt: skip
        connection.execute(insert(holds).values(hold))
        rush = {"sku": "TEE", "since": NOW, "permille": 310, "conflicts": 3}
        soon = datetime.now(UTC) + timedelta(seconds=60)
        connection.execute(insert(hot_skus).values(rush | {"until": soon, "single_until": soon}))
        connection.execute(insert(hot_skus).values(rush | {"sku": "MUG", "until": NOW}))
    text = client.get("/metrics").text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("stockline_"))
    assert float(lines["stockline_inbox_waiting"]) == 1
    assert float(lines['stockline_orders{state="waiting"}']) == 0
    assert float(lines['stockline_holds_open{kind="unknown_sku"}']) == 1
    assert float(lines['stockline_stream_failures{connection="shop",stream="orders"}']) == 3
    assert 90 <= float(lines['stockline_stream_lag_seconds{connection="shop",stream="orders"}']) < 120
    assert float(lines['stockline_connection{connection="shop",state="active"}']) == 1
    hot = {name: float(value) for name, value in lines.items() if name.startswith("stockline_hot_sku")}
    assert hot == {'stockline_hot_sku_share{sku="TEE"}': 0.31, 'stockline_hot_sku_single{sku="TEE"}': 1}
    assert float(lines['stockline_webhooks_total{connection="shop",status="200"}']) >= 1


def test_metrics_with_a_token_are_for_those_who_have_it(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/hub.sqlite3", metrics_token="let-me-look")
    with Hub(settings) as hub:
        migrate.upgrade(hub.db)
        with TestClient(create_app(hub)) as client:
            assert client.get("/metrics").status_code == 401
            assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
            assert client.get("/metrics", headers={"Authorization": "Bearer let-me-look"}).status_code == 200


def test_live_changes_are_for_people_who_are_signed_in(client: TestClient) -> None:
    assert client.get("/events").status_code == 401


def test_a_change_of_the_tables_reaches_who_listens(client: TestClient, hub: Hub) -> None:
    def add_event() -> None:
        event = {"order_id": 1, "kind": "routed", "actor": "hub", "data": {}, "at": NOW}
        with hub.db.write() as connection:
            connection.execute(insert(order_events).values(event))

    async def first_change() -> Change:
        live = Live(hub.db, every_s=0.05)
        changes = live.listen(for_s=20)
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await asyncio.to_thread(add_event)
        change = await waiting
        await changes.aclose()  # type: ignore[attr-defined]
        await live.stop()
        return change

    assert asyncio.run(first_change()).topic == "orders"


def test_listening_ends_by_itself_so_that_the_browser_is_asked_again_who_it_is(client: TestClient, hub: Hub) -> None:
    async def listen() -> list[Change]:
        live = Live(hub.db, every_s=0.05)
        changes = [change async for change in live.listen(for_s=0.2)]
        await live.stop()
        return changes

    assert asyncio.run(listen()) == []
