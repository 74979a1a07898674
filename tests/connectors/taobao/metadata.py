"""The platform's own description of its calls, as a specification: parameters, fields and their kinds by method."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from connectors.kit.practice.server import Reply, Request
from connectors.taobao.sandbox.gate import form_of
from tests.fixtures.data import shared_data_path

FOLDER = shared_data_path() / "taobao" / "top_api"
COMMON = frozenset({"method", "app_key", "session", "timestamp", "v", "format", "sign_method", "sign"})
"""Parameters of every call. Source: `core/client.go` of opentaobao, as in the recorded signatures."""
RENEW = {
    "requestParams": [{"name": "refresh_token", "type": "String", "required": True}],
    "responseParams": [{"name": "token_result", "type": "String"}],
}
"""`taobao.top.auth.token.refresh` is not in the recorded folder. Source: `TaobaoTopAuthTokenRefresh` of opentaobao."""
_PLAIN = {
    "Number": re.compile(r"-?\d+"),
    "Boolean": re.compile("true|false"),
    "Date": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
}
_KINDS: Mapping[str, type | tuple[type, ...]] = {"Number": int, "Boolean": bool, "String": str, "Date": str}
_ERROR = frozenset({"code", "msg", "sub_code", "sub_msg", "request_id"})
Row = Mapping[str, Any]


@cache
def described(method: str) -> Row | None:
    """What the platform says of one method; None where it says nothing."""
    file = FOLDER / f"{method.replace('.', '_')}.json"
    if method == "taobao.top.auth.token.refresh":
        return RENEW
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


class Metadata:
    """Held to by every exchange (the shape that `held_to` asks for)."""

    def faults(self, request: Request, reply: Reply) -> list[str]:
        """What is not in the description, in the request or in the answer."""
        form = form_of(request)
        method = form.get("method", "")
        known = described(method)
        if known is None:
            return [f"{method}: no such method"]
        told = [*_in_form(known, form), *_in_answer(known, method, json.loads(reply.body))]
        return [f"{method}: {fault}" for fault in told]


def _in_form(known: Row, form: Mapping[str, str]) -> Iterator[str]:
    params = {row["name"]: row for row in known["requestParams"]}
    yield from (f"parameter {name}: not described" for name in form.keys() - params.keys() - COMMON)
    for name, row in params.items():
        if row.get("required") and name not in form:
            yield f"parameter {name}: missing"
        kind = row["type"].replace(" ", "")
        parts = form[name].split(",") if name in form and kind.endswith("[]") else [form[name]] if name in form else []
        pattern = _PLAIN.get(kind.removesuffix("[]"))
        yield from (
            f"parameter {name} = {part!r}: no {kind}" for part in parts if pattern and not pattern.fullmatch(part)
        )
    if "fields" in params:
        yield from _asked(known, form.get("fields", ""))


def _asked(known: Row, fields: str) -> Iterator[str]:
    """Fields that are asked for are fields of what is answered."""
    there = {row["name"] for outer in known["responseParams"] for row in outer.get("subParams") or ()}
    yield from (f"field {name}: not described" for name in fields.split(",") if name not in there)


def _in_answer(known: Row, method: str, body: Row) -> Iterator[str]:
    if "error_response" in body:
        yield from (f"error {name}: not described" for name in body["error_response"].keys() - _ERROR)
        return
    name = f"{method.removeprefix('taobao.').replace('.', '_')}_response"
    if list(body) != [name]:
        yield f"answer: expected {name}, found {list(body)}"
        return
    yield from _in_object("", known["responseParams"], {k: v for k, v in body[name].items() if k != "request_id"})


def _in_object(place: str, known: Sequence[Row], body: Row) -> Iterator[str]:
    fields = {row["name"]: row for row in known}
    for name, value in body.items():
        if name not in fields:
            yield f"answer {place}{name}: not described"
        else:
            yield from _in_value(f"{place}{name}", fields[name], value)


def _in_value(place: str, known: Row, value: Any) -> Iterator[str]:
    kind = known["type"].replace(" ", "")
    if kind.endswith("[]"):
        wrap = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind[:-2]).lower()
        if list(value) != [wrap]:
            yield f"answer {place}: expected a list below {wrap}"
            return
        for each in value[wrap]:
            yield from _in_value(f"{place}[]", {**known, "type": kind[:-2]}, each)
    elif kind in _KINDS:
        fits = isinstance(value, _KINDS[kind]) and (kind == "Boolean" or not isinstance(value, bool))
        if not fits or (kind == "Date" and not _PLAIN["Date"].fullmatch(value)):
            yield f"answer {place} = {value!r}: no {kind}"
    else:
        yield from _in_object(f"{place}.", known.get("subParams") or (), value)
