"""Tables out of strangers' files: delimiters, encodings, Excel, and files that were made to do harm."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import openpyxl
import pytest

from hub.canonical.errors import BadInput
from hub.usecases import read_sheet as module
from hub.usecases.import_rates import decoded
from hub.usecases.read_sheet import read_sheet


def excel(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def repacked(raw: bytes, part: str, body: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook with one part exchanged."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w", method) as new:
        for info in old.infolist():
            new.writestr(info.filename, body if info.filename == part else old.read(info))
    return made.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_whatever_its_delimiter_and_encoding(delimiter: str, code: str) -> None:
    text = f'货号{delimiter}数量{delimiter}备注\r\n\r\n茶A{delimiter}12{delimiter}"a{delimiter}b\r\nc"\r\nB{delimiter}3'
    assert read_sheet(text.encode(code)) == [
        (1, ["货号", "数量", "备注"]), (3, ["茶A", "12", f"a{delimiter}b\r\nc"]), (5, ["B", "3"]),
    ]  # fmt: skip


def test_the_delimiter_is_the_one_by_which_the_header_makes_sense() -> None:
    assert read_sheet(b"sku;note, long, very;qty\nA;x,y,z;3\n")[1] == (2, ["A", "x,y,z", "3"])


def test_an_excel_file_is_read_and_its_formulas_are_not_worked_out() -> None:
    raw = excel(
        ["sku", "quantity", "expires on"], ["A", 12, date(2026, 11, 30)], [None, None], [4006381333931, 3.0, None],
        ["B", "=1+1"], ["007", 2.5],
    )  # fmt: skip
    assert read_sheet(raw) == [
        (1, ["sku", "quantity", "expires on"]), (2, ["A", "12", "2026-11-30"]), (4, ["4006381333931", "3"]),
        (5, ["B", "=1+1"]), (6, ["007", "2.5"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"\xff\xfe\x00", "neither UTF-8 nor GBK"),
        (b"sku,qty\n\x80\xff,1\n", "neither UTF-8 nor GBK"),
        (b'sku,qty\nA,"1\n', r"line 2 cannot be read \(.*\): a quotation mark may be missing"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel file"),
        (b"PK\x03\x04rest", "damaged or not a workbook"),
        (b"sku,qty\n" + b"A," * 60 + b"A", "line 2: more than 50 columns"),
        (b"sku,qty\n" + b"A" * 1001 + b",1\n", "line 2: more than 50 columns, or over 1000 characters"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(raw: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_sheet(raw)


def test_a_file_that_is_too_large_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 20)
    with pytest.raises(BadInput, match="the file has 21 bytes; up to 20 are read: split it"):
        read_sheet(b"x" * 21)
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    assert len(read_sheet(b"sku,qty\nA,1\nB,1\nC,1\n")) == 4
    for raw in (b"sku,qty\nA,1\nB,1\nC,1\nD,1\n", excel(["sku", "qty"], *(["A", 1] for _ in range(4)))):
        with pytest.raises(BadInput, match="more than 3 rows: split it"):
            read_sheet(raw)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(excel(["sku", "qty"]), "xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert len(bomb) < 200_000
    started = time.perf_counter()
    with pytest.raises(BadInput, match="unpacks to far more than it should"):
        read_sheet(bomb)
    assert time.perf_counter() - started < 1


def test_a_workbook_of_thousands_of_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PARTS", 5)
    with pytest.raises(BadInput, match="unpacks to far more than it should"):
        read_sheet(excel(["sku", "qty"]))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_in_a_workbook_are_refused(part: str) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><worksheet>&a11;</worksheet>'
    started = time.perf_counter()
    with pytest.raises(BadInput, match="damaged or not a workbook"):
        read_sheet(repacked(excel(["sku", "qty"], ["A", "text"]), part, evil.encode()))
    assert time.perf_counter() - started < 1


def test_a_sheet_that_claims_a_million_rows_is_read_as_far_as_it_goes() -> None:
    raw = excel(["sku", "qty"], ["A", 3])
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    claimed = sheet.replace('ref="A1:B2"', 'ref="A1:XFD1048576"')
    assert claimed != sheet
    far = sheet.replace('r="A2"', 'r="A1048576"').replace('<row r="2"', '<row r="1048576"')
    assert read_sheet(repacked(raw, "xl/worksheets/sheet1.xml", claimed.encode()))[1] == (2, ["A", "3"])
    assert len(read_sheet(repacked(raw, "xl/worksheets/sheet1.xml", far.encode()))) == 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"%PDF-1.4\nsku,quantity\nA,1\n", "this is a PDF file, not a table: save the table as CSV UTF-8, or as .xlsx"),
        (b"\x89PNG\r\n\x1a\n\x00", "this is a PNG file, not a table: save the table as CSV UTF-8, or as .xlsx"),
        (b"\x00" * 200, "the file holds bytes that are no text: save the table as CSV UTF-8, or as .xlsx"),
        (
            b"sku,quantity\nA\x00B,1\n",
            "the file holds bytes that are no text: save the table as CSV UTF-8, or as .xlsx",
        ),
    ],
)
def test_a_binary_file_is_refused_in_one_line_that_names_it(raw: bytes, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_sheet(raw)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"%PDF-1.4\n", "r.csv is a PDF file, not a table: save the table as CSV UTF-8"),
        (b"\x00" * 9, "r.csv holds bytes that are no text: save the table as CSV UTF-8"),
        (b"\xff,\n", "r.csv is not UTF-8 text: save it as CSV UTF-8"),
    ],
)
def test_a_file_of_rates_that_is_no_text_is_refused_in_one_line(raw: bytes, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        decoded(raw, "r.csv")
    assert str(refused.value) == why
