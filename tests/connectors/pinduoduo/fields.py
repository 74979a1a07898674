"""Holds each exchange to the platform's description of its calls: `shared/data/pinduoduo`, one file a call.

The files are derived from the types of lywzx/pdd-node-sdk. They call every field of an answer required, which the
platform itself does not keep (a deposit's fields are null on other orders): types and names are held, presence is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connectors.kit.practice.server import Reply, Request
from tests.connectors.schemas import Json, Schemas
from tests.fixtures.data import shared_data_path

FOLDER = shared_data_path() / "pinduoduo"
COMMON = frozenset({"type", "client_id", "data_type", "timestamp", "access_token", "sign"})
"""Of every call; source: `core/client.go` of bububa/openpdd, as in `shared/data/signatures`."""
TOKEN_CALL = "pdd.pop.auth.token.refresh"
TOKENS: Json = {
    "type": "object",
    "required": ["access_token", "refresh_token", "expires_in", "owner_id", "owner_name"],
    "properties": {
        **{name: {"type": "string"} for name in ("access_token", "refresh_token", "owner_id", "owner_name")},
        "expires_in": {"type": "integer"},
    },
}
"""Of the token call, which is not described there. Source: the SDK of bububa/openpdd (`PopAuthTokenRefresh`)."""
REFUSAL: Json = {
    "type": "object",
    "required": ["error_code", "error_msg", "request_id"],
    "properties": {
        "error_code": {"type": "integer"},
        **{name: {"type": "string"} for name in ("error_msg", "request_id")},
        **{name: {"type": "string", "nullable": True} for name in ("sub_code", "sub_msg")},
    },
}
"""Of every call. Source: `ErrorResponse` of bububa/openpdd, core/client.go."""
_KINDS = {"string": ["string"], "number": ["number"], "boolean": ["boolean"], "string | number": ["string", "number"]}


class Description:
    """One call: what may be asked, and the schema of what comes back."""

    def __init__(self, file: Path) -> None:
        words = json.loads(file.read_text(encoding="utf-8"))
        self.name = next(value for value in words["constants"].values() if str(value).startswith("pdd."))
        self._shapes: Json = words["interfaces"]
        self._asks = next((one for name, one in self._shapes.items() if name == f"{file.stem}RequestInterface"), None)
        schemas = {name: self._schema(one) for name, one in self._shapes.items()}
        self._schemas = Schemas({"components": {"schemas": schemas}})
        self._answer = {"$ref": f"#/components/schemas/{file.stem}ResponseInterface"}

    def _schema(self, shape: Json) -> Json:
        fields = {field["name"]: {**self._kind(field["type"]), "nullable": True} for field in shape["fields"]}
        return {"type": "object", "properties": fields, "additionalProperties": False}

    def _kind(self, kind: str) -> Json:
        if kind.endswith("[]"):
            return {"type": "array", "items": self._kind(kind.removesuffix("[]"))}
        return {"type": _KINDS[kind]} if kind in _KINDS else {"anyOf": [{"$ref": f"#/components/schemas/{kind}"}]}

    def request_faults(self, asked: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the call's own fields; all of a form are text, a list or object is JSON."""
        known = {field["name"]: field for field in self._asks["fields"]} if self._asks else {}
        yield from (f"{name}: the description does not know it" for name in asked.keys() - known.keys())
        needed = (name for name, field in known.items() if field["required"] and name not in asked)
        yield from (f"{name}: it is required" for name in needed)
        for name in asked.keys() & known.keys():
            yield from self._text_faults(name, asked[name], known[name]["type"])

    def _text_faults(self, name: str, text: str, kind: str) -> Iterator[str]:
        if kind in {"string", "string | number"}:
            return
        try:
            value = json.loads(text)
        except ValueError:
            yield f"{name}: {text!r} is no {kind}"
            return
        yield from self._schemas.faults(value, self._kind(kind), name)

    def answer_faults(self, body: Any) -> Iterator[str]:
        """What is wrong with an answer."""
        yield from self._schemas.faults(body, self._answer, "answer")


@cache
def descriptions() -> Mapping[str, Description]:
    """Name of the call -> its description; empty where the files are not on this machine."""
    found = [Description(file) for file in sorted(FOLDER.glob("Pdd*.json"))]
    return {one.name: one for one in found}


class Descriptions:
    """All of them (the shape that `held_to` asks for)."""

    def faults(self, request: Request, reply: Reply) -> list[str]:
        """What is wrong with one exchange."""
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        name, body = form.get("type", ""), json.loads(reply.body)
        if "error_response" in body:
            found = list(Schemas({}).faults(body, _object("error_response", REFUSAL), "answer"))
            body = None
        else:
            found = []
        if name == TOKEN_CALL:
            found += _token_faults({key: text for key, text in form.items() if key not in COMMON}, body)
            return [f"{name}: {fault}" for fault in found]
        if name not in descriptions():
            return [f"{name}: there is no such call"]
        described = descriptions()[name]
        found += described.request_faults({key: value for key, value in form.items() if key not in COMMON})
        if body is not None:
            found += described.answer_faults(body)
        return [f"{name}: {fault}" for fault in found]


def _object(name: str, schema: Json) -> Json:
    return {"type": "object", "required": [name], "properties": {name: schema}}


def _token_faults(asked: Mapping[str, str], body: Any) -> Iterator[str]:
    """What is wrong with a renewal of the token; a `body` of None was a refusal."""
    yield from (f"{name}: expected refresh_token alone" for name in asked.keys() ^ {"refresh_token"})
    if body is not None:
        schema = _object("pop_auth_token_refresh_response", TOKENS)
        yield from Schemas({}).faults(body, schema, "answer")


def published() -> Descriptions | None:
    """None where the files are not on this machine."""
    return Descriptions() if descriptions() else None
