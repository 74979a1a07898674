"""The mapping language: the documented example, each operation, and mistakes told with line and column."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.order import Order
from mappings.engine import compile_mapping, compiled, decode_json, mapping
from mappings.engine.tables import Table

HEAD = "channel: test\norder:\n  channel_ref: id\n  lines: {each: 'items[]', make: {channel_ref: id, quantity: qty}}\n"


def run(fields: str, payload: dict[str, Any], **settings: str) -> Order:
    """Map one payload with the given fields added to an order without lines."""
    tables = {"state": "value,status,payment\nnew,open,unpaid\ndone,closed,\n"}

    def shout(value: Any, field: str) -> str:
        return f"{field}={value}!"

    compiled_mapping = compile_mapping(HEAD + fields, "test.yaml", tables, {"shout": shout, "double": lambda x: x * 2})
    return compiled_mapping.run({"id": 1, **payload}, settings)


def extra(expression: str, payload: dict[str, Any], **settings: str) -> Any:
    """What one expression gives, put into `extra`; None where it is unknown."""
    return run(f"  extra:\n    x: {expression}\n", payload, **settings).extra.get("x")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language in a Markdown text."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def known(value: Any) -> Any:
    """The value without what is null or empty in it."""
    if isinstance(value, dict):
        return {key: known(child) for key, child in value.items() if child not in (None, [], {})}
    return [known(child) for child in value] if isinstance(value, list) else value


def test_the_documented_example_does_what_it_says(repo_root: Path) -> None:
    text = (repo_root / "docs" / "mappings.md").read_text("utf-8")
    payload, order = blocks(text, "json")
    read = compile_mapping(blocks(text, "yaml")[0], "shelfmart.yaml", {"state": blocks(text, "csv")[0]}).run
    got = read(decode_json(payload.encode()), {"zone": "Europe/Berlin"})
    assert known(got.to_dict()) == json.loads(order)


def test_every_operation_and_kind_is_documented(repo_root: Path) -> None:
    from mappings.engine.operations import OPERATIONS
    from mappings.engine.shapes import READERS

    text = (repo_root / "docs" / "mappings.md").read_text("utf-8")
    assert [name for name in OPERATIONS if f"{name}:" not in text] == []
    assert [kind for kind in READERS if f"`{kind}`" not in text] == []


@pytest.mark.parametrize(
    ("expression", "payload", "expected"),
    [
        ("a.b", {"a": {"b": 7}}, "7"),
        ("a.b", {"a": None}, None),
        ("a.b", {"a": []}, None),
        ("a | b", {"a": " ", "b": "two"}, "two"),
        ('"l[].x"', {"l": [{"x": None}, {"x": "one"}, {"x": "two"}]}, "one"),
        ('"l[k=b].x"', {"l": [{"k": "a", "x": 1}, {"k": "B", "x": 2}]}, "2"),
        ('"l[k!=a].x"', {"l": [{"k": "a", "x": 1}, {"x": 3}]}, "3"),
        ('"@word"', {}, "set"),
        ("{const: 'true', as: flag}", {}, True),
        ("{first: [a, {const: z}]}", {}, "z"),
        ("{join: [a, b], with: '-'}", {"a": "1", "b": "2"}, "1-2"),
        ("{join: [a, b]}", {"a": " ", "b": None}, None),
        ("{list: [a, b, 'l[]']}", {"a": "1", "l": ["2", None, "3"]}, ["1", "2", "3"]),
        ("{sum: 'l[].x', as: money}", {"l": [{"x": "0.10"}, {"x": 0.2}, {"x": None}]}, "0.30"),
        ("{sum: 'l[].x', as: money}", {}, None),
        ("{sum: 'l[].x', as: money}", {"l": [{}]}, None),
        ("{sum: 'l[].m[].x', as: number}", {"l": [{"m": [{"x": 1}]}, {"m": [{"x": 2}, {"x": 3}]}]}, "6"),
        ("{subtract: [{read: a, as: money}, {read: b, as: money}]}", {"a": "1.00", "b": "0.10"}, "0.90"),
        ("{add: [{read: a, as: money}, {read: b, as: money}]}", {"a": "1.00"}, None),
        ("{when: a, then: b, otherwise: c}", {"a": "0", "b": 1, "c": 2}, "1"),
        ("{when: a, then: b, otherwise: c}", {"a": 0, "b": 1, "c": 2}, "2"),
        ("{when: a, is: 'true', then: b}", {"a": True, "b": 1}, "1"),
        ("{when: a, is: absent, then: {const: gone}}", {"a": None}, None),
        ("{when: a, is: absent, then: {const: gone}}", {}, "gone"),
        ("{when: a, differs_from: b, then: a}", {"a": 1, "b": 2}, "1"),
        ("{when: a, differs_from: b, then: a}", {"a": 1}, None),
        ("{when: a | b, is: absent, then: {const: gone}}", {"b": None}, None),
        ("{when: a | b, is: absent, then: {const: gone}}", {"c": 1}, "gone"),
        ("{when: a | b, is_not: absent, then: {const: there}}", {"b": None}, "there"),
        ("{when: {count: 'l[]'}, is: 1, then: {const: one}}", {"l": [{}]}, "one"),
        ("{read: {count: 'l[k=b]'}, as: number}", {"l": [{"k": "b"}, {"k": "a"}, {"k": "B"}]}, "2"),
        ("{read: {count: 'l[]'}, as: number}", {}, "0"),
        ("{read: {count: 'l[] | m[]'}, as: number}", {"l": [1], "m": [1, 2]}, "1"),
        ("{read: {count: 'l[] | m[]'}, as: number}", {"m": [1, 2]}, "2"),
        ("{read: {count: 'l[]', of: k, is: b}, as: number}", {"l": [{"k": "b"}, {"k": "a"}, {"k": "B"}, {}]}, "2"),
        ("{read: {count: 'l[]', of: {table: state, of: k, column: status}, is: open}, as: number}",
         {"l": [{"k": "new"}, {"k": "done"}]}, "1"),
        ("{marks: [a, b.c, d], is: 1}", {"a": "1", "b": {"c": 1}, "d": 2}, "a c"),
        ("{marks: [a, d], is: 1}", {"a": "0"}, None),
        ("{marks: [a, b, d]}", {"a": "0", "b": False, "d": []}, "a"),
        ("{call: double, with: [a]}", {"a": 4}, 8),
        ("{read: a.b, as: shout}", {"a": {"b": "hey"}}, "a.b=hey!"),
        ("{map: 'l[]', key: k, value: v, as: quantity, unless: w}", {"l": [{"k": "a", "v": 1, "w": "1.0"}]}, None),
        ("{map: 'l[]', key: k, value: v, as: quantity, unless: w}", {"l": [{"k": "b", "v": 2}]}, {"b": "2"}),
        ("{tally: 'l[]', key: k, of: n}",
         {"l": [{"k": 7, "n": 1}, {"k": 0, "n": 2}, {"k": 7, "n": 2}, {"k": 8}]}, {"7": "3"}),
        ("{tally: 'l[].m[]', key: 'x[k=a].v', of: n, as: number}",
         {"l": [{"m": [{"x": [{"k": "a", "v": 7}], "n": -1}]}]}, {"7": "-1"}),
        ("{tally: 'l[]', key: k, of: n}", {}, None),
        ("{pairs: 'l[v!=1]', of: [a, b]}", {"l": [{"a": 1, "b": "2"}, {"v": True, "a": 3}, {"v": 1, "a": 4}]},
         [["1", "2"], ["3", None]]),
        ("{latest: [a, 'l[].m[].t'], as: utc}",
         {"a": "2026-01-01T00:00:00Z", "l": [{"m": [{"t": "2026-01-03T00:00:00Z"}, {"t": ""}]}, {"m": [{}]}]},
         "2026-01-03T00:00:00Z"),
        ("{earliest: ['l[k=b].n', a], as: number}", {"a": 4, "l": [{"k": "a", "n": 1}, {"k": "b", "n": "3"}]}, "3"),
        ("{latest: [a, 'l[].t'], as: utc}", {"a": None}, None),
        ("{read: a, as: floated}", {"a": 21.989999999999998, "b": 1}, "21.99"),
        ("{read: a, as: floated}", {"a": "4.50"}, "4.50"),
        ("{from: a, make: {x: b, y: c}}", {"a": {"b": 1}}, {"x": "1"}),
        ("{from: 'l[].a[].b', make: {x: c}}",
         {"l": [{"a": [{"b": []}, {}]}, {"a": [{"b": {"c": 1}}, {"b": {"c": 2}}]}]}, {"x": "1"}),
        ("{from: 'l[k=b].a | m', make: {x: c}}", {"l": [{"k": "a", "a": {"c": 1}}], "m": {"c": 3}}, {"x": "3"}),
        ("{from: 'l[].a', make: {x: c}}", {"l": []}, None),
        ("{each: 'l[]', make: {x: b}}", {"l": [{"b": 1}, {}]}, [{"x": "1"}, {}]),
        ("{read: a, as: label}", {"a": "Tea &amp; Milk"}, "Tea & Milk"),
        ("{read: a, as: raw}", {"a": ["x\x00", {"k\ud800": "\r\n"}]}, ["x", {"k\ufffd": "\n"}]),
        ("{read: a, as: some_id}", {"a": 7}, "7"),
        ("{read: a, as: some_id}", {"a": "0"}, None),
        ("{read: a, as: cents}", {"a": "2990"}, "29.90"),
        ("{read: a, as: cents}", {"a": ""}, None),
        ("{read: a, as: epoch}", {"a": 1764547260}, "2025-12-01T00:01:00Z"),
        ("{read: a, as: epoch}", {"a": 0}, None),
        ("{first: [{read: a, as: some_id}, {read: b, as: some_id}]}", {"a": 0, "b": 8}, "8"),
        ("{read: a, as: country}", {"a": "deu"}, "DE"),
        ("{read: a, as: country}", {"a": "de"}, "DE"),
        ("{read: a, as: country}", {"a": "XYZ"}, "XYZ"),
        ("{read: a, as: utc}", {"a": "2026-01-01T00:00:00"}, "2026-01-01T00:00:00Z"),
        ("{read: a, as: time}", {"a": "2026-01-01T00:00:00"}, "2025-12-31T23:00:00Z"),
    ],
)  # fmt: skip
def test_an_expression_gives(expression: str, payload: dict[str, Any], expected: Any) -> None:
    payload = json.loads(json.dumps(payload), parse_float=Decimal)
    assert extra(expression, payload, word="set", zone="Europe/Berlin") == expected


def test_a_path_from_the_root_and_a_value_made_before_work_inside_a_list() -> None:
    fields = "  sub_orders: {each: 'items[]', make: {ref: /id, own: id}}\n"
    order = run(fields, {"items": [{"id": "a", "qty": 1}, {"id": "b", "qty": 2}]})
    assert order.sub_orders == ({"ref": "1", "own": "a"}, {"ref": "1", "own": "b"})


def test_what_is_wrong_in_the_first_item_of_a_list_is_named_by_its_place() -> None:
    fields = "  shipping: {from: 'l[].a', make: {amount: n}}\n"
    with pytest.raises(BadRecord) as refused:
        run(fields, {"l": [{}, {"a": {"n": "many"}}, {"a": {"n": "1"}}]})
    assert (refused.value.field, refused.value.value) == ("l[1].a.n", "many")


@pytest.mark.parametrize("items", [[{"id": "a", "qty": 1}], {"item": [{"id": "a", "qty": 1}]}])
def test_a_list_alone_in_an_object_is_the_list_where_the_file_says_so(items: object) -> None:
    read = compile_mapping(HEAD.replace("order:", "wrapped: [items, absent]\norder:", 1), "test.yaml").run
    assert [line.channel_ref for line in read({"id": 1, "items": items}, {}).lines] == ["a"]
    with pytest.raises(BadRecord, match=r"^items = .*: expected a list, found an object"):
        read({"id": 1, "items": {"item": [], "more": 1}}, {})


def test_an_object_around_a_list_is_refused_where_the_file_does_not_expect_it() -> None:
    with pytest.raises(BadRecord, match=r"^items = .*: expected a list, found an object"):
        run("", {"items": {"item": []}})


def test_a_file_may_name_the_zone_itself_and_no_setting_changes_it() -> None:
    text = HEAD.replace("order:", "zone: Asia/Shanghai\norder:", 1) + "  placed_at: at\n"
    read = compile_mapping(text, "test.yaml").run
    order = read({"id": 1, "at": "2026-11-23 08:00:00"}, {"zone": "Europe/Berlin", "Asia/Shanghai": "UTC"})
    assert order.placed_at == datetime(2026, 11, 23, tzinfo=UTC)
    with pytest.raises(Misconfigured, match=r"^test\.yaml:2:7: setting zone = 'Mars/Base': expected an IANA time zone"):
        compile_mapping(text.replace("Asia/Shanghai", "Mars/Base"), "test.yaml")


@pytest.mark.parametrize(
    ("settings", "total"),
    [({}, "12.50"), ({"digits": "0"}, "1250"), ({"digits": "3"}, "1.250"), ({"digits": " "}, "12.50")],
)
def test_amounts_may_be_whole_numbers_of_the_smallest_unit(settings: dict[str, str], total: str) -> None:
    text = (
        HEAD.replace("order:", "minor_units: digits\norder:")
        + "  total: {sum: 'l[].x'}\n  tax_total: {read: t, as: number}\n"
    )
    order = compile_mapping(text, "test.yaml", {}, {}).run(
        {"id": 1, "l": [{"x": 1000}, {"x": "250"}], "t": 7}, settings
    )
    assert (str(order.total), order.tax_total) == (total, 7)


def test_a_setting_that_is_no_number_of_decimals_is_named() -> None:
    text = HEAD.replace("order:", "minor_units: digits\norder:")
    with pytest.raises(Misconfigured, match="digits = '5': expected a number from 0 to 4"):
        compile_mapping(text, "test.yaml", {}, {}).run({"id": 1}, {"digits": "5"})


def test_an_object_of_which_nothing_is_known_is_null() -> None:
    fields = "  ship_to: {from: a, make: {name: n, lines: {list: [s]}}}\n"
    assert run(fields, {"a": {"n": "", "s": None}}).ship_to is None
    assert run(fields, {"a": {"s": "Road 1"}}).ship_to is not None


@pytest.mark.parametrize(
    ("_case", "fields", "place", "said"),
    [
        ("no such field", "  colour: x\n", "5:3", "unknown key 'colour'"),
        ("a bad path", "  number: a..b\n", "5:11", "is no path step"),
        ("a number", "  total: {multiply: [total, 2]}\n", "5:29",
         '2 reads a field of that name; a number that is always the same is {const: "2"}'),
        ("a bracket that stays open", "  note: 'a[b.c'\n", "5:9",
         "'a[b.c' is no path step; write name, name[] or name[key=value], or const: for a text that is always the"),
        ("a bad condition", "  number: 'l[x].y'\n", "5:11", "is no condition"),
        ("no such kind", "  number: {read: a, as: colour}\n", "5:18", "cannot read a value as 'colour'"),
        ("no operation", "  number: {reed: a}\n", "5:11", "expected a path or one of: add"),
        ("a key too many", "  number: {read: a, ass: text}\n", "5:21", "unknown key 'ass'"),
        ("no such table", "  status: {table: stat, of: a}\n", "5:19", "no table 'stat' (did you mean 'state'?)"),
        ("no such table for a function", "  note: {call: double, with: [{table: stat}]}\n", "5:39",
         "no table 'stat' (did you mean 'state'?)"),
        ("a table alone", "  note: {table: state}\n", "5:9", "a table needs `of: path`"),
        ("no such column", "  payment: {table: state, of: a, column: x}\n", "5:42", "has no column 'x'"),
        ("a status without a table", "  status: a\n", "5:11", "takes a table or a const"),
        ("a wrong constant", "  status: {const: ajar}\n", "5:19", "'ajar' is no status"),
        ("a wrong amount", "  total: {const: ten}\n", "5:18", "'ten' is no money"),
        ("no such function", "  number: {call: cry}\n", "5:18", "no function 'cry'"),
        ("a value not made yet", "  number: $total\n", "5:11", "$total is not made above this line"),
        ("count of what is half said", "  total: {count: 'l[]', of: k}\n", "5:10", "`of` and `is` go together"),
        ("count of no list", "  total: {count: a.b}\n", "5:18", "count takes a path with a list in it"),
        ("sum of no list", "  total: {sum: a.b}\n", "5:16", "sum takes a path with a list in it"),
        ("a condition without result", "  number: {when: a}\n", "5:11", "`when` needs `then`"),
        ("a required field", "  other_charges: {each: 'a[]', make: {amount: x}}\n", "5:38", "'kind' is required here"),
        ("a key twice", "  number: a\n  number: b\n", "6:3", "'number' is written twice"),
        ("broken YAML", "  number: [a\n", "6:1", "expected ',' or ']'"),
        ("text for an amount", "  total: {join: [a, b]}\n", "5:10", "expected a number here, this gives text"),
        ("a word for a time", "  placed_at: {const: soon}\n", "5:22", "'soon' is no time"),
        ("an amount for a text", "  note: {sum: 'a[].b', as: money}\n", "5:9", "expected text here"),
        ("texts that are summed", "  extra: {a: {add: [a, b]}}\n", "5:21", "expected a number here, this gives text"),
        ("numbers that are joined", "  note: {join: [{read: a, as: money}]}\n", "5:17", "expected text here"),
        ("too few values", "  number: {call: double}\n", "5:18", "double takes (x), not 0 values"),
        ("a map without a key", "  extra: {a: {map: 'a[]', value: b}}\n", "5:14", "`key:` is missing here"),
        ("a list for a table", "  status: {table: state, of: 'a[].b'}\n", "5:30", "expected a path to one value"),
        ("a made value as a source", "  ship_to: {from: $number, make: {name: a}}\n", "5:19", "into the payload"),
        ("a part as a value", "  shipping: {make: {method: a}}\n  extra: {a: $shipping}\n", "6:14", "a whole part"),
        ("a text for an object", "  buyer: {read: a, as: text}\n", "5:10", "expected `from: path` and `make:`"),
        ("an alias in itself", "  extra: &a {b: *a}\n", "1:1", "an alias that holds itself"),
        ("a character that YAML has not", "  number: a\x07\n", "5:12", "cannot stand in YAML"),
        ("nested without end", "  number: " + "{first: [" * 300 + "a" + "]}" * 300 + "\n", "1:1", "nested too deeply"),
        ("an object as a path", "  ship_to: address\n", "5:12", "expected `from: path`"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_with_line_and_column(_case: str, fields: str, place: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        run(fields, {})
    assert str(caught.value).startswith(f"test.yaml:{place}: ")
    assert said in str(caught.value)


def test_what_only_the_order_shows_is_refused_by_the_field() -> None:
    for fields in ("  total: {read: a, as: raw}\n", "  total: {add: [{read: a, as: raw}, b]}\n"):
        with pytest.raises(BadRecord) as caught:
            run(fields, {"a": "x", "b": "1"})
        assert (caught.value.value, caught.value.why) == ("x", "expected a number, found text")


def test_aliases_that_repeat_each_other_end() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
    )
    with pytest.raises(Misconfigured, match="more than 20000 values"):
        compile_mapping(bomb, "bomb.yaml")


def test_a_table_with_a_word_that_is_not_ours_is_told_with_its_line() -> None:
    text = HEAD + "  status: {table: t, of: a}\n"
    with pytest.raises(Misconfigured, match=r"^tables/t.csv:3:3: 'ajar' is no status"):
        compile_mapping(text, "test.yaml", {"t": "value,status\nx,open\ny,ajar\n"})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("  payment: {table: t, of: a}\n", "test.yaml:5:20: tables/t.csv has no column 'payment' (did you mean "
         "'paymnt'?); there are: status, paymnt"),
        ("  payment: {table: t, of: a, column: paid}\n",
         "test.yaml:5:38: tables/t.csv has no column 'paid'; there are: status, paymnt"),
    ],
)  # fmt: skip
def test_a_misspelt_heading_of_a_table_is_told_and_not_a_cell(fields: str, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        compile_mapping(HEAD + fields, "test.yaml", {"t": "value,status,paymnt\nx,open,paid\n"})
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("epoch", "2026-11-23", "expected seconds since 1970, found text: read a time as text with as: time"),
        ("epoch", {"at": 1}, "expected seconds since 1970, found an object: read a time as text with as: time"),
        ("epoch", 1.5, "expected seconds since 1970"),
        ("time", 1764547200, "expected a time as text, found a number: read seconds since 1970 with as: epoch"),
        ("utc", 1764547200, "expected a time as text, found a number: read seconds since 1970 with as: epoch"),
        ("time", "soon", "expected an ISO 8601 time such as 2026-11-23T08:00:00Z"),
    ],
)
def test_a_time_that_is_written_otherwise_is_told_with_its_reader(kind: str, value: Any, why: str) -> None:
    with pytest.raises(BadRecord) as refused:
        run(f"  placed_at: {{read: a, as: {kind}}}\n", {"a": value})
    assert (refused.value.field, refused.value.why) == ("a", why)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("x,open", "1: expected a value not seen before: 'x' stands here a second time"),
        ("y", "3: expected 2 cells, value, status, found 1"),
        (" ,open", "1: expected a value of the channel's in the first cell: it is empty"),
    ],
)
def test_a_table_with_a_row_too_short_or_twice_is_told_with_its_line(row: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        compile_mapping(HEAD, "test.yaml", {"t": f"value,status\nx,open\n{row}\n"})
    assert str(caught.value) == f"tables/t.csv:3:{said}"


def test_the_cells_of_a_table_are_what_their_field_takes() -> None:
    fields = "  tax_included: {table: m, of: mode}\n  total: {table: m, of: mode, column: fee}\n"
    read = compile_mapping(HEAD + fields, "t.yaml", {"m": "value,taxed,fee\nin,true,1.50\nout,no,\n"}).run
    orders = [read({"id": 1, "mode": mode}, {}) for mode in ("in", "OUT", None)]
    assert [order.tax_included for order in orders] == [True, False, None]
    assert [order.total for order in orders] == [Decimal("1.50"), None, None]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("value,taxed,fee\nin,maybe,1\n", "tables/m.csv:2:4: 'maybe' is no flag: expected true or false"),
        ("value,taxed,fee\nin,yes,much\n", "tables/m.csv:2:8: 'much' is no money: expected a number"),
    ],
)
def test_a_cell_that_its_field_does_not_take_is_told_with_its_place(table: str, why: str) -> None:
    fields = "  tax_included: {table: m, of: mode}\n  total: {table: m, of: mode, column: fee}\n"
    with pytest.raises(Misconfigured, match=f"^{re.escape(why)}"):
        compile_mapping(HEAD + fields, "t.yaml", {"m": table})


RANKED = "channel: test\ntables: {t: {rank: whole, side: [left, right]}}\n" + HEAD.partition("\n")[2]
SIDES = "value,rank,side\na,2,left\nb,1,right\nc,,\n"


def best(codes: list[str], sides: Table) -> str | None:
    return min(codes, key=lambda code: sides.cell(code, "rank") or 9, default=None)


def test_a_function_is_given_a_whole_table_whose_cells_are_what_the_file_says() -> None:
    text = RANKED + "  number: {call: best, with: [codes, {table: t}]}\n"
    run = compile_mapping(text, "test.yaml", {"t": SIDES}, {"best": best}).run
    assert [run({"id": 1, "codes": codes}, {}).number for codes in (["A", "b"], ["c", "a"], ["x"], [])] == [
        "b", "a", "x", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "body", "said"),
    [
        ("{t: {rank: whole}}", "value,rank\na,0\n",
         "tables/t.csv:2:3: '0' cannot be a cell of rank: use a whole number from 1 on"),
        ("{t: {zone: zone}}", "value,zone\na,Mars\n",
         "tables/t.csv:2:3: 'Mars' cannot be a cell of zone: use an IANA name such as America/Chicago"),
        ("{t: {side: [left, right]}}", "value,side\na,up\n",
         "tables/t.csv:2:3: 'up' cannot be a cell of side: there are: left, right"),
        ("{t: {side: text}}", "value,side\na,up\n",
         "test.yaml:2:20: no kind 'text' of cells; there are: whole, zone, and lists of words"),
        ("{t: {sid: whole}}", "value,side\na,1\n",
         "test.yaml:2:14: unknown key 'sid' (did you mean 'side'?); there are: side"),
        ("{tt: {side: whole}}", "value,side\na,1\n", "test.yaml:2:10: no table 'tt'; there are: t"),
    ],
)  # fmt: skip
def test_what_a_file_says_of_cells_is_held_and_mistakes_are_told_by_their_place(
    tables: str, body: str, said: str
) -> None:
    text = f"channel: test\ntables: {tables}\n" + HEAD.partition("\n")[2]
    with pytest.raises(Misconfigured) as caught:
        compile_mapping(text, "test.yaml", {"t": body})
    assert str(caught.value) == said


def test_required_values_are_refused_where_they_are_missing() -> None:
    with pytest.raises(BadRecord, match=r"items\[1\]\.qty = 'null': is required"):
        run("", {"items": [{"id": 1, "qty": 1}, {"id": 2}]})
    with pytest.raises(BadRecord, match="a = 'null': is required"):
        run("  number: {read: a | b, required: true}\n", {})


def test_what_is_no_object_is_refused() -> None:
    payload: Any
    for payload in (None, [], "x", 5):
        with pytest.raises(BadRecord, match="expected an object"):
            compile_mapping(HEAD, "test.yaml").run(payload, {})


def test_a_mapping_is_compiled_once_and_its_source_can_be_read() -> None:
    assert mapping("shopify", "orders") is mapping("shopify", "orders")
    assert compiled("shopify", "orders").source.startswith("def mapping(doc, settings):\n")
    with pytest.raises(Misconfigured, match=r"no mapping shopify/colours.yaml"):
        mapping("shopify", "colours")


def test_amounts_are_exact_where_floats_are_not() -> None:
    payload = decode_json(b'{"id": 1, "l": [{"x": 0.1}, {"x": 0.2}]}')
    assert extra("{sum: 'l[].x', as: money}", payload) == "0.3"


@pytest.mark.parametrize("zero", ['"-0.00"', "-0.00", '" -0.00"', "-0.00e0"])
def test_nothing_is_never_below_zero(zero: str) -> None:
    payload = decode_json(f'{{"x": {zero}, "p": "-5.25", "n": 0}}'.encode())
    assert extra("{read: x, as: money}", payload) == "0.00"
    assert run("  total: {multiply: [{read: p, as: money}, {read: n, as: quantity}]}\n", payload).total == 0
    assert (
        run("  total: {multiply: [{read: p, as: money}, {read: n, as: quantity}]}\n", payload).to_dict()["total"]
        == "0.00"
    )
