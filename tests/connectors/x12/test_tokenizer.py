"""Separators, encodings and line breaks: the same order comes out of every shape."""

from __future__ import annotations

import codecs
import itertools

import pytest

from connectors.x12.orders import read_orders
from connectors.x12.tokenizer import MAX_BYTES, Chunk, chunks
from hub.canonical.errors import BadRecord
from tests.connectors.x12.papers import group, interchange, one_order, plain, transaction

ROWS = one_order()
EXPECTED = read_orders(plain(ROWS), {})


def restyled(element: str, component: str, end: str) -> str:
    return "".join(row.replace("*", element).replace(">", component) + end for row in ROWS)


def test_the_plain_file_says_what_we_think_it_says() -> None:
    assert [order.channel_ref for order in EXPECTED] == ["DEALERGS:4711"]
    assert [(line.sku, str(line.quantity)) for line in EXPECTED[0].lines] == [("MUG-RED", "6"), ("TEA", "2")]


@pytest.mark.parametrize("element", ["*", "|", "~", "^", "\x1d", "\x1e", "\t", "+"])
@pytest.mark.parametrize("end", ["'", "\n", "\r\n", "\r", "\x1c", "\x15\r\n", "!\n", "\x85"])
def test_any_element_separator_goes_with_any_terminator(element: str, end: str) -> None:
    assert read_orders(restyled(element, ":", end).encode(), {}) == EXPECTED


@pytest.mark.parametrize("component", [">", ":", "\x1f", "<", "@", "\\"])
def test_any_component_separator_is_taken(component: str) -> None:
    assert read_orders(restyled("*", component, "~").encode(), {}) == EXPECTED


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", " ", "\n\t\t", "\n\n\n", "\x00", "\r\n  "])
def test_what_stands_between_segments_does_not_matter(between: str) -> None:
    assert read_orders(restyled("*", ">", "~" + between).encode(), {}) == EXPECTED


@pytest.mark.parametrize("width", [80, 79, 72, 60, 35, 1])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_wrapped_at_any_column_is_unwrapped(width: int, line_end: str) -> None:
    flat = restyled("*", ">", "~")
    wrapped = line_end.join(flat[at : at + width] for at in range(0, len(flat), width))
    assert read_orders(wrapped.encode(), {}) == EXPECTED


def test_two_interchanges_in_one_wrapped_stream_are_both_read() -> None:
    flat = restyled("*", ">", "~") * 2
    wrapped = "\r\n".join(flat[at : at + 80] for at in range(0, len(flat), 80))
    assert read_orders(wrapped.encode(), {}) == EXPECTED * 2


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"), (b"", "utf-8"), (b"", "latin-1"), (b"", "utf-16-le"), (b"", "utf-16-be"),
        (b"", "cp037"),
    ],
)  # fmt: skip
def test_encodings_are_told_apart(mark: bytes, encoding: str) -> None:
    raw = mark + restyled("*", ">", "~").encode(encoding)
    assert read_orders(raw, {}) == EXPECTED
    assert EXPECTED[0].ship_to is not None
    assert EXPECTED[0].ship_to.name == "Café Süd"


def test_ebcdic_with_its_own_line_end_is_read() -> None:
    raw = restyled("*", ">", "\n").encode("cp037").replace(b"\x25", b"\x15")
    assert read_orders(raw, {}) == EXPECTED


@pytest.mark.parametrize("junk", [b"\r\n  ", b"\x00\x00", b"$$REQUEST ID=ACME\r\n", b"-----\n", b"VISA*x "])
def test_junk_before_the_header_is_skipped(junk: bytes) -> None:
    assert read_orders(junk + plain(ROWS), {}) == EXPECTED


def test_a_lost_header_before_a_good_one_is_told_and_the_good_one_is_cut() -> None:
    raw = plain(ROWS)[3:] + plain(ROWS)
    found = list(chunks(raw))
    assert [type(each) for each in found] == [BadRecord, Chunk]
    assert isinstance(found[0], BadRecord)
    assert (found[0].field, found[0].why) == ("file", "segments before the first interchange header (ISA)")


def test_interchanges_with_different_separators_stand_side_by_side() -> None:
    styles = [("*", ">", "~"), ("|", ":", "\n"), ("\x1d", "\x1f", "\x1c"), ("~", "|", "\r\n")]
    raw = "".join(restyled(*style) for style in styles).encode()
    assert read_orders(raw, {}) == EXPECTED * 4
    assert [each.separators.element for each in chunks(raw) if isinstance(each, Chunk)] == ["*", "|", "\x1d", "~"]


def test_isa_as_a_value_starts_no_interchange() -> None:
    rows = one_order(body=("N1*ST*ISA*92*0085", "N4*ISA", "PO1*1*6*EA*1**VN*ISA"))
    (order,) = read_orders(plain(rows), {})
    assert order.ship_to is not None
    assert (order.ship_to.name, order.lines[0].sku) == ("ISA", "ISA")


def test_an_isa_without_padding_is_read() -> None:
    rows = [ROWS[0].replace("          ", "").replace("        ", "").replace("      ", ""), *ROWS[1:]]
    assert read_orders(plain(rows), {}) == EXPECTED


def test_an_isa_without_component_separator_is_read() -> None:
    rows = [ROWS[0].removesuffix(">"), *ROWS[1:]]
    assert read_orders(plain(rows), {}) == EXPECTED


def test_the_last_segment_needs_no_terminator() -> None:
    assert read_orders(plain(ROWS).rstrip(b"~\n"), {}) == EXPECTED


@pytest.mark.parametrize(
    ("raw", "field", "words"),
    [
        (b"", "file", "empty"), (b" \r\n\x1a", "file", "empty"), (b"\xff\xfeI", "file", "byte order mark"),
        (b"UNB+UNOA:1+A+B+1:1+1'", "file", "EDIFACT"), (b"<Order/>", "file", "XML"), (b'{"a": 1}', "file", "JSON"),
        (b"PK\x03\x04abc", "file", "ZIP"), (b"hello", "file", "no interchange header"),
        (bytes(range(256)), "file", "no interchange header"), (b"ISA", "ISA", "16 elements"),
        (b"ISA*00*x*00*x*ZZ*A*ZZ*B", "ISA", "16 elements"), (b"x" * (MAX_BYTES + 1), "file", "at most"),
        (plain(ROWS)[:100], "ISA", "16 elements"), (plain(ROWS)[:105], "ISA16", "terminator"),
        (plain(ROWS).replace(b"*P*>~", b"*P*>G"), "ISA16", "no letter"),
    ],
)  # fmt: skip
def test_what_is_no_x12_is_refused_with_a_reason(raw: bytes, field: str, words: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read_orders(raw, {})
    assert caught.value.field == field
    assert words in caught.value.why
    assert caught.value.value.isprintable()


def test_control_characters_never_reach_a_value() -> None:
    rows = one_order(body=("N1*ST*A\x00B\x07C", "PO1*1*6*EA*1**VN*X"))
    (order,) = read_orders(plain(rows), {})
    assert order.ship_to is not None
    assert order.ship_to.name == "ABC"


def test_every_combination_of_groups_and_transactions_is_read_in_order() -> None:
    for groups, each in itertools.product(range(1, 4), range(1, 4)):
        numbers = iter(range(1, 100))
        sets = [
            [transaction(f"{at:04}", f"BEG*00*SA*{next(numbers)}**20261120") for at in range(each)]
            for _ in range(groups)
        ]
        rows = interchange(*(group(*many, number=at) for at, many in enumerate(sets, 1)))
        assert [order.number for order in read_orders(plain(rows), {})] == [str(n) for n in range(1, groups * each + 1)]
