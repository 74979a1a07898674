"""Whatever people write over a mapping: it is refused by its place, or reads an order, or refuses it by name."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.order_json import order_from_dict
from mappings.engine import OVERRIDES, Overrides, check_overrides, mapping, sources
from mappings.engine.shapes import READERS, SHAPES
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_mirakl import mirakl

PAYLOADS = {"woocommerce": woo(), "shopify": shopify_rest(), "mirakl": mirakl()}
PATHS = ("id", "total", "line_items[]", "line_items[].total", "$total", "$lines", "@zone", "/id", "billing", ".",
         "a | b", "meta_data[key=x]", "null", "", "status", "$quantity", "x y", "a..b")  # fmt: skip
WORDS = ("read", "const", "table", "first", "join", "list", "sum",
         "add", "multiply", "when", "call", "map", "make", "each",
         "from", "is", "with", "of", "column", "then", "otherwise", "key", "value", "unless", "required")  # fmt: skip
NAMES = ("status", "payment", "left", "shipped", "paid", "unit_price", "refunded", "rate", "nope")


def parts(value: Any) -> Iterator[Any]:
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(child)


@cache
def built_in() -> list[Any]:
    """All values in the files of some channels: what somebody might copy to another place."""
    files = [yaml.safe_load(text) for name in (*PAYLOADS, "ebay", "x12") for text in sources(name).texts.values()]
    return [part for file in files for part in parts(file)]


LEAVES = st.sampled_from((*PATHS, *NAMES, 5, True, None)) | st.deferred(lambda: st.sampled_from(built_in()))
KINDS = st.sampled_from((*READERS, "texts", "lines", "nope"))
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(
            lambda found, kind: found | ({"as": kind} if kind else {}),
            st.dictionaries(st.sampled_from(WORDS), inner, min_size=1, max_size=3),
            st.none() | KINDS,
        )
    ),
    max_leaves=5,
)
FIELDS = st.sampled_from((*SHAPES["order"].fields, "zzz"))
LINE = st.dictionaries(st.sampled_from(tuple(SHAPES["lines"].fields)), EXPRESSIONS, min_size=1, max_size=2)
ORDERS = st.dictionaries(FIELDS, EXPRESSIONS, max_size=2) | st.builds(lambda line: {"lines": {"make": line}}, LINE)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(channel=st.sampled_from(tuple(PAYLOADS)), order=ORDERS)
@example("woocommerce", {"channel": "."})
def test_overrides_are_refused_by_their_place_or_read_orders(channel: str, order: dict[str, Any]) -> None:
    text = yaml.safe_dump({"order": copy.deepcopy(order)})
    overrides = Overrides.of({"files": {"orders": text}})
    try:
        check_overrides(channel, overrides)
    except Misconfigured as mistake:
        assert re.match(r"\S.*?:\d+:\d+: \S", str(mistake)), mistake
        return
    try:
        found = mapping(channel, "orders")(copy.deepcopy(PAYLOADS[channel]), {OVERRIDES: overrides.to_text()})
    except BadRecord as bad:
        assert bad.field and bad.why
        return
    assert order_from_dict(json.loads(json.dumps(found.to_dict()))) == found


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=60) | st.text("abcorde:r[]{}-&*!|> \n'\"#,", max_size=60))
def test_any_text_at_all_is_refused_by_its_place_or_fine(text: str) -> None:
    try:
        check_overrides("woocommerce", Overrides.of({"files": {"orders": text}}))
    except Misconfigured as mistake:
        assert re.match(r"orders\.yaml \(yours\):\d+:\d+: \S", str(mistake)), mistake


CELLS = st.text(max_size=8) | st.sampled_from(("open", "paid", "", " ", "x,y", "OPEN"))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.lists(CELLS, max_size=5), max_size=4))
def test_any_rows_at_all_are_refused_by_their_place_or_fine(rows: list[list[str]]) -> None:
    try:
        check_overrides("woocommerce", Overrides.of({"tables": {"status": rows}}))
    except Misconfigured as mistake:
        found = re.match(r"tables/status\.csv \(yours\):(\d+):\d+: \S", str(mistake))
        assert found and 1 <= int(found[1]) <= len(rows), mistake
