"""The part of JSON Schema that the platforms' specifications use, with one rule more: unknown fields are faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

Json = dict[str, Any]
_CHECKED = {
    "type", "properties", "required", "items", "enum", "const", "allOf", "oneOf", "anyOf", "not", "nullable", "pattern",
    "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "multipleOf", "format", "$ref",
}  # fmt: skip
_WORDS_ONLY = {
    "description", "title", "example", "examples", "default", "xml", "readOnly", "writeOnly", "deprecated",
    "discriminator", "externalDocs", "name", "in", "allowEmptyValue", "collectionFormat", "allowReserved", "$comment",
    "summary", "style", "explode", "schema",
}  # fmt: skip
"""Keywords that forbid nothing; `required: true` of a Swagger 2 parameter is its operation's business."""
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value),
}
_LIMITS: Mapping[str, tuple[type | tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "minimum": ((int, float), lambda value, limit: value >= limit),
    "maximum": ((int, float), lambda value, limit: value <= limit),
    "multipleOf": ((int, float), lambda value, limit: value % limit == 0),
    "minLength": (str, lambda value, limit: len(value) >= limit),
    "maxLength": (str, lambda value, limit: len(value) <= limit),
    "pattern": (str, lambda value, limit: re.search(limit, value) is not None),
    "minItems": (list, lambda value, limit: len(value) >= limit),
    "maxItems": (list, lambda value, limit: len(value) <= limit),
    "minProperties": (dict, lambda value, limit: len(value) >= limit),
    "maxProperties": (dict, lambda value, limit: len(value) <= limit),
    "uniqueItems": (list, lambda value, limit: not limit or all(x not in value[:at] for at, x in enumerate(value))),
    "enum": (object, lambda value, limit: value in limit),
    "const": (object, lambda value, limit: value == limit),
}


def _is_time(read: Callable[[str], Any]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return check


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": _is_time(datetime.fromisoformat),
    "date": _is_time(date.fromisoformat),
    "uuid": lambda text: re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None,
}


class Schemas:
    """The schemas of one document; `$ref` points into it."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def resolved(self, node: Json) -> Json:
        """The node itself, or what it refers to. Raises ValueError: there is nothing at that place."""
        while "$ref" in node:
            place, node = node["$ref"], self._document
            for step in place.removeprefix("#/").split("/"):
                name = step.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
                if not place.startswith("#/") or name not in node:
                    raise ValueError(f"the specification refers to {place}, which it does not have")
                node = node[name]
        return node

    def faults(self, value: Any, schema: Json, place: str) -> Iterator[str]:
        """What is wrong with a decoded JSON value, each with its place. Raises ValueError: an unknown keyword."""
        schema = self._flat(schema)
        if value is None and schema.get("nullable"):
            return
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if kinds and not any(_KINDS[kind](value) for kind in kinds):
            yield f"{place}: expected {' or '.join(kinds)}, found {_shown(value)}"
            return
        yield from _limits(value, schema, place)
        yield from self._choices(value, schema, place)
        if isinstance(value, dict):
            yield from self._object(value, schema, place)
        elif isinstance(value, list) and "items" in schema:
            for at, item in enumerate(value):
                yield from self.faults(item, schema["items"], f"{place}[{at}]")

    def faults_of_text(self, text: str, schema: Json, place: str) -> Iterator[str]:
        """The same for a value of an address: "7" is a good integer; a list is looked at item by item."""
        schema = self._flat(schema)
        kind = schema.get("type")
        if kind == "array":
            for item in text.split(","):
                yield from self.faults_of_text(item, schema.get("items", {}), place)
        elif kind == "boolean" and text not in {"true", "false", "1", "0"}:
            yield f"{place}: expected true or false, found {text!r}"
        elif kind in {"integer", "number"}:
            if not re.fullmatch(r"-?\d+" if kind == "integer" else r"-?\d+(\.\d+)?", text):
                yield f"{place}: expected {kind}, found {text!r}"
            else:
                yield from self.faults(float(text) if "." in text else int(text), schema, place)
        elif kind == "string":
            yield from self.faults(text, schema, place)

    def _flat(self, schema: Json) -> Json:
        """The schema with `allOf` put together."""
        schema = self.resolved(schema)
        unknown = {key for key in schema if not key.startswith("x-")} - _CHECKED - _WORDS_ONLY
        if unknown:
            raise ValueError(f"a schema says {', '.join(sorted(unknown))}, which this checker does not know")
        for part in schema.get("allOf", ()):
            schema = _merged(self._flat(part), schema)
        return schema

    def _choices(self, value: Any, schema: Json, place: str) -> Iterator[str]:
        for word in ("oneOf", "anyOf"):
            found = [list(self.faults(value, each, place)) for each in schema.get(word, ())]
            if found and all(found):
                yield from min(found, key=len)
        if "not" in schema and not list(self.faults(value, schema["not"], place)):
            yield f"{place}: it is what the specification rules out"

    def _object(self, value: Json, schema: Json, place: str) -> Iterator[str]:
        """Fields of an object. One that the schema does not name is a fault, unless it names none at all."""
        needed = schema.get("required")
        for name in needed if isinstance(needed, list) else ():
            if name not in value:
                yield f"{place}.{name}: it is required"
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", not known)
        for name, child in value.items():
            if name in known:
                yield from self.faults(child, known[name], f"{place}.{name}")
            elif isinstance(rest, dict):
                yield from self.faults(child, rest, f"{place}.{name}")
            elif not rest and not self._is_choice(name, schema):
                yield f"{place}.{name}: the specification does not know it"

    def _is_choice(self, name: str, schema: Json) -> bool:
        """Whether one of the alternatives names it; they check its value themselves."""
        choices = [self._flat(each) for word in ("oneOf", "anyOf") for each in schema.get(word, ())]
        return any(name in each.get("properties", {}) for each in choices)


def _merged(base: Json, more: Json) -> Json:
    both = {**base, **{key: value for key, value in more.items() if key != "allOf"}}
    both["properties"] = {**base.get("properties", {}), **more.get("properties", {})}
    both["required"] = [*_names(base), *_names(more)]
    return both


def _names(schema: Json) -> list[str]:
    needed = schema.get("required")
    return needed if isinstance(needed, list) else []


def _limits(value: Any, schema: Json, place: str) -> Iterator[str]:
    for word, (kind, fits) in _LIMITS.items():
        if word in schema and isinstance(value, kind) and not fits(value, schema[word]):
            yield f"{place}: {word} {schema[word]!r} does not allow {_shown(value)}"
    yield from _bounds(value, schema, place)
    check = _FORMATS.get(schema.get("format", ""))
    if check and isinstance(value, str) and not check(value):
        yield f"{place}: expected a {schema['format']}, found {_shown(value)}"


def _bounds(value: Any, schema: Json, place: str) -> Iterator[str]:
    """`exclusiveMinimum` and `exclusiveMaximum`: a flag beside the bound (3.0), or the bound itself (3.1)."""
    for word, inclusive, sign in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound = schema.get(word)
        bound = schema.get(inclusive) if bound is True else bound
        if bound is not None and bound is not False and _KINDS["number"](value) and sign * (value - bound) <= 0:
            yield f"{place}: {word} {bound!r} does not allow {_shown(value)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
