"""A running eBay sandbox whose every exchange is held to eBay's specifications, and the channel that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.practice.server import Reply, Request
from tests.connectors.harness import connection_to, started
from tests.connectors.openapi import METHODS, Specification
from tests.fixtures.data import shared_data_path

FOLDER = shared_data_path() / "ebay"
FILES = {
    "sell_fulfillment_v1_oas3.json": "/sell/fulfillment/v1",
    "sell_inventory_v1_oas3.json": "/sell/inventory/v1",
    "commerce_notification_v1_oas3.json": "/commerce/notification/v1",
}
TEXT: dict[str, Any] = {"type": "string"}
FORM = {
    "type": "object", "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["refresh_token", "client_credentials"]}, "refresh_token": TEXT,
        "scope": TEXT,
    },
}  # fmt: skip
GRANT = {
    "type": "object", "required": ["access_token", "expires_in", "token_type"],
    "properties": {"access_token": TEXT, "expires_in": {"type": "integer"}, "token_type": TEXT},
}  # fmt: skip
REFUSAL = {
    "type": "object", "required": ["error"], "properties": {"error": TEXT, "error_description": TEXT},
}  # fmt: skip


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


OAUTH = {
    "paths": {
        "/oauth2/token": {
            "post": {
                "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": FORM}}},
                "responses": {"200": _json(GRANT), "400": _json(REFUSAL), "401": _json(REFUSAL)},
            }
        }
    }
}
"""eBay has no specification file for it. Source: "Using a refresh token to update a User access token"."""


@dataclass(frozen=True)
class Apis:
    """Several specifications at once: the base of each says which paths are its."""

    parts: tuple[Specification, ...]

    def faults(self, request: Request, reply: Reply) -> list[str]:
        mine = (part for part in self.parts if request.path.startswith(f"{part.base}/"))
        part = next(mine, None)
        return part.faults(request, reply) if part else [f"{request.method} {request.path}: no such API"]


@cache
def specification() -> Any:
    """eBay's files, with the errors that its gateway gives for every API, and the token endpoint."""
    parts = [_with_errors(_corrected(Specification.load(FOLDER / file, base))) for file, base in FILES.items()]
    login = Specification({**OAUTH, "paths": dict(OAUTH["paths"])}, "/identity/v1")
    return Apis((*parts, _with_errors(login, REFUSAL)))


def _corrected(spec: Specification) -> Specification:
    """The file says `string` of a destination's configuration, and in words that it holds endpoint and token."""
    schemas = spec.document["components"]["schemas"]
    if "Destination" not in schemas:
        return spec
    place = {**schemas["Destination"]["properties"], "deliveryConfig": {"$ref": "#/components/schemas/DeliveryConfig"}}
    changed = {**schemas, "Destination": {**schemas["Destination"], "properties": place}}
    return Specification(
        {**spec.document, "components": {**spec.document["components"], "schemas": changed}}, spec.base
    )


def _with_errors(spec: Specification, told: Any = None) -> Specification:
    """401, 403, 429 and all 5xx come from the gateway; their bodies are lists of the API's own `Error`."""
    errors = {"type": "array", "items": {"$ref": "#/components/schemas/Error"}}
    listed = told or {"type": "object", "required": ["errors"], "properties": {"errors": errors}}
    answers = {"4XX": _json(listed), "5XX": _json(listed if not told else {"type": "object"})}
    answers |= {"429": _json({"type": "object"})} if told else {}
    changed = {}
    for path, item in spec.document["paths"].items():
        operations = {method: item[method] for method in METHODS if method in item}
        changed[path] = {
            **item,
            **{
                m: {**one, "responses": {**answers, **one["responses"], **_errors(one, listed)}}
                for m, one in operations.items()
            },
        }
    return spec.with_paths(changed)


def _errors(operation: Any, listed: Any) -> dict[str, Any]:
    """The files name the status of errors, but not what their bodies are."""
    return {
        status: _json(listed)
        for status, said in operation["responses"].items()
        if status >= "400" and "content" not in said
    }


def connect(sandbox: EbaySandbox, **changed: str) -> Ebay:
    """The channel; `changed` replaces settings or secrets by name."""
    return Ebay(connection_to(sandbox, **changed))


@pytest.fixture
def watched() -> Iterator[Callable[[EbaySandbox], EbaySandbox]]:
    with started(specification() if FOLDER.is_dir() else None) as start:
        yield start


@pytest.fixture
def sandbox(watched: Any) -> EbaySandbox:
    running: EbaySandbox = watched(EbaySandbox())
    return running


@pytest.fixture
def channel(sandbox: EbaySandbox) -> Ebay:
    return connect(sandbox)
