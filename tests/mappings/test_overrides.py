"""What a connection says differently: laid over the built-in mapping, checked like it, and read by every order."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.order import OrderStatus
from mappings.engine import OVERRIDES, Overrides, check_overrides, compiled, mapping, table
from tests.mappings.payloads import woo

READ = mapping("woocommerce", "orders")


def settings(files: dict[str, str] | None = None, tables: dict[str, Any] | None = None) -> dict[str, str]:
    return {OVERRIDES: Overrides.of({"files": files or {}, "tables": tables or {}}).to_text()}


def test_a_field_is_replaced_and_all_others_stay() -> None:
    before = READ(woo(), {}).to_dict()
    after = READ(woo(), settings({"orders": "order:\n  note: {const: call first}\n"})).to_dict()
    assert {name for name in before if before[name] != after[name]} == {"note"}
    assert after["note"] == "call first"


def test_fields_below_make_are_replaced_one_by_one() -> None:
    before = READ(woo(), {})
    over = "order:\n  ship_to: {make: {company: {const: Dock 3}}}\n  lines: {make: {uom: {const: EA}}}\n"
    after = READ(woo(), settings({"orders": over}))
    assert before.ship_to and after.ship_to
    assert (after.ship_to.company, after.ship_to.name) == ("Dock 3", before.ship_to.name)
    assert [line.uom for line in after.lines] == ["EA"] * len(before.lines)
    assert [line.total for line in after.lines] == [line.total for line in before.lines]


def test_extra_is_laid_over_key_by_key_and_null_takes_a_field_out() -> None:
    over = "order:\n  note: null\n  extra: {gift: {read: status}}\n"
    payload = {**woo(), "customer_note": "ring twice"}
    before, after = READ(payload, {}), READ(payload, settings({"orders": over}))
    assert before.note == "ring twice" and after.note is None
    assert after.extra == {**before.extra, "gift": "processing"}


def test_a_row_of_ones_own_is_added_and_one_of_the_table_changed() -> None:
    rows = {"status": [["Awaiting-Pickup", "open", "paid", ""], ["processing", "closed", "paid", ""]]}
    with pytest.raises(BadRecord, match="unknown status"):
        READ({**woo(), "status": "awaiting-pickup"}, {})
    assert READ({**woo(), "status": "awaiting-pickup"}, settings(tables=rows)).status is OrderStatus.OPEN
    assert READ({**woo(), "status": "processing"}, settings(tables=rows)).status is OrderStatus.CLOSED
    assert READ({**woo(), "status": "processing"}, {}).status is OrderStatus.OPEN
    check_overrides("woocommerce", Overrides.of({"tables": rows}))


@pytest.mark.parametrize(
    ("_case", "body", "said"),
    [
        ("a field", {"files": {"orders": "order:\n  nite: {const: x}\n"}},
         "orders.yaml (yours):2:3: unknown key 'nite' (did you mean 'note'?); there are: "),
        ("a function", {"files": {"orders": "order:\n  note: {call: cry}\n"}},
         "orders.yaml (yours):2:16: no function 'cry' in functions.py; there are: "),
        ("a type", {"files": {"orders": "order:\n  lines: {make: {quantity: {const: many}}}\n"}},
         "orders.yaml (yours):2:36: 'many' is no quantity: "),
        ("YAML", {"files": {"orders": "order:\n  note: [a\n"}}, "orders.yaml (yours):3:1: "),
        ("the channel's name", {"files": {"orders": "channel: other\n"}}, "orders.yaml (yours):1:1: unknown key"),
        ("what must be there", {"files": {"orders": "order:\n  channel_ref: null\n"}},
         "orders.yaml (yours):2:3: 'channel_ref' is required here"),
        ("no such file", {"files": {"ordres": "order: {}\n"}},
         "ordres.yaml (yours):1:1: woocommerce has no such mapping"),
        ("no such table", {"tables": {"statis": [["a", "open"]]}},
         "tables/statis.csv (yours):1:1: no table 'statis' (did you mean 'status'?); there are: status"),
        ("a word", {"tables": {"status": [["x", "open", "paid", ""], ["y", "opne", "paid", ""]]}},
         "tables/status.csv (yours):2:2: 'opne' is no status (did you mean 'open'?); there are: open, "),
        ("cells", {"tables": {"status": [["x", "open"]]}},
         "tables/status.csv (yours):1:3: expected 4 cells, value, status, payment, fulfillment, found 2"),
        ("twice", {"tables": {"status": [["x", "open", "", ""], ["X", "open", "", ""]]}},
         "tables/status.csv (yours):2:1: expected a value not seen before: 'X' stands here a second time"),
        ("no value", {"tables": {"status": [[" ", "open", "", ""]]}}, "tables/status.csv (yours):1:1: expected"),
        ("another form", {"tables": {"status": [[1, "open"]]}}, "overrides:1:1: expected files as texts"),
        ("another key", {"rows": {}}, "overrides:1:1: expected an object with `files` and `tables`"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_column(_case: str, body: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        check_overrides("woocommerce", Overrides.of(body))
    assert str(caught.value).startswith(said)


def test_values_that_a_function_cannot_use_are_told_as_a_fault_of_the_record() -> None:
    over = settings({"orders": "order:\n  total: {call: left, with: [{const: a}, {const: b}]}\n"})
    with pytest.raises(BadRecord, match="overrides of this connection"):
        READ(woo(), over)


def test_without_overrides_a_mapping_is_what_it_was() -> None:
    empty = Overrides.of({"files": {"orders": "  "}, "tables": {"status": []}})
    assert empty == Overrides() and Overrides.of(empty.to_dict()) == empty
    assert READ(woo(), {OVERRIDES: empty.to_text()}) == compiled("woocommerce", "orders").run(woo(), {})


def test_what_a_connector_sends_is_looked_up_in_rows_of_ones_own_too() -> None:
    mine = settings(tables={"carriers": [["Our Van", "YUNDA"], ["顺丰", "SFKY"]]})
    check_overrides("taobao", Overrides.of({"tables": {"carriers": [["Our Van", "YUNDA"]]}}))
    own, built_in = table("taobao", "carriers", mine).rows, table("taobao", "carriers", {}).rows
    assert (own["our van"], own["顺丰"], own["sf express"]) == ({"code": "YUNDA"}, {"code": "SFKY"}, {"code": "SF"})
    assert "our van" not in built_in and built_in["顺丰"] == {"code": "SF"}
