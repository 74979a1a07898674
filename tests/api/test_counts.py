"""Counts through the API: a scanner at work, four eyes, and warehouses that mind their own."""

from __future__ import annotations

from dataclasses import replace

from tests.api.conftest import Api


def test_a_scanner_counts_and_an_operator_approves(both: Api) -> None:
    both.world.stock("A", "W1", 5)
    scanner, desk = both.key("warehouse"), both.key("operator")
    path = f"/counts/{scanner.post('/counts', json={'warehouse': 'W1'}).json()['id']}"
    for number in range(3):
        again = {"idempotency-key": f"scan-{number}"}
        for _ in range(2):
            scanned = scanner.post(f"{path}/scan", json={"code": "400A"}, headers=again).json()
    assert scanned == {"sku": "A", "counted": 3}
    entered = scanner.post(f"{path}/enter", json={"entries": [{"code": "C", "counted": 2}]}).json()
    assert [(line["sku"], line["counted"], line["expected"]) for line in entered["lines"]] == [
        ("A", 3, None), ("C", 2, None),
    ]  # fmt: skip
    assert scanner.post(f"{path}/submit").json()["state"] == "submitted"
    assert scanner.post(f"{path}/approve").status_code == 403
    shown = desk.get(path).json()
    assert (shown["differing"], shown["more"], shown["fewer"], shown["value"]) == (2, 2, 2, "0.00")
    assert desk.post(f"{path}/approve").json()["state"] == "approved"
    assert (both.world.balance("A", "W1"), both.world.balance("C", "W1")) == ((3, 0), (2, 0))
    assert desk.get("/counts?state=approved&warehouse=W1").json()["data"][0]["lines"] == []


def test_a_count_is_done_again(api: Api) -> None:
    api.world.stock("A", "W1", 5)
    desk = api.key("operator")
    path = f"/counts/{desk.post('/counts', json={'warehouse': 'W1', 'skus': ['A']}).json()['id']}"
    desk.post(f"{path}/enter", json={"entries": [{"code": "A", "counted": 1}]})
    desk.post(f"{path}/submit")
    again = desk.post(f"{path}/reject", json={"reason": "odd", "recount": ["A"]}).json()
    assert (again["state"], again["lines"][0]["counted"]) == ("open", None)
    assert desk.post(f"{path}/reject", json={"reason": "odd"}).json()["state"] == "rejected"


def test_the_installation_may_want_two_people(api: Api) -> None:
    api.world.stock("A", "W1", 5)
    api.world.ctx = replace(api.world.ctx, count_by_two=True)
    desk = api.key("operator")
    path = f"/counts/{desk.post('/counts', json={'warehouse': 'W1', 'skus': ['A']}).json()['id']}"
    desk.post(f"{path}/enter", json={"entries": [{"code": "A", "counted": 1}]})
    desk.post(f"{path}/submit")
    refused = desk.post(f"{path}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert api.key("operator").post(f"{path}/approve").json()["state"] == "approved"


def test_a_warehouse_counts_its_own_shelves(api: Api) -> None:
    api.world.stock("A", "W1", 5)
    here, there = api.person("warehouse", "W1"), api.person("warehouse", "W2")
    assert there.post("/counts", json={"warehouse": "W1"}).status_code == 403
    path = f"/counts/{here.post('/counts', json={'warehouse': 'W1'}).json()['id']}"
    assert there.get(path).status_code == 403
    assert there.post(f"{path}/scan", json={"code": "A"}).status_code == 403
    assert (there.get("/counts").json()["data"], len(here.get("/counts").json()["data"])) == ([], 1)
