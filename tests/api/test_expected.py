"""Expected deliveries through the API: written down, received with what differs, by those who may."""

from __future__ import annotations

from tests.api.conftest import Api

WANTED = {"sku": "A", "warehouse": "W1", "quantity": 10, "due_on": "2026-12-24", "ref": "PO-7"}


def test_a_delivery_goes_from_incoming_to_on_hand_and_says_what_differs(both: Api) -> None:
    both.world.know_empty()
    program = both.key("operator")
    made = program.post("/expected-deliveries", json=WANTED, headers={"idempotency-key": "d1"})
    assert (made.status_code, made.json()["state"], made.json()["open"]) == (201, "open", 10)
    assert program.post("/expected-deliveries", json=WANTED, headers={"idempotency-key": "d1"}).content == made.content
    path = f"/expected-deliveries/{made.json()['id']}"
    (place,) = program.get("/stock/A").json()["warehouses"]
    assert (place["on_hand"], place["incoming"], place["ats"]) == (0, 10, 0)
    assert program.post(f"{path}/receive", json={"damaged": 1}).status_code == 422
    for _ in range(2):
        came = {"whole": 3, "damaged": 1, "reason": "wet"}
        part = program.post(f"{path}/receive", json=came, headers={"idempotency-key": "r1"}).json()
    assert (part["received"], part["damaged"], part["open"]) == (4, 1, 6)
    closed = program.post(f"{path}/close", json={"reason": "out"}).json()
    assert (closed["state"], closed["difference"], closed["missing"], closed["reason"]) == ("received", -6, 6, "out")
    assert both.world.balance("A", "W1") == (4, 0)
    assert program.get("/expected-deliveries?state=open").json()["data"] == []
    assert program.post(f"{path}/receive", json={"whole": 1}).status_code == 409


def test_a_listing_says_what_is_coming_and_does_not_count_it(api: Api) -> None:
    api.world.know_empty()
    program = api.key("admin")
    program.post("/expected-deliveries", json=WANTED)
    (found,) = program.get("/listings/arithmetic?sku=A").json()
    assert (found["number"], found["coming"]) == (
        0, [{"id": "1", "sku": "A", "warehouse": "W1", "pieces": 10, "due_on": "2026-12-24", "ref": "PO-7"}],
    )  # fmt: skip


def test_a_warehouse_receives_in_its_own_only(api: Api) -> None:
    api.world.know_empty()
    api.key("operator").post("/expected-deliveries", json=WANTED)
    here, there = (api.person("warehouse", code) for code in ("W1", "W2"))
    assert [len(one.get("/expected-deliveries").json()["data"]) for one in (here, there)] == [1, 0]
    assert there.get("/expected-deliveries/1").status_code == 403
    assert there.post("/expected-deliveries/1/receive", json={"whole": 1}).status_code == 403
    assert here.post("/expected-deliveries", json=WANTED).status_code == 403
    assert here.post("/expected-deliveries/1/receive", json={"whole": 12}).json()["difference"] == 2
