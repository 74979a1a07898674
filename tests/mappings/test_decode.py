"""Bytes to exact data: encodings, numbers, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.errors import BadRecord
from mappings.engine import decode_json
from mappings.engine.decode import decode_odd

TEXT = '{"name": "Schön", "id": 820982911946154508, "price": 0.10}'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_every_encoding_gives_the_same_exact_data(encoding: str) -> None:
    assert decode_json(TEXT.encode(encoding)) == {"name": "Schön", "id": 820982911946154508, "price": Decimal("0.10")}


def test_bytes_that_no_known_encoding_has_are_refused_and_become_no_control_characters() -> None:
    with pytest.raises(BadRecord) as caught:
        decode_json('{"name": "スー"}'.encode("shift_jis"))
    assert caught.value.why == "cannot be read as utf-8 or Windows-1252: byte 12 is wrong; send UTF-8"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("张三", "gbk"), ("“北京市”", "gbk"), ("北京", "gb18030"), ("서울", "euc_kr"), ("東京", "euc_jp")],
)
def test_letters_of_two_bytes_are_never_read_as_two_letters(text: str, encoding: str) -> None:
    with pytest.raises(BadRecord, match="cannot be read as utf-8: byte 10 is wrong; send UTF-8"):
        decode_json(f'{{"name": "{text}"}}'.encode(encoding))


@pytest.mark.parametrize(
    "text", ["Größe", "Übergrößenträger", "Señor Muñoz", "Façade à côté", "Smørrebrød", "5 °C, ½ £"]
)
def test_accents_of_windows_are_still_read(text: str) -> None:
    assert decode_json(f'{{"name": "{text}"}}'.encode("cp1252")) == {"name": text}


def test_numbers_keep_every_digit() -> None:
    found = decode_json(b"[1.10, 123456789012345678901234567890, 1e400, 0.1000000000000000055511151231257827]")
    assert [str(each) for each in found] == [
        "1.10", "123456789012345678901234567890", "1E+400", "0.1000000000000000055511151231257827",
    ]  # fmt: skip
    assert not any(isinstance(each, float) for each in found)


@pytest.mark.parametrize(
    ("_case", "raw", "why"),
    [
        ("nothing", b"", "the document is empty"),
        ("blanks and zero bytes", b" \n\x00\x00", "the document is empty"),
        ("cut", b'{"a": ', "not valid JSON: Expecting value at line 1 column 7"),
        ("two documents", b"{} {}", "not valid JSON: Extra data at line 1 column 4"),
        ("not a number", b'{"a": NaN}', "NaN and Infinity are no numbers of JSON"),
        ("infinite", b"[-Infinity]", "NaN and Infinity are no numbers of JSON"),
        ("a nesting bomb", b"[" * 100_000, "nested too deeply to be an order"),
        ("a digit bomb", b"[" + b"9" * 5000 + b"]", "holds a number with too many digits"),
        ("an exponent bomb", b"[1e99999999999999999999]", "a number out of all bounds"),
    ],
)
def test_what_cannot_be_read_is_one_bad_record(_case: str, raw: bytes, why: str) -> None:
    with pytest.raises(BadRecord) as caught:
        decode_json(raw)
    assert caught.value.why == why


def test_a_picture_is_no_order() -> None:
    with pytest.raises(BadRecord):
        decode_json(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")


TEXTS = st.text(st.sampled_from('ab":,{}\\ \n\t/é中'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(TEXTS, inner), max_size=4),
)
"""A list of pairs is written as an object, in which keys may stand twice."""


def _written(value: Any, blank: str, ascii_only: bool) -> str:
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        pairs = [
            f"{json.dumps(key, ensure_ascii=ascii_only)}{blank}:{_written(each, blank, ascii_only)}"
            for key, each in value
        ]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(each, blank, ascii_only) for each in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def _read(read: Any, raw: bytes) -> str:
    try:
        return repr(read(raw))
    except BadRecord as refused:
        return str(refused)


@given(VALUES, st.sampled_from(["", " ", "\n"]), st.booleans())
def test_the_quick_way_reads_what_the_thorough_one_reads(value: Any, blank: str, ascii_only: bool) -> None:
    raw = _written(value, blank, ascii_only).encode()
    assert _read(decode_json, raw) == _read(decode_odd, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}', b'{"a":1,"a" :2}', b'{"b":"\\u0022:","a":1,"a":2}', b'{"b":"\\"\\u003a","a":1,"a":2}',
        b'{"b":"\\"\\u003A","a":1,"a":2}', b'{"b"\t:1,"a":1,"a":2}', b'[{"x":{"a":1,"a":"2"}}]',
    ],
)  # fmt: skip
def test_a_key_told_twice_is_never_a_guess(raw: bytes) -> None:
    with pytest.raises(BadRecord, match="stands twice in one object, before as '1': send one"):
        decode_json(raw)
