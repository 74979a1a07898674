"""Every route, taken from the route table: nobody, each role, foreign warehouses, forged requests, models, words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import select

from hub import api as parts
from hub.api.parts import In
from hub.rules.permissions import PERMISSIONS, Role
from hub.store import tables as t
from hub.web.auth import permission_of
from tests.api.conftest import Api, on_sqlite

ANYONE = "signed in"
POLICY = {
    ("GET", "/audit"): "reports.read",
    ("GET", "/connections"): "channels.read",
    ("GET", "/connections/{connection_id}"): "channels.read",
    ("POST", "/connections/{connection_id}/check"): "channels.write",
    ("POST", "/connections/push"): "channels.write",
    ("POST", "/connections/{connection_id}/push"): "channels.write",
    ("POST", "/connections/{connection_id}/orders/fetch"): "channels.write",
    ("GET", "/connections/{connection_id}/backfills"): "channels.read",
    ("POST", "/connections/{connection_id}/backfills"): "channels.write",
    ("POST", "/connections/{connection_id}/backfills/cancel"): "channels.write",
    ("GET", "/connections/{connection_id}/mappings"): "channels.read",
    ("POST", "/connections/{connection_id}/mappings"): "channels.write",
    ("GET", "/connections/{connection_id}/mappings/{version}"): "channels.read",
    ("PUT", "/connections/{connection_id}/mappings/{version}"): "channels.write",
    ("GET", "/connections/{connection_id}/mappings/{version}/diff"): "channels.read",
    ("POST", "/connections/{connection_id}/mappings/{version}/dry-run"): "channels.write",
    ("POST", "/connections/{connection_id}/mappings/{version}/activate"): "channels.write",
    ("POST", "/connections/{connection_id}/mappings/{version}/rollback"): "channels.write",
    ("POST", "/connections/{connection_id}/mappings/{version}/retire"): "channels.write",
    ("POST", "/connections/{connection_id}/pause"): "channels.write",
    ("POST", "/connections/{connection_id}/resume"): "channels.write",
    ("POST", "/connections/{connection_id}/sync"): "channels.write",
    ("GET", "/connections/{name}/stock/changes"): "feed.read",
    ("POST", "/connections/{name}/stock/ack"): "feed.read",
    ("GET", "/counts"): "stock.read",
    ("GET", "/counts/{count_id}"): "stock.read",
    ("POST", "/counts"): "stock.count",
    ("POST", "/counts/{count_id}/enter"): "stock.count",
    ("POST", "/counts/{count_id}/scan"): "stock.count",
    ("POST", "/counts/{count_id}/submit"): "stock.count",
    ("POST", "/counts/{count_id}/approve"): "stock.approve",
    ("POST", "/counts/{count_id}/reject"): "stock.approve",
    ("GET", "/dead-letters"): "system.read",
    ("POST", "/dead-letters/replay"): "holds.fix",
    ("GET", "/fulfillment-orders"): "picks.read",
    ("GET", "/fulfillment-orders/{pick_id}"): "picks.read",
    ("POST", "/fulfillment-orders/{pick_id}/start"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/take-over"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/scan"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/pack"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/ship"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/missing"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/accept"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/reject"): "picks.work",
    ("POST", "/fulfillment-orders/{pick_id}/answer"): "picks.work",
    ("GET", "/holds"): "holds.read",
    ("GET", "/holds/cause"): "holds.read",
    ("POST", "/holds/dismiss"): "holds.fix",
    ("POST", "/holds/link"): "holds.fix",
    ("POST", "/holds/replay"): "holds.fix",
    ("GET", "/items"): "stock.read",
    ("GET", "/items/{sku:path}"): "stock.read",
    ("PUT", "/items/{sku:path}"): "stock.write",
    ("GET", "/kits"): "stock.read",
    ("PUT", "/kits/{sku:path}"): "stock.write",
    ("DELETE", "/kits/{sku:path}"): "stock.write",
    ("GET", "/listings"): "channels.read",
    ("GET", "/listings/arithmetic"): "channels.read",
    ("GET", "/orders"): "orders.read",
    ("GET", "/orders/{order_id}"): "orders.read",
    ("POST", "/orders/{order_id}/hold"): "orders.write",
    ("POST", "/orders/{order_id}/release"): "orders.write",
    ("POST", "/orders/{order_id}/move"): "orders.write",
    ("POST", "/orders/{order_id}/cancel"): "orders.write",
    ("POST", "/orders/{order_id}/cancel/answer"): "orders.write",
    ("GET", "/orders/{order_id}/routing"): "routing.read",
    ("GET", "/rates"): "routing.read",
    ("POST", "/rates/import"): "routing.write",
    ("GET", "/rates/zones"): "routing.read",
    ("GET", "/rulesets"): "routing.read",
    ("POST", "/rulesets"): "routing.write",
    ("GET", "/rulesets/{version}"): "routing.read",
    ("PUT", "/rulesets/{version}"): "routing.write",
    ("GET", "/rulesets/{version}/diff"): "routing.read",
    ("POST", "/rulesets/{version}/activate"): "routing.write",
    ("POST", "/rulesets/{version}/retire"): "routing.write",
    ("POST", "/rulesets/{version}/rollback"): "routing.write",
    ("GET", "/proposals"): "stock.read",
    ("POST", "/proposals/refresh"): "stock.write",
    ("POST", "/proposals/{proposal_id}/accept"): "stock.write",
    ("POST", "/proposals/{proposal_id}/dismiss"): "stock.write",
    ("GET", "/self"): ANYONE,
    ("GET", "/selling/buffers"): "stock.read",
    ("POST", "/selling/buffers"): "channels.write",
    ("DELETE", "/selling/buffers/{rule_id}"): "channels.write",
    ("PUT", "/selling/freshness/{warehouse}"): "channels.write",
    ("GET", "/selling/lives"): "stock.read",
    ("PUT", "/selling/lives"): "channels.write",
    ("DELETE", "/selling/lives"): "channels.write",
    ("GET", "/selling/policies"): "stock.read",
    ("PUT", "/selling/policies"): "channels.write",
    ("DELETE", "/selling/policies/{sku:path}"): "channels.write",
    ("GET", "/selling/pools"): "stock.read",
    ("PUT", "/selling/pools"): "channels.write",
    ("DELETE", "/selling/pools/{connection_id}"): "channels.write",
    ("GET", "/shipments"): "picks.read",
    ("GET", "/shipments/{shipment_id}"): "picks.read",
    ("GET", "/simulations"): "routing.read",
    ("POST", "/simulations"): "routing.write",
    ("GET", "/simulations/{simulation_id}"): "routing.read",
    ("GET", "/stock"): "stock.read",
    ("GET", "/stock/{sku:path}"): "stock.read",
    ("GET", "/stock-imports"): "stock.write",
    ("GET", "/stock-imports/{import_id}"): "stock.write",
    ("GET", "/stock-imports/{import_id}/rows"): "stock.write",
    ("POST", "/stock-imports"): "stock.write",
    ("POST", "/stock-imports/{import_id}/apply"): "stock.write",
    ("POST", "/stock-imports/{import_id}/cancel"): "stock.write",
    ("GET", "/stock-reasons"): "stock.read",
    ("POST", "/stock/adjustments"): "stock.write",
    ("POST", "/stock/counts"): "stock.write",
    ("POST", "/stock/receipts"): "stock.write",
    ("POST", "/stock/states"): "stock.write",
    ("PUT", "/stock/safety"): "stock.write",
    ("GET", "/expected-deliveries"): "stock.read",
    ("GET", "/expected-deliveries/{delivery_id}"): "stock.read",
    ("POST", "/expected-deliveries"): "stock.write",
    ("POST", "/expected-deliveries/{delivery_id}/receive"): "stock.move",
    ("POST", "/expected-deliveries/{delivery_id}/close"): "stock.write",
    ("GET", "/transfers"): "stock.read",
    ("GET", "/transfers/{transfer_id}"): "stock.read",
    ("POST", "/transfers"): "stock.write",
    ("POST", "/transfers/{transfer_id}/reserve"): "stock.write",
    ("POST", "/transfers/{transfer_id}/ship"): "stock.move",
    ("POST", "/transfers/{transfer_id}/receive"): "stock.move",
    ("POST", "/transfers/{transfer_id}/close"): "stock.write",
    ("POST", "/transfers/{transfer_id}/cancel"): "stock.write",
    ("GET", "/warehouses"): "stock.read",
    ("GET", "/warehouses/{code}"): "stock.read",
    ("PUT", "/warehouses/{code}"): "stock.write",
}
"""Who may use which route. Adding a route is a decision: it is written down here too."""

BODIES: dict[str, dict[str, Any]] = {
    "/counts": {"warehouse": "W1", "skus": ["A"]},
    "/counts/{count_id}/enter": {"entries": [{"code": "A", "counted": 3}]},
    "/counts/{count_id}/scan": {"code": "A"},
    "/counts/{count_id}/reject": {"reason": "in a hurry"},
    "/dead-letters/replay": {"kind": "push", "connection_id": "1"},
    "/fulfillment-orders/{pick_id}/scan": {"code": "A"},
    "/fulfillment-orders/{pick_id}/ship": {"carrier": "DHL", "tracking_no": "T1"},
    "/fulfillment-orders/{pick_id}/missing": {"line_id": "1", "quantity": 1},
    "/connections/{name}/stock/ack": {"items": [{"id": "1", "version": "1"}]},
    "/connections/{connection_id}/mappings": {"note": "pickup"},
    "/connections/{connection_id}/mappings/{version}": {"body": {"tables": {"status": [["x", "open", "", ""]]}}},
    "/connections/{connection_id}/mappings/{version}/dry-run": {"last": 20},
    "/connections/{connection_id}/mappings/{version}/activate": {"force": True},
    "/connections/{connection_id}/mappings/{version}/rollback": {"note": "back"},
    "/connections/push": {"skus": ["A"]},
    "/connections/{connection_id}/push": {"skus": ["A"]},
    "/connections/{connection_id}/orders/fetch": {"number": "1001"},
    "/connections/{connection_id}/backfills": {"since": "2026-11-01T00:00:00Z"},
    "/connections/{connection_id}/pause": {"why": "holiday"},
    "/holds/link": {"connection_id": "1", "listing_ref": "L-NEW", "sku": "A"},
    "/holds/dismiss": {"fingerprint": "nothing"},
    "/holds/replay": {"fingerprint": "nothing"},
    "/items/{sku:path}": {"title": "T"},
    "/kits/{sku:path}": {"components": [{"sku": "B", "quantity": 2}]},
    "/orders/{order_id}/hold": {"why": "the buyer asked"},
    "/fulfillment-orders/{pick_id}/reject": {"reason": "busy"},
    "/fulfillment-orders/{pick_id}/answer": {"accept": True},
    "/orders/{order_id}/move": {"warehouse": "W2"},
    "/orders/{order_id}/cancel": {"reason": "the buyer asked"},
    "/orders/{order_id}/cancel/answer": {"accept": True},
    "/simulations": {"ruleset": 0, "days": 7},
    "/rates/import": {"csv": "country,zone\nDE,national\n"},
    "/rulesets": {"note": "calm"},
    "/rulesets/{version}": {"body": {"strategies": [{"criteria": ["distance"]}]}},
    "/rulesets/{version}/rollback": {"note": "calm"},
    "/stock/adjustments": {"sku": "A", "warehouse": "W1", "by": 1, "reason": "found"},
    "/stock/counts": {"sku": "A", "warehouse": "W1", "counted": 9},
    "/stock/receipts": {"sku": "A", "warehouse": "W1", "quantity": 1},
    "/selling/buffers": {"units": 1},
    "/selling/freshness/{warehouse}": {"fresh_hours": 24},
    "/selling/lives": {"min_days": 3},
    "/selling/policies": {"sku": "A", "mode": "backorder", "units": 2},
    "/selling/pools": {"connection_id": "1", "sku": "A", "mode": "exclusive", "units": 2},
    "/stock/states": {"sku": "A", "warehouse": "W1", "pieces": 1, "to": "damaged", "reason": "dropped"},
    "/stock/safety": {"sku": "A", "warehouse": "W1", "safety": 1},
    "/expected-deliveries": {"sku": "A", "warehouse": "W1", "quantity": 2},
    "/expected-deliveries/{delivery_id}/receive": {"whole": 1},
    "/expected-deliveries/{delivery_id}/close": {"reason": "lost"},
    "/transfers": {"source": "W1", "destination": "W2", "lines": [{"sku": "A", "quantity": 1}]},
    "/transfers/{transfer_id}/ship": {"lines": [{"line_id": "1", "quantity": 1}]},
    "/transfers/{transfer_id}/receive": {"lines": [{"line_id": "1", "whole": 1}]},
    "/transfers/{transfer_id}/close": {"reason": "lost"},
    "/transfers/{transfer_id}/cancel": {"reason": "not needed"},
    "/stock-imports/{import_id}/apply": {"yes": True},
    "/proposals/{proposal_id}/dismiss": {"reason": "too far"},
    "/warehouses/{code}": {"title": "T"},
}
"""A body that each route takes."""

FORMS: dict[str, dict[str, Any]] = {
    "/stock-imports": {"files": {"file": ("stock.csv", b"sku,quantity\nA,9\n")}, "data": {"warehouse": "W1"}}
}
"""A form, with its file, that each route takes which takes no JSON."""

EXAMPLES = {
    "connection_id": "1",
    "pick_id": "1",
    "sku:path": "KIT",
    "order_id": "1",
    "shipment_id": "1",
    "code": "W1",
    "transfer_id": "1",
    "delivery_id": "1",
    "version": "1",
    "simulation_id": "1",
    "count_id": "1",
    "rule_id": "1",
    "warehouse": "W1",
    "import_id": "1",
    "proposal_id": "1",
    "name": "shop",
}
QUERIES = {"/holds/cause": {"fingerprint": "nothing"}, "/listings/arithmetic": {"sku": "A"}}


def _routes() -> Iterator[tuple[str, str, APIRoute]]:
    """(method, path below /api/v1, route)."""
    for router in parts.routers():
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield method, route.path.removeprefix("/api/v1"), route


def _permission(dependant: Dependant) -> str | None:
    own = permission_of(dependant.call) if dependant.call else None
    return own or next((found for inner in dependant.dependencies if (found := _permission(inner))), None)


ROUTES = list(_routes())
ALL = [(method, path) for method, path, _route in ROUTES]
BODIED = [(method, path) for method, path in ALL if path in BODIES and method in {"POST", "PUT"}]


def _url(path: str) -> str:
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"give {path} an example in EXAMPLES"
    return path


def _request(method: str, path: str) -> dict[str, Any]:
    if method == "POST" and path in FORMS:
        return {"method": method, "url": _url(path)} | FORMS[path]
    body = BODIES.get(path) if method in {"POST", "PUT"} else None
    return {"method": method, "url": _url(path), "params": QUERIES.get(path), "json": body}


def _filled(api: Api) -> None:
    """One order that waits in W1, and one parcel that left from there."""
    world = api.world
    world.stock("A", "W1", 9)
    world.order("o1", A=5)
    world.order("o2", A=1)
    world.ship_all("o2")


@pytest.fixture(scope="module")
def still(blank_sqlite: Path) -> Iterator[Api]:
    """A filled API for tests that prove that nothing changed."""
    with on_sqlite(blank_sqlite) as made:
        _filled(made)
        yield made


def _everything(api: Api) -> list[Any]:
    """All rows but those that say who asked."""
    left_out = {"api_key", "users", "user_session", "idempotency_key"}
    found = []
    with api.world.db.read() as db:
        for table in t.orders.metadata.sorted_tables:
            if table.name not in left_out:
                found.append((table.name, db.execute(select(table)).all()))
    return found


def test_every_route_names_a_permission_that_is_written_down_here_too() -> None:
    assert {(method, path): _permission(route.dependant) or ANYONE for method, path, route in ROUTES} == POLICY


@pytest.mark.parametrize(("method", "path"), ALL)
def test_nobody_gets_nothing(still: Api, method: str, path: str) -> None:
    before = _everything(still)
    for headers in ({}, {"authorization": "Bearer sl_wrong"}, {"authorization": "Basic YTpi"}):
        answer = still.nobody().request(**_request(method, path), headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert _everything(still) == before


@pytest.mark.parametrize(("method", "path"), ALL)
def test_each_role_gets_what_the_permission_table_says(api: Api, method: str, path: str) -> None:
    _filled(api)
    for role in Role:
        program = api.key(role)
        before = _everything(api)
        answer = program.request(**_request(method, path))
        if POLICY[method, path] == ANYONE or POLICY[method, path] in PERMISSIONS[role]:
            assert answer.status_code in {200, 201, 404, 409}, f"{role}: {answer.text}"
        else:
            assert answer.status_code == 403, f"{role}: {answer.text}"
            assert answer.json()["detail"].startswith(f"the role {role} may not do this")
            assert _everything(api) == before


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ALL if method != "GET"])
def test_a_change_with_a_session_needs_the_form_token_and_this_site(api: Api, method: str, path: str) -> None:
    _filled(api)
    person = api.person("admin")
    token = person.headers.pop("x-csrf-token")
    started = _everything(api)
    assert person.request(**_request(method, path)).status_code == 403
    foreign = {"x-csrf-token": token, "origin": "http://evil.test"}
    assert person.request(**_request(method, path), headers=foreign).status_code == 403
    assert _everything(api) == started
    assert person.request(**_request(method, path), headers={"x-csrf-token": token}).status_code != 403


@pytest.mark.parametrize(
    ("method", "path"), [key for key, needed in POLICY.items() if "{pick_id}" in key[1] or "{shipment_id}" in key[1]]
)
def test_the_warehouse_role_touches_nothing_of_another_warehouse(api: Api, method: str, path: str) -> None:
    _filled(api)
    stranger, own = api.person("warehouse", "W2"), api.person("warehouse", "W1")
    before = _everything(api)
    answer = stranger.request(**_request(method, path))
    assert answer.status_code == 403
    assert _everything(api) == before
    assert own.request(**_request(method, path)).status_code in {200, 201, 404, 409}


def test_the_lists_of_the_warehouse_role_show_its_own_warehouse_only(api: Api) -> None:
    _filled(api)
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
    before = _everything(api)
    body = {"line_id": str(line.id), "quantity": 1}
    answer = picker.post(f"/fulfillment-orders/{mine.id}/missing", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"line {line.id} is not on pick list {mine.id}")
    assert _everything(api) == before


@pytest.mark.parametrize("age", ["expired", "revoked"])
def test_a_key_that_ran_out_or_was_revoked_opens_nothing(api: Api, age: str) -> None:
    program = api.key("admin")
    assert program.get("/self").status_code == 200
    now = api.world.clock.now
    values = {"expires_at": now} if age == "expired" else {"revoked_at": now - timedelta(days=1)}
    with api.world.db.write() as db:
        db.execute(t.api_keys.update().values(**values))
    assert program.get("/self").status_code == 401


SERVER_ONLY = (
    "id",
    "actor",
    "created_at",
    "updated_at",
    "state",
    "version",
    "on_hand",
    "reserved",
    "warehouses",
    "role",
)


@pytest.mark.parametrize(("method", "path"), BODIED)
def test_no_field_that_is_the_servers_can_be_set(still: Api, method: str, path: str) -> None:
    program = still.key("admin")
    before = _everything(still)
    for name in SERVER_ONLY:
        asked = _request(method, path)
        asked["json"] = asked["json"] | {name: "1"}
        answer = program.request(**asked)
        assert answer.status_code == 422, f"{name}: {answer.text}"
        assert {"field": f"body.{name}", "why": "Extra inputs are not permitted"} in answer.json()["errors"]
    assert _everything(still) == before


def _models(route: APIRoute) -> Iterator[type[BaseModel]]:
    for field in (*route.dependant.body_params, *route.dependant.query_params):
        kind = field.field_info.annotation
        options = getattr(kind, "__args__", (kind,))
        models = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
        assert models, f"{route.path}: {field.name} is no model"
        yield from models


@pytest.mark.parametrize(("_case", "route"), [(f"{method} {path}", route) for method, path, route in ROUTES])
def test_input_and_output_are_explicit_models(_case: str, route: APIRoute) -> None:
    for model in _models(route):
        assert issubclass(model, In) and model.model_config["extra"] == "forbid"
    assert route.response_model is not None


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ALL if method == "GET"])
def test_a_query_that_no_route_knows_is_refused_where_the_route_has_any(still: Api, method: str, path: str) -> None:
    schema = still.app.openapi()["paths"][f"/api/v1{path.replace(':path', '')}"]["get"]
    if not any(parameter["in"] == "query" for parameter in schema.get("parameters", ())):
        return
    answer = still.key().get(_url(path), params={"is_admin": "1"})
    assert answer.status_code == 422
    assert "query.is_admin" in answer.json()["detail"]


def test_the_documentation_names_every_route_once_with_its_key_and_its_errors(api: Api) -> None:
    schema = api.app.openapi()
    found = [(method.upper(), path, what) for path, each in schema["paths"].items() for method, what in each.items()]
    assert len(found) == len(POLICY)
    names = [what["operationId"] for _, _, what in found]
    assert len(set(names)) == len(names)
    for method, path, what in found:
        assert what["description"], path
        assert {"401", "403", "404", "409", "422", "429"} <= set(what["responses"])
        assert what["security"] == [{"API key": []}]
        headers = {parameter["name"] for parameter in what.get("parameters", ()) if parameter["in"] == "header"}
        assert headers == (set() if method == "GET" else {"idempotency-key"}), path
    assert api.nobody().get("/openapi.json").json() == schema


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for model in schema["components"]["schemas"].values():
        yield from model.get("properties", {}).items()


def test_ids_amounts_and_times_are_documented_as_text(api: Api) -> None:
    checked = set()
    for name, found in _properties(api.app.openapi()):
        kinds = {option.get("type") for option in found.get("anyOf", (found,))} - {"null"}
        if name == "id" or name.endswith(("_id", "_at")) or name in {"as_of", "oldest", "newest", "since"}:
            assert kinds == {"string"}, f"{name}: {found}"
            checked.add(name)
    assert {"id", "order_id", "connection_id", "line_id", "placed_at", "as_of"} <= checked
    amount = api.app.openapi()["components"]["schemas"]["OrderOut"]["properties"]["total"]
    assert {option["type"] for option in amount["anyOf"]} == {"string", "null"}
