"""What the resources say and do: pages, big ids, exact amounts, failures, and a day's work through the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from hub.canonical.errors import AuthFailed
from hub.store import tables as t
from hub.usecases.manage_catalog import add_item, save_warehouse, set_kit
from hub.web.services import Services
from tests.api.conftest import Api
from tests.fakes.channel import payload
from tests.fakes.world import World

BIG = 2**53 + 1


def _orders(world: World, first: int, last: int) -> None:
    world.stock("A", "W1", 50)
    for number in range(first, last):
        world.order(f"o{number}", A=1)


def _parcels(world: World, first: int, last: int) -> None:
    _orders(world, first, last)
    for number in range(first, last):
        world.ship_all(f"o{number}")


def _items(world: World, first: int, last: int) -> None:
    for number in range(first, last):
        add_item(world.ctx, f"S/{number:02} ü", actor="test")


def _kits(world: World, first: int, last: int) -> None:
    _items(world, first, last)
    for number in range(first, last):
        set_kit(world.ctx, f"S/{number:02} ü", {"A": 1}, actor="test")


def _warehouses(world: World, first: int, last: int) -> None:
    for number in range(first, last):
        save_warehouse(world.ctx, f"X{number:02}", actor="test")


def _connections(world: World, first: int, last: int) -> None:
    for number in range(first, last):
        world.connect(f"z{number:02}")


def _holds(world: World, first: int, last: int) -> None:
    for number in range(first, last):
        world.arrive(payload(f"h{number}", {"l1": (f"L-unknown-{number}", 1)}))


def _dead(world: World, first: int, last: int) -> None:
    _holds(world, first, last)
    row = {"connection_id": world.shop_id, "topic": "shipment", "state": "dead", "due_at": world.clock.now,
           "created_at": world.clock.now, "body": {}, "attempts": 8, "error": "gone"}  # fmt: skip
    with world.db.write() as db:
        db.execute(update(t.inbox).where(t.inbox.c.state != "dead").values(state="dead"))
        for number in range(first, last):
            db.execute(t.outbox.insert().values(**row, key=f"k{number}"))
        refs = [f"L-{sku}" for sku in "ABC"]
        db.execute(update(t.stock_pushes).where(t.stock_pushes.c.listing_ref.in_(refs)).values(dead=True))


LISTS: list[tuple[str, Callable[[World, int, int], None], Callable[[Any], Any]]] = [
    ("/orders", _orders, lambda row: row["id"]),
    ("/fulfillment-orders", _orders, lambda row: row["id"]),
    ("/fulfillment-orders?status=shipped", _parcels, lambda row: row["id"]),
    ("/shipments", _parcels, lambda row: row["id"]),
    ("/items", _items, lambda row: row["sku"]),
    ("/stock", _items, lambda row: row["sku"]),
    ("/kits", _kits, lambda row: row["sku"]),
    ("/warehouses", _warehouses, lambda row: row["code"]),
    ("/connections", _connections, lambda row: row["name"]),
    ("/listings", _connections, lambda row: row["id"]),
    ("/holds", _holds, lambda row: row["fingerprint"]),
    ("/dead-letters", _dead, lambda row: (row["kind"], row["connection_id"], row["ref"])),
]


@pytest.mark.parametrize(("path", "fill", "key"), LISTS, ids=[path for path, _, _ in LISTS])
def test_pages_are_complete_and_repeat_nothing_while_rows_are_added(
    path: str, fill: Callable[[World, int, int], None], key: Callable[[Any], Any], both: Api
) -> None:
    fill(both.world, 0, 5)
    program = both.key()
    path, _, state = path.partition("?status=")
    query = {"status": state} if state else {}
    known = {key(row) for row in program.get(path, params=query | {"limit": 500}).json()["data"]}
    assert len(known) >= 5
    seen: list[Any] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        body = program.get(path, params=query | {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert 1 <= len(body["data"]) <= 2
        seen += [key(row) for row in body["data"]]
        cursor, pages = body["next_cursor"], pages + 1
        if pages in (1, 2):
            fill(both.world, 4 + pages, 5 + pages)
    assert len(seen) == len(set(seen))
    assert known <= set(seen)


@pytest.mark.parametrize("path", [path.partition("?")[0] for path, _, _ in LISTS])
@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"cursor": "!!!"}, {"cursor": "AA"}, {"cursor": "_w"}]
)
def test_a_page_that_cannot_be_is_refused(path: str, query: dict[str, Any], api: Api) -> None:
    answer = api.key().get(path, params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert next(iter(query)) in answer.json()["detail"]


def test_ids_of_64_bits_arrive_unchanged(both: Api) -> None:
    world = both.world
    world.order("o1", A=1)
    with world.db.write() as db:
        db.execute(t.orders.insert().values(**dict(world.row("o1")._mapping) | {"id": BIG, "channel_ref": "o2"}))
    program = both.key()
    row = program.get("/orders", params={"limit": 1}).json()["data"][0]
    assert row["id"] == str(BIG) == "9007199254740993"
    full = program.get(f"/orders/{BIG}")
    assert (full.status_code, full.json()["id"]) == (200, str(BIG))
    assert [row["id"] for row in both.all(program, "/orders", limit=1)] == [str(BIG), str(world.row("o1").id)]
    for number in (2**63, -1, 0, "1e3", "٣"):
        assert program.get(f"/orders/{number}").status_code == 422
    assert program.get("/shipments", params={"order_id": str(BIG)}).json() == {"data": [], "next_cursor": None}
    assert program.get("/shipments", params={"order_id": str(2**63)}).status_code == 422


def test_an_order_tells_everything_with_exact_amounts_and_utc_times(both: Api) -> None:
    world = both.world
    world.stock("A", "W1", 5)
    world.order("o1", A=2, more={"total": "12345678901.10", "placed_at": "2026-11-23T09:00:00+01:00"})
    world.ship_all("o1")
    order = both.key("viewer").get(f"/orders/{world.row('o1').id}").json()
    assert (order["total"], order["currency"], order["state"]) == ("12345678901.10", "EUR", "shipped")
    assert (order["placed_at"], order["created_at"]) == ("2026-11-23T08:00:00Z", "2026-11-23T09:30:00Z")
    (line,) = order["lines"]
    assert (line["sku"], line["ordered"], line["wanted"], line["reserved"], line["shipped"]) == ("A", "2", 2, 0, 2)
    (work,) = order["fulfillment_orders"]
    assert (work["warehouse"], work["status"], work["lines"][0]["shipped"]) == ("W1", "shipped", 2)
    (parcel,) = order["shipments"]
    assert (parcel["fulfillment_order_id"], parcel["lines"]) == (work["id"], [{"sku": "A", "quantity": 2}])
    assert order["decision"]["takes"] == [{"warehouse": "W1", "sku": "A", "quantity": 2}]
    assert order["decision"]["candidates"][0]["reason"] == "chosen"
    assert [event["kind"] for event in order["events"]][-1] == "order_imported"
    assert order["document"]["channel_ref"] == "o1" == order["first_document"]["channel_ref"]


def test_orders_are_found_by_state_connection_and_text(both: Api) -> None:
    world = both.world
    other = world.connect("other")
    world.stock("A", "W1", 1)
    world.order("o1", A=1)
    world.order("o2", A=1)
    world.order("o3", A=1, shop_id=other)
    program = both.key("viewer")

    def found(**query: Any) -> list[str]:
        return sorted(row["channel_ref"] for row in program.get("/orders", params=query).json()["data"])

    assert found() == ["o1", "o2", "o3"]
    assert (found(state="routed"), found(state="held")) == (["o1"], ["o2", "o3"])
    assert (found(connection_id=other), found(q="#o2"), found(q="A")) == (["o3"], ["o2"], ["o1", "o2", "o3"])
    assert program.get("/orders", params={"state": "lost"}).status_code == 422
    assert program.get("/orders", params={"connection_id": "shop"}).status_code == 422


def test_an_order_is_held_and_released(both: Api) -> None:
    world = both.world
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    path, program = f"/orders/{world.row('o1').id}", both.key("operator")
    for _ in range(2):
        answer = program.post(f"{path}/hold", json={"why": "the buyer asked"})
        assert (answer.status_code, answer.json()["state"]) == (200, "held")
    assert world.holds() == [f"by_hand:{world.row('o1').id}"]
    answer = program.post(f"{path}/release")
    world.work()
    assert (answer.status_code, world.state("o1"), world.holds()) == (200, "routed", [])
    answer = program.post(f"{path}/release")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    world.ship_all("o1")
    assert program.post(f"{path}/hold", json={"why": "too late"}).status_code == 409


def test_a_slip_of_the_hand_needs_yes(both: Api) -> None:
    program, at = both.key("operator"), {"sku": "A", "warehouse": "W1"}
    for path, body in (
        ("counts", {"counted": 2_000_000}),
        ("receipts", {"quantity": 5, "lot": "L1", "expires_on": "2026-11-01"}),
        ("adjustments", {"sku": "B", "by": 2_000_000, "reason": "found"}),
    ):
        refused = program.post(f"/stock/{path}", json=at | body)
        assert refused.status_code == 422 and "if it is meant, say yes" in refused.json()["detail"], path
        assert program.post(f"/stock/{path}", json=at | {"lot": "-"} | body | {"yes": True}).status_code == 201, path


def test_stock_is_received_counted_adjusted_and_kept_back(both: Api) -> None:
    program, at = both.key("operator"), {"sku": "A", "warehouse": "W1"}
    received = program.post("/stock/receipts", json=at | {"quantity": 10})
    assert (received.status_code, received.json()["difference"]) == (201, 10)
    counted = program.post("/stock/counts", json=at | {"counted": 7})
    assert (counted.status_code, counted.json()["difference"]) == (201, -3)
    adjusted = program.post("/stock/adjustments", json=at | {"by": -2, "reason": "broken"})
    assert adjusted.json()["balance"]["on_hand"] == 5
    kept = program.put("/stock/safety", json=at | {"safety": 1})
    assert kept.json()["balance"] == {
        "warehouse": "W1", "on_hand": 5, "reserved": 0, "damaged": 0, "quality_hold": 0, "expired": 0, "safety": 1,
        "incoming": 0, "in_transit": 0, "ats": 4,
    }  # fmt: skip
    stock = program.get("/stock/A").json()
    assert (stock["ats"], stock["as_of"]) == (4, "2026-11-23T09:30:00Z")
    moves = [(move["kind"], move["on_hand"], move["reason"]) for move in stock["moves"]]
    assert moves == [
        ("safety", 0, "safety"),
        ("adjust", -2, "broken"),
        ("count", -3, "counted"),
        ("receive", 10, "received"),
    ]
    listing = program.get("/listings", params={"sku": "A"}).json()["data"][0]
    assert (listing["listing_ref"], listing["ats"], listing["as_of"]) == ("L-A", 4, "2026-11-23T09:30:00Z")
    assert both.key("viewer").get("/audit").json()["mismatches"] == 0


@pytest.mark.parametrize(
    ("path", "body", "status", "why"),
    [
        ("adjustments", {"by": 1.5, "reason": "r"}, 422, "body.by"),
        ("adjustments", {"by": "1", "reason": "r"}, 422, "body.by"),
        ("adjustments", {"by": 10**12, "reason": "r"}, 422, "body.by"),
        ("adjustments", {"by": 1, "reason": " "}, 422, "body.reason"),
        ("adjustments", {"by": 1, "reason": "a\u0000b"}, 422, "body.reason"),
        ("adjustments", {"by": 1, "reason": "\ud800"}, 422, "body.reason"),
        ("adjustments", {"by": -1, "reason": "r"}, 409, "too few"),
        ("adjustments", {"by": 1, "reason": "r", "sku": "NONE"}, 404, "no SKU"),
        ("adjustments", {"by": 1, "reason": "r", "warehouse": "NONE"}, 404, "no warehouse"),
        ("receipts", {"quantity": 0}, 422, "body.quantity"),
        ("receipts", {"quantity": True}, 422, "body.quantity"),
        ("counts", {"counted": -1}, 422, "body.counted"),
    ],
)
def test_a_stock_change_that_cannot_be_changes_nothing(
    path: str, body: dict[str, Any], status: int, why: str, both: Api
) -> None:
    asked = json.dumps({"sku": "A", "warehouse": "W1"} | body)
    answer = both.key().post(f"/stock/{path}", content=asked, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert why in answer.json()["detail"]
    assert both.world.rows(t.stock_ledger) == []


def test_a_picker_works_a_list_from_start_to_parcel(both: Api) -> None:
    world = both.world
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    world.order("o1", A=3, B=1)
    picker = both.person("warehouse", "W1")
    (card,) = picker.get("/fulfillment-orders").json()["data"]
    path = f"/fulfillment-orders/{card['id']}"
    assert picker.post(f"{path}/start").json()["status"] == "picking"
    assert picker.post(f"{path}/scan", json={"code": "400A", "quantity": 2}).json()["sku"] == "A"
    answer = picker.post(f"{path}/pack")
    assert (answer.status_code, "1 x A, 1 x B" in answer.json()["detail"]) == (409, True)
    lines = {line["sku"]: line for line in picker.get(path).json()["lines"]}
    missing = picker.post(f"{path}/missing", json={"line_id": lines["A"]["id"], "quantity": 1})
    assert {line["sku"]: line["missing"] for line in missing.json()["lines"]} == {"A": 1, "B": 0}
    assert picker.post(f"{path}/scan", json={"code": "B"}).status_code == 200
    assert picker.post(f"{path}/pack").json()["status"] == "packed"
    part = {"carrier": "DHL", "tracking_no": "T1", "lines": [{"line_id": lines["B"]["id"], "quantity": 1}]}
    shipped = picker.post(f"{path}/ship", json=part)
    parcel = picker.get(f"/shipments/{shipped.json()['shipment_id']}").json()
    assert (shipped.status_code, parcel["lines"], parcel["number"]) == (201, [{"sku": "B", "quantity": 1}], "#o1")
    rest = picker.post(f"{path}/ship", json={"carrier": "DHL", "tracking_no": "T2"}).json()
    assert (rest["status"], world.balance("A", "W1"), world.balance("B", "W1")) == ("shipped", (2, 0), (4, 0))
    by_tracking = picker.get("/shipments", params={"tracking_no": "T2"}).json()["data"]
    assert [row["id"] for row in by_tracking] == [rest["shipment_id"]]
    assert (
        picker.get(path).json()["ship_to"] == {"country": "DE", "city": "Berlin"} | picker.get(path).json()["ship_to"]
    )


@pytest.mark.parametrize(
    "body",
    [
        {"tracking_url": "javascript:alert(1)"},
        {"tracking_url": "https://a b"},
        {"lines": []},
        {"lines": [{"line_id": "1", "quantity": 1}, {"line_id": "1", "quantity": 1}]},
        {"lines": [{"line_id": "1", "quantity": 99}]},
        {"lines": [{"line_id": True, "quantity": 1}]},
        {"carrier": "  "},
    ],
)
def test_a_parcel_that_cannot_be_leaves_nothing(body: dict[str, Any], api: Api) -> None:
    api.world.stock("A", "W1", 5)
    api.world.order("o1", A=3)
    asked = {"carrier": "DHL", "tracking_no": "T1"} | body
    assert api.key().post("/fulfillment-orders/1/ship", json=asked).status_code == 422
    assert (api.world.rows(t.shipments), api.world.balance("A", "W1")) == ([], (5, 3))


def test_linking_a_listing_sets_free_what_waited_for_it(both: Api) -> None:
    world = both.world
    world.stock("A", "W1", 9)
    for ref in ("h1", "h2"):
        world.arrive(payload(ref, {"l1": ("L-NEW", 1)}))
    program = both.key("operator")
    (cause,) = program.get("/holds").json()["data"]
    assert (cause["kind"], cause["orders"], cause["connection_id"]) == ("unknown_sku", 2, str(world.shop_id))
    full = program.get("/holds/cause", params={"fingerprint": cause["fingerprint"]}).json()
    assert (full["listing_ref"], len(full["order_ids"])) == ("L-NEW", 2)
    body = {"connection_id": cause["connection_id"], "listing_ref": "L-NEW", "sku": "A", "units": 2}
    assert program.post("/holds/link", json=body).json() == {"count": 2}
    world.work()
    assert (world.state("h1"), world.pieces("h1"), world.holds()) == ("routed", {"A": (2, 2, 0)}, [])
    assert program.post("/holds/replay", json={"fingerprint": cause["fingerprint"]}).status_code == 404
    assert program.post("/holds/link", json=body | {"connection_id": "999999"}).status_code == 404
    assert program.post("/holds/link", json=body | {"sku": "NONE"}).status_code == 404


def test_dead_letters_are_tried_again(both: Api) -> None:
    world = both.world
    _dead(world, 0, 2)
    program = both.key("operator")
    letters = program.get("/dead-letters", params={"kind": "outbox"}).json()["data"]
    assert [(letter["error"], letter["attempts"]) for letter in letters] == [("gone", 8), ("gone", 8)]
    asked = {"kind": "outbox", "connection_id": letters[0]["connection_id"], "ref": letters[0]["ref"]}
    assert program.post("/dead-letters/replay", json=asked).json() == {"count": 1}
    assert program.post("/dead-letters/replay", json=asked).status_code == 404
    everything = {"kind": "push", "connection_id": str(world.shop_id)}
    assert program.post("/dead-letters/replay", json=everything).json() == {"count": 3}
    assert {letter["kind"] for letter in both.all(program, "/dead-letters", limit=1)} == {"inbox", "outbox"}


def test_a_connection_is_paused_resumed_synced_and_checked_and_tells_no_secret(both: Api) -> None:
    world, program = both.world, both.key("operator")
    with world.db.write() as db:
        db.execute(update(t.connections).values(secrets={"token": "shpat_secret"}, settings={"u": "hidden-setting"}))
    path = f"/connections/{world.shop_id}"
    paused = program.post(f"{path}/pause", json={"why": "stocktake"})
    assert (paused.json()["state"], paused.json()["state_reason"]) == ("paused", "stocktake")
    assert program.post(f"{path}/pause").json()["state_reason"] == "by hand"
    still = program.post(f"{path}/sync")
    assert (still.status_code, still.json()["detail"]) == (409, "shop is paused: resume it first")
    assert program.post(f"{path}/resume").json()["state"] == "active"
    world.bell.rung.clear()
    assert program.post(f"{path}/sync").status_code == 200
    assert ("orders.pull", world.shop_id) in world.bell.rung
    well, lacking = program.post(f"{path}/check").json()["findings"]
    assert well == {"what": "credentials", "ok": True, "mend": "", "repaired": False, "needed": True}
    assert (lacking["what"], lacking["ok"], lacking["needed"]) == ("webhooks", False, False)
    assert lacking["mend"].startswith("no public address is set")
    both.app.state.services = Services(replace(world.ctx, public_url="https://hub.example"))
    assert [one["what"] for one in program.post(f"{path}/check").json()["findings"]] == ["credentials"]
    (row,) = world.rows(t.connections, t.connections.c.id == world.shop_id)
    assert row.settings["callback_url"] == "https://hub.example/webhooks/shop"
    world.shop.fail["check"].append(AuthFailed("the token was refused"))
    checked = program.post(f"{path}/check").json()
    assert (checked["ok"], checked["findings"][0]["mend"]) == (False, "the token was refused")
    shown = program.get(path)
    assert {stream["stream"] for stream in shown.json()["streams"]} >= {"orders", "stock", "outbox"}
    assert "secret" not in shown.text + program.get("/connections").text
    assert "hidden-setting" not in shown.text
    assert program.post("/connections/999999/sync").status_code == 404


def test_items_kits_and_warehouses_are_added_and_changed(both: Api) -> None:
    program = both.key("operator")
    sku = "SET/1 ü"
    assert program.put(f"/items/{sku}", json={"title": "A set", "barcode": "123"}).status_code == 200
    kit = program.put(f"/kits/{sku}", json={"components": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]})
    assert kit.json() == {"sku": sku, "components": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]}
    assert program.get(f"/items/{sku}").json() == kit.json() | {
        "title": "A set", "barcode": "123", "weight_g": 0, "value": "0.00", "tags": [],
    }  # fmt: skip
    assert [row["sku"] for row in program.get("/items", params={"q": "123"}).json()["data"]] == [sku]
    assert program.delete(f"/kits/{sku}").json() == {"sku": sku, "components": []}
    twice = {"components": [{"sku": "A", "quantity": 2}, {"sku": "A", "quantity": 1}]}
    assert program.put(f"/kits/{sku}", json=twice).status_code == 422
    assert program.put("/kits/NONE", json={"components": [{"sku": "A", "quantity": 1}]}).status_code == 404
    made = program.put("/warehouses/W3", json={"title": "Third", "ships_to": ["DE"], "priority": 3})
    assert (made.status_code, made.json()["priority"], made.json()["active"]) == (200, 3, True)
    changed = program.put("/warehouses/W3", json={"active": False}).json()
    assert (changed["active"], changed["title"], changed["ships_to"]) == (False, "Third", ["DE"])
    assert program.put("/warehouses/W3", json={"lat": 91}).status_code == 422
    assert program.get("/warehouses/W9").status_code == 404
