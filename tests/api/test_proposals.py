"""Proposals through the API."""

from __future__ import annotations

from hub.usecases.manage_catalog import save_warehouse
from tests.api.conftest import Api


def test_a_proposal_is_accepted_with_one_request(both: Api) -> None:
    world = both.world
    for code, country in (("W1", "DE"), ("W2", "FR")):
        save_warehouse(world.ctx, code, actor="test", ships_to=[country])
    world.stock("A", "W2", 3)
    assert world.order("o1", A=5) == "held"
    program = both.key("operator")
    assert program.post("/proposals/refresh").json() == {"open": 2}
    purchase, transfer = program.get("/proposals").json()["data"]
    assert (purchase["kind"], purchase["source"], purchase["quantity"]) == ("purchase", None, 2)
    done = program.post(f"/proposals/{transfer['id']}/accept").json()
    assert (done["state"], program.get(f"/transfers/{done['transfer_id']}").json()["state"]) == ("accepted", "ready")
    gone = program.post(f"/proposals/{purchase['id']}/dismiss", json={"reason": "no budget"}).json()
    assert gone["state"] == "dismissed"
    assert program.get("/proposals").json()["data"] == []
    assert [row["id"] for row in program.get("/proposals?state=accepted").json()["data"]] == [transfer["id"]]
