"""Transfers through the API: a whole journey, and warehouses that mind their own."""

from __future__ import annotations

from hub.usecases.manage_catalog import save_warehouse
from tests.api.conftest import Api

WANTED = {"source": "W1", "destination": "W2", "lines": [{"sku": "A", "quantity": 5}], "ready": True}


def test_a_transfer_goes_all_the_way_and_a_repeated_request_has_no_second_effect(both: Api) -> None:
    both.world.stock("A", "W1", 8)
    program = both.key("operator")
    made = program.post("/transfers", json=WANTED, headers={"idempotency-key": "t1"})
    assert (made.status_code, made.json()["state"]) == (201, "ready")
    again = program.post("/transfers", json=WANTED, headers={"idempotency-key": "t1"})
    assert again.content == made.content
    path, (line,) = f"/transfers/{made.json()['id']}", made.json()["lines"]
    part = {"lines": [{"line_id": line["id"], "quantity": 4}]}
    for _ in range(2):
        shipped = program.post(f"{path}/ship", json=part, headers={"idempotency-key": "s1"})
    assert (shipped.json()["state"], shipped.json()["lines"][0]["under_way"]) == ("in_transit", 4)
    came = {"lines": [{"line_id": line["id"], "whole": 2, "damaged": 1}]}
    refused = program.post(f"{path}/receive", json=came)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
    program.post(f"{path}/receive", json=came | {"reason": "wet"})
    closed = program.post(f"{path}/close", json={"reason": "one was stolen"}).json()
    assert (closed["state"], closed["lines"][0]["received"], closed["lines"][0]["lost"]) == ("received", 3, 1)
    assert both.world.balance("A", "W1") == (4, 0)
    assert both.world.balance("A", "W2") == (3, 0)
    assert [row["id"] for row in program.get("/transfers?state=received").json()["data"]] == [made.json()["id"]]
    assert program.post(f"{path}/cancel", json={"reason": "late"}).status_code == 409


def test_the_own_name_of_a_transfer_makes_asking_twice_harmless(api: Api) -> None:
    program = api.key("operator")
    body = WANTED | {"key": "po-77", "ready": False}
    first = program.post("/transfers", json=body).json()
    assert program.post("/transfers", json=body).json()["id"] == first["id"]
    assert program.post("/transfers", json=body | {"source": "W2", "destination": "W1"}).status_code == 409


def test_a_warehouse_ships_from_its_own_and_receives_in_its_own(api: Api) -> None:
    world = api.world
    save_warehouse(world.ctx, "W3", actor="test")
    world.stock("A", "W1", 8)
    transfer_id = api.key("operator").post("/transfers", json=WANTED).json()["id"]
    here, there, stranger = (api.person("warehouse", code) for code in ("W1", "W2", "W3"))
    path = f"/transfers/{transfer_id}"
    assert [len(one.get("/transfers").json()["data"]) for one in (here, there, stranger)] == [1, 1, 0]
    assert stranger.get(path).status_code == 403
    assert there.post(f"{path}/ship").status_code == 403
    assert world.balance("A", "W1") == (8, 5)
    assert here.post(f"{path}/ship").status_code == 200
    assert here.post(f"{path}/receive").status_code == 403
    assert world.balance("A", "W2") == (0, 0)
    assert there.post(f"{path}/receive").json()["state"] == "received"
    assert here.post("/transfers", json=WANTED).status_code == 403
