"""A table of fields in place of a specification, where a platform publishes none that a machine can read.

    query: {app_key!: text}                      # of every call; `!`: it is required
    answer: {code: int, data: data}              # the envelope; `data` stands for what the call gives
    calls:
      /order/searchList: {asks: {page!: int, by: [text]}, gives: {total: int, list: [order]}}
    shapes:
      order: {order_id!: id, place: {name: text}, more: any}

Kinds: int, text, flag, id (a whole number or text), any, a shape by its name; also a list or an object of these.
It becomes an OpenAPI document, so that `held_to` holds every exchange to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.connectors.openapi import Specification
from tests.connectors.schemas import Json, Schemas

KINDS: dict[str, Json] = {
    "int": {"type": "integer"},
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "id": {"type": ["integer", "string"]},
    "any": {},
}


def load(file: Path) -> Specification:
    """The table as a specification. Raises ValueError: a kind that is neither known nor a shape."""
    table = yaml.safe_load(file.read_text(encoding="utf-8"))
    shapes, query = table["shapes"], table["query"]
    parameters = [
        {"name": name.removesuffix("!"), "in": "query", "required": name.endswith("!"), "schema": KINDS[kind]}
        for name, kind in query.items()
    ]
    paths = {path: {"post": _call(call, table["answer"], parameters, shapes)} for path, call in table["calls"].items()}
    schemas = {name: _schema(kinds, shapes) for name, kinds in shapes.items()}
    return Specification({"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}, "")


def _call(call: Json, answer: Json, parameters: list[Json], shapes: Json) -> Json:
    given = {**_schema(call.get("gives", {}), shapes), "nullable": True}
    whole = _schema({name: kind for name, kind in answer.items() if kind != "data"}, shapes)
    whole["properties"]["data"] = given
    return {
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _schema(call["asks"], shapes)}}},
        "responses": {"default": {"content": {"application/json": {"schema": whole}}}},
    }


def _schema(kind: Any, shapes: Json) -> Json:
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0], shapes)}
    if isinstance(kind, dict):
        named = {name.removesuffix("!"): _schema(each, shapes) for name, each in kind.items()}
        needed = [name.removesuffix("!") for name in kind if name.endswith("!")]
        return {"type": "object", "properties": named, "required": needed, "additionalProperties": False}
    if kind in shapes:
        return {"$ref": f"#/components/schemas/{kind}"}
    if kind not in KINDS:
        raise ValueError(f"no kind or shape is named {kind!r}")
    return KINDS[kind]


def request_faults(spec: Specification, path: str, body: Any) -> list[str]:
    """What is wrong with the body of a call."""
    schema = spec.document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return list(Schemas(spec.document).faults(body, schema, "body"))


def answer_faults(spec: Specification, path: str, body: Any) -> list[str]:
    """What is wrong with the body of an answer."""
    schema = spec.document["paths"][path]["post"]["responses"]["default"]["content"]["application/json"]["schema"]
    return list(Schemas(spec.document).faults(body, schema, "answer"))
