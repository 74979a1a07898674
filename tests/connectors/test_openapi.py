"""The checker of exchanges: what a specification does not know or forbids is named with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from urllib3 import encode_multipart_formdata

from connectors.kit.practice.sandbox import Faults
from connectors.kit.practice.server import Reply, Request, SandboxServer
from tests.connectors.openapi import Specification, held_to
from tests.connectors.schemas import Schemas

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "state": {"type": "string", "enum": ["open", "gone"]},
        "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}},
    },
}
LINE = {"type": "object", "properties": {"sku": {"type": "string", "maxLength": 5}, "qty": {"type": "number"}}}
SWAGGER = {
    "swagger": "2.0",
    "basePath": "/rest/default/",
    "definitions": {"order": ORDER, "line": LINE},
    "paths": {
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "type": "integer", "required": True}],
            "get": {
                "parameters": [{"name": "fields", "in": "query", "type": "array", "items": {"type": "string"}}],
                "responses": {200: {"schema": {"$ref": "#/definitions/order"}}, "404": {"description": "gone"}},
            },
            "put": {
                "parameters": [
                    {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/order"}}
                ],
                "responses": {"200": {"description": "done"}},
            },
        },
        "/orders/new": {
            "get": {
                "parameters": [{"name": "since", "in": "query", "type": "string", "format": "date", "required": True}],
                "responses": {"default": {"schema": {"type": "boolean"}}},
            }
        },
    },
}
GOOD = {"id": 7, "state": "open", "lines": [{"sku": "TEA", "qty": 1.5}]}


def swagger(**changed: Any) -> Specification:
    document = {**SWAGGER, **changed}
    return Specification(document, str(document["basePath"]).rstrip("/"))


def asked(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: Any = None,
    reply: Any = None,
    status: int = 200,
) -> list[str]:
    headers = {"content-type": "application/json"}
    raw = b"" if body is None else json.dumps(body).encode()
    answer = Reply(status) if reply is None else Reply.json(reply, status)
    return swagger().faults(Request(method, path, query or {}, headers, raw), answer)


def test_an_exchange_that_keeps_to_the_specification_has_no_faults() -> None:
    assert asked("GET", "/rest/default/orders/7", query={"fields": "id,state"}, reply=GOOD) == []
    assert asked("GET", "/rest/default/orders/7", status=404) == []
    assert asked("PUT", "/rest/default/orders/7", body=GOOD) == []
    assert asked("GET", "/rest/default/orders/new", query={"since": "2026-11-23"}, reply=True) == []


@pytest.mark.parametrize(
    ("method", "path", "more", "fault"),
    [
        ("GET", "/orders/7", {}, "the path does not begin with /rest/default"),
        ("GET", "/rest/default/baskets", {}, "no such path"),
        ("DELETE", "/rest/default/orders/7", {}, "no such method on this path"),
        ("GET", "/rest/default/orders/x", {"reply": GOOD}, "path id: expected integer, found 'x'"),
        ("GET", "/rest/default/orders/7", {"reply": GOOD, "query": {"page": "2"}},
         "query page: the specification does not know it"),
        ("GET", "/rest/default/orders/new", {"reply": True}, "query since: it is required"),
        ("GET", "/rest/default/orders/new", {"reply": True, "query": {"since": "23.11."}},
         "query since: expected a date, found '23.11.'"),
        ("PUT", "/rest/default/orders/7", {}, "body: it is required"),
        ("PUT", "/rest/default/orders/7", {"body": {**GOOD, "note": ""}},
         "body.note: the specification does not know it"),
        ("PUT", "/rest/default/orders/7", {"body": {"state": "open"}}, "body.id: it is required"),
        ("PUT", "/rest/default/orders/7", {"body": {**GOOD, "id": 0}}, "body.id: minimum 1 does not allow 0"),
        ("PUT", "/rest/default/orders/7", {"body": {**GOOD, "id": True}}, "body.id: expected integer, found True"),
        ("PUT", "/rest/default/orders/7", {"body": {**GOOD, "state": None}}, "body.state: expected string, found None"),
        ("PUT", "/rest/default/orders/7", {"body": {**GOOD, "lines": [{}, {"sku": "TEA-GREEN"}]}},
         "body.lines[1].sku: maxLength 5 does not allow 'TEA-GREEN'"),
        ("GET", "/rest/default/orders/7", {"body": GOOD, "reply": GOOD}, "body: the specification knows none here"),
        ("GET", "/rest/default/orders/7", {"reply": {**GOOD, "state": "lost"}},
         "answer 200.state: enum ['open', 'gone'] does not allow 'lost'"),
        ("GET", "/rest/default/orders/7", {}, "answer 200: it has no body"),
        ("GET", "/rest/default/orders/7", {"status": 500}, "answer 500: the specification knows 200, 404"),
    ],
)  # fmt: skip
def test_what_the_specification_does_not_know_is_named_with_its_place(
    method: str, path: str, more: dict[str, Any], fault: str
) -> None:
    assert asked(method, path, **more) == [f"{method} {path}: {fault}"]


def test_a_header_that_is_required_must_be_sent_with_a_value_that_may_be() -> None:
    header = {"name": "X-Page", "in": "header", "required": True, "type": "integer"}
    place = {"/orders": {"get": {"parameters": [header], "responses": {"200": {"description": "fine"}}}}}
    spec = Specification({"paths": place}, "")
    for headers, faults in (
        ({}, ["GET /orders: header X-Page: it is required"]),
        ({"x-page": "two"}, ["GET /orders: header X-Page: expected integer, found 'two'"]),
        ({"x-page": "2"}, []),
    ):
        assert spec.faults(Request("GET", "/orders", {}, headers), Reply(200)) == faults


def test_openapi_3_has_bodies_by_media_type_and_values_that_may_be_null() -> None:
    line = {
        "allOf": [{"type": "object", "properties": {"sku": {"type": "string", "nullable": True}}}],
        "required": ["sku"],
    }
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/line"}}}}
    operation = {"requestBody": body, "responses": {"2XX": {"description": "done"}}}
    spec = Specification(
        {"openapi": "3.0.1", "components": {"schemas": {"line": line}}, "paths": {"/lines": {"post": operation}}}, ""
    )

    def said(value: Any) -> list[str]:
        request = Request("POST", "/lines", {}, {"content-type": "application/json"}, json.dumps(value).encode())
        return spec.faults(request, Reply(204))

    assert said({"sku": None}) == []
    assert said({}) == ["POST /lines: body.sku: it is required"]
    assert said({"sku": "a", "qty": 1}) == ["POST /lines: body.qty: the specification does not know it"]


def test_files_of_a_form_and_answers_that_are_no_json_are_read_as_text() -> None:
    form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "maxLength": 5}}}
    operation = {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": {"content": {"text/csv": {"schema": {"type": "string", "maxLength": 3}}}}},
    }
    spec = Specification({"openapi": "3.0.1", "paths": {"/import": {"post": operation}}}, "")

    def said(name: str, file: str, answer: bytes) -> list[str]:
        body, kind = encode_multipart_formdata({name: ("stock.csv", file, "text/csv")})
        request = Request("POST", "/import", {}, {"content-type": kind}, body)
        return spec.faults(request, Reply(200, answer, {"content-type": "text/csv"}))

    assert said("file", "a;b\r\n", b"a;b") == []
    assert said("data", "a;b", b"a;b;c") == [
        "POST /import: body.file: it is required",
        "POST /import: body.data: the specification does not know it",
        "POST /import: answer 200: maxLength 3 does not allow 'a;b;c'",
    ]


def test_what_a_platform_says_in_words_can_be_added() -> None:
    listed = {"description": "This resource supports paging.", "responses": {"200": {"description": "done"}}}
    spec = Specification(
        {"openapi": "3.0.1", "paths": {"/all": {"get": listed}, "/one": {"get": {**listed, "description": ""}}}}, ""
    )
    spec = spec.with_query(
        [{"name": "max", "in": "query", "schema": {"type": "integer", "maximum": 100}}], "supports paging"
    )
    spec = spec.with_answers(
        {"4XX": {"content": {"application/json": {"schema": {"type": "object", "required": ["message"]}}}}}
    )

    def said(path: str, size: str, reply: Reply) -> list[str]:
        return spec.faults(Request("GET", path, {"max": size}, {}), reply)

    assert said("/all", "100", Reply(200)) == []
    assert said("/all", "101", Reply.json({"message": "no"}, 404)) == [
        "GET /all: query max: maximum 100 does not allow 101"
    ]
    assert said("/one", "9", Reply.json({}, 404)) == [
        "GET /one: query max: the specification does not know it",
        "GET /one: answer 404.message: it is required",
    ]


def test_one_alternative_must_fit_and_its_fields_are_known() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer"}},
        "oneOf": [{"properties": {"a": {"type": "string"}, "id": {}}, "required": ["a"]}, {"required": ["b"]}],
    }
    schemas = Schemas({})
    assert list(schemas.faults({"id": 1, "a": "x"}, schema, "body")) == []
    assert list(schemas.faults({"id": 1}, schema, "body")) == ["body.a: it is required"]
    assert list(schemas.faults({"id": 1, "a": "x", "c": 1}, schema, "body")) != []


def test_a_keyword_that_is_not_checked_is_refused_not_passed_over() -> None:
    with pytest.raises(ValueError, match="a schema says propertyNames, which this checker does not know"):
        list(Schemas({}).faults({}, {"propertyNames": {}}, "body"))
    with pytest.raises(ValueError, match="refers to #/definitions/none, which it does not have"):
        list(Schemas({}).faults({}, {"$ref": "#/definitions/none"}, "body"))


def test_a_sandbox_is_watched_the_faulty_answers_too() -> None:
    faults = Faults()
    server = SandboxServer(lambda request: Reply.json({"id": 7}), faults)
    server.start()
    try:
        with held_to(swagger(), server) as seen:
            requests.get(f"{server.url}/rest/default/orders/7", timeout=5)
        assert [(request.method, reply.status) for request, reply in seen] == [("GET", 200)]
        faults.force("server_error_500")
        with (
            pytest.raises(AssertionError, match="answer 500: the specification knows 200, 404"),
            held_to(swagger(), server),
        ):
            requests.get(f"{server.url}/rest/default/orders/7", timeout=5)
    finally:
        server.stop()


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "operations"),
    [
        ("magento/admin-openapi-2.4.9_orders_inventory.yaml", 114),
        ("bigcommerce/orders.v2.oas2.yml", 28),
        ("bigcommerce/inventory.v3.yml", 5),
        ("ebay/sell_fulfillment_v1_oas3.json", 15),
        ("walmart/walmart-marketplace-orders.json", 7),
        ("mirakl/mirakl-mmp-seller_orders_offers_shipments.json", 79),
        ("etsy/etsy-open-api-v3_2023-06-08_orders_inventory.json", 68),
        ("amazon/orders_2026-01-01.json", 2),
        ("amazon/ordersV0.json", 10),
        ("amazon/listingsItems_2021-08-01.json", 5),
        ("amazon/feeds_2021-06-30.json", 6),
        ("amazon/notifications.json", 10),
    ],
)
def test_the_platforms_own_specifications_can_be_used(file: str, operations: int, shared_data: Path) -> None:
    """Loaded, and each operation's answers looked at once, so that an unknown keyword would be found here."""
    spec = Specification.load(shared_data / file, "")
    assert len(spec.routes) == operations
    for route in spec.routes:
        path = route.template.replace("{", "").replace("}", "")
        for status in route.operation["responses"]:
            code = int(status) if str(status).isdigit() else 200
            spec.faults(Request(route.method, path, {}, {}), Reply.json({"a": [{}]}, code))


def test_what_is_no_specification_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    file.write_text("[]")
    with pytest.raises(ValueError, match=r"orders\.json is no OpenAPI specification: it has no paths"):
        Specification.load(file)


def test_a_part_of_an_object_or_of_a_list_in_an_address_is_held_to_its_schema() -> None:
    at = {"type": "object", "properties": {"$gte": {"type": "integer"}}}
    refs = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string", "maxLength": 3}}]}
    named = [{"name": name, "in": "query", "schema": schema} for name, schema in (("at", at), ("id", refs))]
    spec = Specification(
        {"paths": {"/x": {"get": {"parameters": named, "responses": {"200": {"description": "done"}}}}}}, ""
    )

    def faults(**query: str) -> list[str]:
        return spec.faults(Request("GET", "/x", query, {}), Reply(200))

    assert faults(**{"at[$gte]": "7", "id[0]": "a", "id[1]": "b"}) == []
    assert faults(**{"at[$gte]": "soon"}) == ["GET /x: query at[$gte]: expected integer, found 'soon'"]
    assert faults(**{"at[$near]": "7"}) == ["GET /x: query at[$near]: the specification does not know it"]
    assert len(faults(**{"id[0]": "long"})) == 1
    assert faults(**{"it[0]": "a"}) == ["GET /x: query it[0]: the specification does not know it"]
