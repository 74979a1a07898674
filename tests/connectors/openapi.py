"""Holds an exchange over HTTP to the platform's own specification: Swagger 2.0, OpenAPI 3.0 or 3.1.

    spec = Specification.load(shared_data / "magento" / "admin-openapi.yaml")
    faults = spec.faults(request, reply)   # what the specification does not know or forbids; empty: nothing
    with held_to(spec, sandbox.server):    # every exchange of a sandbox; fails at the end of the block
        channel.push_stock(lines)

A path, method, query name or body field that is not in the specification is a fault, in answers too.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from connectors.kit.practice.server import Reply, Request, SandboxServer
from tests.connectors.schemas import Json, Schemas

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True, slots=True)
class _Route:
    """One operation: its path as a pattern, its parameters with those of the path, and what it says."""

    method: str
    template: str
    pattern: re.Pattern[str]
    parameters: tuple[Json, ...]
    operation: Json


@dataclass(frozen=True)
class Specification:
    """One specification. `base` is what precedes its paths in an address ("" where nothing does)."""

    document: Json
    base: str

    @classmethod
    def load(cls, file: Path, base: str | None = None) -> Specification:
        """Read YAML or JSON; `base` replaces the base path that the file names. Raises ValueError: no specification."""
        text = file.read_text(encoding="utf-8-sig")
        document = json.loads(text) if file.suffix == ".json" else yaml.load(text, Loader=_NoDates)
        if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
            raise ValueError(f"{file.name} is no OpenAPI specification: it has no paths")
        return cls(document, _base(document) if base is None else base.rstrip("/"))

    def with_paths(self, more: Mapping[str, Json]) -> Specification:
        """The same with more paths: for operations that the platform describes in words only."""
        return Specification({**self.document, "paths": {**self.document["paths"], **more}}, self.base)

    def with_query(self, parameters: Sequence[Json], says: str) -> Specification:
        """The same with more query names where an operation's description says `says`: for paging told in words."""

        def more(operation: Json) -> Json:
            if says not in operation.get("description", ""):
                return operation
            return {**operation, "parameters": [*operation.get("parameters", ()), *parameters]}

        return self._changed(more)

    def with_answers(self, answers: Mapping[str, Json]) -> Specification:
        """The same with answers that every operation may give: for errors that are told in words."""
        return self._changed(lambda operation: {**operation, "responses": {**answers, **operation["responses"]}})

    def _changed(self, change: Callable[[Json], Json]) -> Specification:
        return self.with_paths(
            {
                path: {**item, **{method: change(item[method]) for method in METHODS if method in item}}
                for path, item in self.document["paths"].items()
            }
        )

    @cached_property
    def _schemas(self) -> Schemas:
        return Schemas(self.document)

    @cached_property
    def routes(self) -> tuple[_Route, ...]:
        """Every operation; paths without variables come first, as servers match them."""
        found = [route for path, item in self.document["paths"].items() for route in self._routes_of(path, item)]
        return tuple(sorted(found, key=lambda route: route.template.count("{")))

    def _routes_of(self, path: str, item: Json) -> Iterator[_Route]:
        pattern = re.compile("".join(_pattern(part) for part in re.split(r"(\{[^}]+\})", path)))
        for method in METHODS:
            if method in item:
                listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                parameters = tuple(self._schemas.resolved(each) for each in listed)
                yield _Route(method.upper(), path, pattern, parameters, item[method])

    def faults(self, request: Request, reply: Reply) -> list[str]:
        """What is wrong with one exchange, each with its place; empty where it keeps to the specification."""
        what = f"{request.method} {request.path}"
        path = request.path[len(self.base) :] if request.path.startswith(f"{self.base}/") else None
        if path is None:
            return [f"{what}: the path does not begin with {self.base}"]
        here = [route for route in self.routes if route.pattern.fullmatch(path)]
        route = next((route for route in here if route.method == request.method), None)
        if route is None:
            return [f"{what}: {'no such method on this path' if here else 'no such path'}"]
        found = [*self._in_path(route, path), *self._in_query(route, request), *self._in_headers(route, request)]
        found += self._in_body(route, request)
        return [f"{what}: {fault}" for fault in (*found, *self._in_reply(route, reply))]

    def _in_path(self, route: _Route, path: str) -> Iterator[str]:
        match = route.pattern.fullmatch(path)
        names = re.findall(r"\{([^}]+)\}", route.template)
        kinds = {each["name"]: each for each in route.parameters if each["in"] == "path"}
        for name, text in zip(names, match.groups() if match else (), strict=True):
            yield from self._value(f"path {name}", text, kinds.get(name, {}))

    def _in_query(self, route: _Route, request: Request) -> Iterator[str]:
        kinds = {each["name"]: each for each in route.parameters if each["in"] == "query"}
        for name, text in request.query.items():
            inside = self._inside(name, kinds)
            if inside is not None:
                yield from self._schemas.faults_of_text(text, inside, f"query {name}")
            elif name in kinds or f"{name}[]" in kinds or name.removesuffix("[]") in kinds:
                yield from self._value(f"query {name}", text, kinds.get(name, {}))
            else:
                yield f"query {name}: the specification does not know it"
        for name, each in kinds.items():
            if each.get("required") and name not in request.query:
                yield f"query {name}: it is required"

    def _in_headers(self, route: _Route, request: Request) -> Iterator[str]:
        for each in route.parameters:
            text = request.headers.get(each["name"].lower()) if each["in"] == "header" else ""
            if text is None and each.get("required"):
                yield f"header {each['name']}: it is required"
            elif text:
                yield from self._value(f"header {each['name']}", text, each)

    def _inside(self, name: str, kinds: Mapping[str, Json]) -> Json | None:
        """The schema of `name[part]`: a property of an object, or an item of a list; None where there is none."""
        outer, bracket, part = name.removesuffix("]").partition("[")
        if not bracket or outer not in kinds or not part:
            return None
        schema = self._schemas.resolved(kinds[outer].get("schema", kinds[outer]))
        choices = [self._schemas.resolved(each) for each in (schema, *schema.get("oneOf", ()))]
        parts = [each.get("properties", {}).get(part) for each in choices]
        items = [each.get("items") for each in choices if part.isdigit()]
        return next((found for found in (*parts, *items) if found is not None), None)

    def _value(self, place: str, text: str, parameter: Json) -> Iterator[str]:
        schema = self._schemas.resolved(parameter.get("schema", parameter))
        yield from self._schemas.faults_of_text(text, schema, place)

    def _in_body(self, route: _Route, request: Request) -> Iterator[str]:
        schema, required = self._body_schema(route, request.headers.get("content-type", ""))
        if not request.body:
            if required:
                yield "body: it is required"
        elif schema is None:
            yield "body: the specification knows none here"
        else:
            yield from self._schemas.faults(_decoded(request.body, request.headers), schema, "body")

    def _body_schema(self, route: _Route, content_type: str) -> tuple[Json | None, bool]:
        """(schema of the body, whether one is required), of Swagger 2 or OpenAPI 3."""
        if "requestBody" in route.operation:
            body = self._schemas.resolved(route.operation["requestBody"])
            return _schema_of(body.get("content", {}), content_type), bool(body.get("required"))
        of_body = [each for each in route.parameters if each["in"] == "body"]
        form = {each["name"]: each for each in route.parameters if each["in"] == "formData"}
        if form:
            needed = [name for name, each in form.items() if each.get("required")]
            return {"type": "object", "properties": form, "required": needed}, bool(needed)
        return (of_body[0]["schema"], bool(of_body[0].get("required"))) if of_body else (None, False)

    def _in_reply(self, route: _Route, reply: Reply) -> Iterator[str]:
        answers = {str(status): each for status, each in route.operation["responses"].items()}
        status = str(reply.status)
        said = answers.get(status) or answers.get(f"{status[0]}XX") or answers.get("default")
        if said is None:
            yield f"answer {status}: the specification knows {', '.join(sorted(answers))}"
            return
        said = self._schemas.resolved(said)
        schema = said.get("schema") or _schema_of(said.get("content", {}), _type(reply.headers))
        if schema is not None and reply.body:
            yield from self._schemas.faults(_decoded(reply.body, reply.headers), schema, f"answer {status}")
        elif schema is not None:
            yield f"answer {status}: it has no body"


class _NoDates(yaml.SafeLoader):
    """YAML in which `2024-01-01` stays text, as in JSON."""


_NoDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _base(document: Json) -> str:
    servers = document.get("servers") or [{}]
    base = document.get("basePath") or urlsplit(servers[0].get("url", "")).path
    return str(base).rstrip("/")


def _pattern(part: str) -> str:
    return "([^/]+)" if part.startswith("{") else re.escape(part)


def _type(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _schema_of(content: Json, content_type: str) -> Json | None:
    """The schema for this media type; where only one is described, that one."""
    wanted = content_type.partition(";")[0].strip().lower()
    found = content.get(wanted) or next(iter(content.values()), None)
    schema: Json | None = found.get("schema") if found else None
    return schema


def _decoded(body: bytes, headers: Mapping[str, str]) -> Any:
    """What a body says: JSON, the fields of a form (files as text), else its text."""
    kind = _type(headers)
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if kind.startswith("multipart/form-data"):
        form = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + body, policy=default)
        return {part.get_param("name", header="content-disposition"): part.get_content() for part in form.iter_parts()}
    return json.loads(body) if not kind or "json" in kind else body.decode()


@contextlib.contextmanager
def held_to(spec: Specification, server: SandboxServer) -> Iterator[list[tuple[Request, Reply]]]:
    """Watch every exchange of a sandbox's server; at the end, fail for each that is not in the specification."""
    seen = list[tuple[Request, Reply]]()
    server.watch = lambda request, reply: seen.append((request, reply))
    try:
        yield seen
    finally:
        server.watch = None
    faults = [fault for request, reply in seen for fault in spec.faults(request, reply)]
    assert not faults, "\n".join(dict.fromkeys(faults))
