"""Bytes to exact data: encodings, numbers, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.canonical.errors import BadRecord
from mappings.engine import decode_json

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
