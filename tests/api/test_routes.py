"""Every route, taken from the route table: its permission, its models, its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from hub import api as parts
from hub.api.parts import In
from hub.web.auth import permission_of
from tests.api.conftest import Api, everything

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
    ("POST", "/connections/{connection_id}/streams/{stream}/restart"): "channels.write",
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
    "/connections/{connection_id}/streams/{stream}/restart": {"since": "2026-11-01T00:00:00Z"},
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
    "stream": "orders",
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


def request_of(method: str, path: str) -> dict[str, Any]:
    if method == "POST" and path in FORMS:
        return {"method": method, "url": _url(path)} | FORMS[path]
    body = BODIES.get(path) if method in {"POST", "PUT"} else None
    return {"method": method, "url": _url(path), "params": QUERIES.get(path), "json": body}


def test_every_route_names_a_permission_that_is_written_down_here_too() -> None:
    assert {(method, path): _permission(route.dependant) or ANYONE for method, path, route in ROUTES} == POLICY


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
    before = everything(still)
    for name in SERVER_ONLY:
        asked = request_of(method, path)
        asked["json"] = asked["json"] | {name: "1"}
        answer = program.request(**asked)
        assert answer.status_code == 422, f"{name}: {answer.text}"
        assert {"field": f"body.{name}", "why": "Extra inputs are not permitted"} in answer.json()["errors"]
    assert everything(still) == before


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
