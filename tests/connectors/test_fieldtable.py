"""A table of fields becomes a specification, which knows what stands in it and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from tests.connectors import fieldtable
from tests.connectors.openapi import Specification

TABLE = """
query: {key!: text, page: int}
answer: {code!: int, data: data}
calls:
  /order/list: {asks: {since!: int, tags: [text]}, gives: {list!: [order]}}
  /ping: {asks: {}}
shapes:
  place: {city!: text}
  order: {ref!: id, paid: flag, place: place, extra: any}
"""


@pytest.fixture
def table(tmp_path: Path) -> Specification:
    file = tmp_path / "fields.yaml"
    file.write_text(TABLE, encoding="utf-8")
    return fieldtable.load(file)


def faults(table: Specification, path: str, query: dict[str, str], asked: Any, told: Any) -> list[str]:
    body = json.dumps(asked).encode()
    request = Request("POST", path, query, {"content-type": "application/json"}, body)
    return [fault.removeprefix(f"POST {path}: ") for fault in table.faults(request, Reply.json(told))]


def test_what_stands_in_the_table_is_good(table: Specification) -> None:
    orders = [{"ref": 7, "paid": True, "place": {"city": "杭州"}, "extra": {"any": [1]}}, {"ref": "8"}]
    assert faults(table, "/order/list", {"key": "k"}, {"since": 1}, {"code": 0, "data": {"list": orders}}) == []
    assert faults(table, "/order/list", {"key": "k", "page": "2"}, {"since": 1, "tags": ["a"]}, {"code": 9}) == []
    assert faults(table, "/ping", {"key": "k"}, {}, {"code": 0, "data": None}) == []


@pytest.mark.parametrize(
    ("query", "asked", "told", "fault"),
    [
        ({}, {"since": 1}, {"code": 0}, "query key: it is required"),
        ({"key": "k", "x": "1"}, {"since": 1}, {"code": 0}, "query x: the specification does not know it"),
        ({"key": "k"}, {}, {"code": 0}, "body.since: it is required"),
        ({"key": "k"}, {"since": "1"}, {"code": 0}, "body.since: expected integer, found '1'"),
        ({"key": "k"}, {"since": 1, "x": 1}, {"code": 0}, "body.x: the specification does not know it"),
        ({"key": "k"}, {"since": 1}, {"data": {"list": []}}, "answer 200.code: it is required"),
        ({"key": "k"}, {"since": 1}, {"code": 0, "data": {}}, "answer 200.data.list: it is required"),
        (
            {"key": "k"}, {"since": 1}, {"code": 0, "data": {"list": [{"ref": True}]}},
            "answer 200.data.list[0].ref: expected integer or string, found True",
        ),
        (
            {"key": "k"}, {"since": 1}, {"code": 0, "data": {"list": [{"ref": 1, "place": {"city": "A", "zip": 1}}]}},
            "answer 200.data.list[0].place.zip: the specification does not know it",
        ),
    ],
)  # fmt: skip
def test_what_does_not_is_a_fault(
    query: dict[str, str], asked: Any, told: Any, fault: str, table: Specification
) -> None:
    assert faults(table, "/order/list", query, asked, told) == [fault]


def test_a_call_that_asks_for_nothing_takes_nothing_but_an_empty_object(table: Specification) -> None:
    assert faults(table, "/ping", {"key": "k"}, {"x": 1}, {"code": 0}) == ["body.x: the specification does not know it"]


def test_a_kind_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    file.write_text(TABLE.replace("since!: int", "since!: seconds"), encoding="utf-8")
    with pytest.raises(ValueError, match="no kind or shape is named 'seconds'"):
        fieldtable.load(file)
