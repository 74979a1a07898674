"""How stock is offered, through the API."""

from __future__ import annotations

from tests.api.conftest import Api


def test_terms_are_put_listed_and_deleted(both: Api) -> None:
    program, shop = both.key("operator"), str(both.world.shop_id)
    both.world.stock("A", "W1", 10)
    policy = {"sku": "A", "mode": "backorder", "units": 3, "available_on": "2026-12-24"}
    assert program.put("/selling/policies", json=policy).json() == {"saved": True}
    pool = {"connection_id": shop, "sku": "A", "mode": "ratio", "permille": 500}
    assert program.put("/selling/pools", json=pool).json() == {"saved": True}
    rule = program.post("/selling/buffers", json={"warehouse": "W1", "units": 1}).json()["id"]
    assert program.put("/selling/lives", json={"min_days": 3, "tag": "fresh"}).json() == {"saved": True}
    (found,) = both.all(program, "/selling/policies")
    assert (found["connection_id"], found["units"], found["owed"], found["available_on"]) == (None, 3, 0, "2026-12-24")
    assert [row["permille"] for row in both.all(program, "/selling/pools")] == [500]
    assert [row["min_days"] for row in both.all(program, "/selling/lives")] == [3]
    (told,) = program.get("/listings/arithmetic", params={"sku": "A"}).json()
    assert (told["units"], told["share"], told["number"]) == (12, 6, 6)
    assert told["components"][0]["room"] == 3
    for path in ("/selling/policies/A", f"/selling/pools/{shop}?sku=A", f"/selling/buffers/{rule}",
                 "/selling/lives?tag=fresh"):  # fmt: skip
        assert program.delete(path).json() == {"saved": True}
        assert program.delete(path).status_code == 404
    (told,) = program.get("/listings/arithmetic", params={"sku": "A"}).json()
    assert told["number"] == 10


def test_pieces_with_lots_come_in_and_are_marked(both: Api) -> None:
    program, at = both.key("operator"), {"sku": "A", "warehouse": "W1", "lot": "L1"}
    body = at | {"quantity": 5, "expires_on": "2027-01-31"}
    assert program.post("/stock/receipts", json=body).status_code == 201
    marked = program.post("/stock/states", json=at | {"pieces": 2, "to": "quality_hold", "reason": "wet"})
    assert (marked.status_code, marked.json()["balance"]["quality_hold"], marked.json()["balance"]["ats"]) == (
        201,
        2,
        3,
    )
    program.post("/stock/states", json=at | {"from": "quality_hold", "to": "scrapped", "pieces": 1, "reason": "bad"})
    found = program.get("/stock/A").json()
    assert found["lots"] == [{
        "warehouse": "W1", "lot": "L1", "expires_on": "2027-01-31", "on_hand": 4, "reserved": 0, "damaged": 0,
        "quality_hold": 1, "ats": 3,
    }]  # fmt: skip
    assert [(m["kind"], m["lot"], m["quality_hold"]) for m in found["moves"]] == [
        ("state", "L1", -1), ("state", "L1", 2), ("receive", "L1", None),
    ]  # fmt: skip
    late = program.post("/stock/receipts", json=body | {"expires_on": "2027-02-01"})
    assert late.status_code == 409
    assert late.json()["detail"].startswith("lot L1 of A expires on 2027-01-31, not on 2027-02-01")
