"""Who may do what on every route: nobody, each role, foreign warehouses, forged requests, keys that ran out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.rules.permissions import PERMISSIONS, Role
from hub.store import tables as t
from tests.api.conftest import Api, everything, filled
from tests.api.test_routes import ALL, ANYONE, POLICY, request_of


@pytest.mark.parametrize(("method", "path"), ALL)
def test_nobody_gets_nothing(still: Api, method: str, path: str) -> None:
    before = everything(still)
    for headers in ({}, {"authorization": "Bearer sl_wrong"}, {"authorization": "Basic YTpi"}):
        answer = still.nobody().request(**request_of(method, path), headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert everything(still) == before


@pytest.mark.parametrize(("method", "path"), ALL)
def test_each_role_gets_what_the_permission_table_says(api: Api, method: str, path: str) -> None:
    filled(api)
    for role in Role:
        program = api.key(role)
        before = everything(api)
        answer = program.request(**request_of(method, path))
        if POLICY[method, path] == ANYONE or POLICY[method, path] in PERMISSIONS[role]:
            assert answer.status_code in {200, 201, 404, 409}, f"{role}: {answer.text}"
        else:
            assert answer.status_code == 403, f"{role}: {answer.text}"
            assert answer.json()["detail"].startswith(f"the role {role} may not do this")
            assert everything(api) == before


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ALL if method != "GET"])
def test_a_change_with_a_session_needs_the_form_token_and_this_site(api: Api, method: str, path: str) -> None:
    filled(api)
    person = api.person("admin")
    token = person.headers.pop("x-csrf-token")
    started = everything(api)
    assert person.request(**request_of(method, path)).status_code == 403
    foreign = {"x-csrf-token": token, "origin": "http://evil.test"}
    assert person.request(**request_of(method, path), headers=foreign).status_code == 403
    assert everything(api) == started
    assert person.request(**request_of(method, path), headers={"x-csrf-token": token}).status_code != 403


@pytest.mark.parametrize(
    ("method", "path"), [key for key, needed in POLICY.items() if "{pick_id}" in key[1] or "{shipment_id}" in key[1]]
)
def test_the_warehouse_role_touches_nothing_of_another_warehouse(api: Api, method: str, path: str) -> None:
    filled(api)
    stranger, own = api.person("warehouse", "W2"), api.person("warehouse", "W1")
    before = everything(api)
    answer = stranger.request(**request_of(method, path))
    assert answer.status_code == 403
    assert everything(api) == before
    assert own.request(**request_of(method, path)).status_code in {200, 201, 404, 409}


def test_the_lists_of_the_warehouse_role_show_its_own_warehouse_only(api: Api) -> None:
    filled(api)
    api.world.stock("A", "W2", 4)
    here, there = api.person("warehouse", "W1"), api.person("warehouse", "W2")
    assert [row["warehouse"] for row in here.get("/fulfillment-orders").json()["data"]] == ["W1"]
    assert there.get("/fulfillment-orders").json()["data"] == []
    assert [row["warehouse"] for row in here.get("/shipments").json()["data"]] == ["W1"]
    assert there.get("/shipments").json()["data"] == []
    assert [row["code"] for row in there.get("/warehouses").json()["data"]] == ["W2"]
    (stock,) = there.get("/stock", params={"q": "A", "limit": 1}).json()["data"]
    assert (stock["on_hand"], [place["warehouse"] for place in stock["warehouses"]]) == (4, ["W2"])
    full = there.get("/stock/A").json()
    assert {row["warehouse"] for row in (*full["warehouses"], *full["moves"])} == {"W2"}
    for path in ("/stock", "/shipments", "/fulfillment-orders"):
        assert there.get(path, params={"warehouse": "W1"}).status_code == 403
    assert there.get("/warehouses/W1").status_code == 403


def test_a_line_of_another_pick_list_cannot_be_reported_missing_through_ones_own(api: Api) -> None:
    world = api.world
    world.stock("A", "W1", 1)
    world.stock("B", "W2", 1)
    world.order("o1", A=1)
    world.order("o2", B=1)
    (mine,), (foreign,) = world.lists("o1"), world.lists("o2")
    line = world.list_lines(foreign.id)["B"]
    picker = api.key("warehouse")
    before = everything(api)
    body = {"line_id": str(line.id), "quantity": 1}
    answer = picker.post(f"/fulfillment-orders/{mine.id}/missing", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"line {line.id} is not on pick list {mine.id}")
    assert everything(api) == before


@pytest.mark.parametrize("age", ["expired", "revoked"])
def test_a_key_that_ran_out_or_was_revoked_opens_nothing(api: Api, age: str) -> None:
    program = api.key("admin")
    assert program.get("/self").status_code == 200
    now = api.world.clock.now
    values = {"expires_at": now} if age == "expired" else {"revoked_at": now - timedelta(days=1)}
    with api.world.db.write() as db:
        db.execute(t.api_keys.update().values(**values))
    assert program.get("/self").status_code == 401


def test_a_program_learns_who_it_is(api: Api) -> None:
    me = api.key("viewer").get("/self").json()
    assert (me["kind"], me["role"], me["warehouses"]) == ("key", "viewer", None)
    assert "stock.read" in me["permissions"] and "stock.write" not in me["permissions"]
    assert api.person("warehouse", "W1").get("/self").json()["warehouses"] == ["W1"]
