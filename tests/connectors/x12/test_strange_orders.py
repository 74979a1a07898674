"""850s as dealers really write them: every date form, loop, price basis and count, with exact values or one refusal."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.x12.orders import read_orders
from hub.canonical.errors import BadRecord
from tests.connectors.x12.papers import BEG, HEAD, group, interchange, one_order, plain, replaced, transaction

LINE = "PO1*1*6*EA*12.50*PE*VN*A-1"
SECOND = "PO1*2*1*EA*5**VN*B-2"
HERE = ("N1*ST*Shop*92*7", "N3*Main St 1", "N4*Town*CA*90001*US")
ROWS = one_order(body=(LINE,))


def read(raw: bytes, **settings: str) -> list[dict[str, Any]]:
    """Canonical orders that survive being written as UTF-8 JSON."""
    orders = [order.to_dict() for order in read_orders(raw, settings)]
    return list(json.loads(json.dumps(orders, ensure_ascii=False).encode()))


def order(*body: str, beg: str = BEG, **settings: str) -> dict[str, Any]:
    (found,) = read(plain(one_order(beg, body or (LINE,))), **settings)
    return found


def refused(raw: bytes) -> tuple[str, str, str]:
    with pytest.raises(BadRecord) as caught:
        read_orders(raw, {})
    return caught.value.field, caught.value.value, caught.value.why


@pytest.mark.parametrize(
    ("rows", "zone", "ship_by", "deliver_by"),
    [
        (["DTM*010*20261130"], "", "2026-11-30T23:59:59Z", None),
        (["DTM*010*20261130"], "America/Chicago", "2026-12-01T05:59:59Z", None),
        (["DTM*010*261130"], "", "2026-11-30T23:59:59Z", None),
        (["DTM*010*961130***20"], "", "2096-11-30T23:59:59Z", None),
        (["DTM*010*20261130*1200"], "", "2026-11-30T12:00:00Z", None),
        (["DTM*010*20261130*1200"], "America/Chicago", "2026-11-30T18:00:00Z", None),
        (["DTM*010*20261130*1200*LT"], "America/Chicago", "2026-11-30T18:00:00Z", None),
        (["DTM*010*20261130*1200*ES"], "", "2026-11-30T17:00:00Z", None),
        (["DTM*010*20260730*1200*ET"], "", "2026-07-30T16:00:00Z", None),
        (["DTM*010*20261130*1200*UT"], "America/Chicago", "2026-11-30T12:00:00Z", None),
        (["DTM*010*20261130*1200*02"], "", "2026-11-30T10:00:00Z", None),
        (["DTM*010*20261130*1200*20"], "", "2026-11-30T17:00:00Z", None),
        (["DTM*010*20261130*12003050*PT"], "", "2026-11-30T20:00:30.500000Z", None),
        (["DTM*010*20261130*2400"], "", "2026-12-01T00:00:00Z", None),
        (["DTM*010****D8*20261130"], "", "2026-11-30T23:59:59Z", None),
        (["DTM*010****RD8*20261128-20261130"], "", "2026-11-30T23:59:59Z", None),
        (["DTM*010****DT*202611301530"], "", "2026-11-30T15:30:00Z", None),
        (["DTM*010*00000000"], "", None, None),
        (["DTM*010"], "", None, None),
        (["DTM*037*20261101", "DTM*ZZZ*never"], "", None, None),
        (["DTM*002*20261205", "DTM*001*20261206"], "", "2026-12-06T23:59:59Z", "2026-12-05T23:59:59Z"),
        (["DTM*074*20261205"], "", None, "2026-12-05T23:59:59Z"),
    ],
)
def test_deadlines_in_every_form(rows: list[str], zone: str, ship_by: str | None, deliver_by: str | None) -> None:
    found = order(*rows, LINE, zone=zone)
    assert (found["ship_by"], found["deliver_by"]) == (ship_by, deliver_by)


@pytest.mark.parametrize(
    ("body", "deliver_by"),
    [
        ([LINE, "DTM*002*20261201"], "2026-12-01T23:59:59Z"),
        ([LINE, "SCH*6*EA***002*20261201*0322"], "2026-12-01T03:22:00Z"),
        ([LINE, "SCH*6*EA***010*20261130**002*20261201"], "2026-12-01T23:59:59Z"),
        ([LINE, "DTM*002*20261201", SECOND, "SCH*1*EA***002*20261201"], "2026-12-01T23:59:59Z"),
        ([LINE, "DTM*002*20261201", SECOND, "DTM*002*20261202"], None),
        ([LINE, "DTM*002*20261201", SECOND], None),
        (["DTM*002*20261130", LINE, "DTM*002*20261201"], "2026-11-30T23:59:59Z"),
    ],
)
def test_a_deadline_that_all_lines_share_is_the_orders(body: list[str], deliver_by: str | None) -> None:
    assert order(*body)["deliver_by"] == deliver_by


@pytest.mark.parametrize(
    ("body", "field", "value", "why"),
    [
        (["DTM*010*20261330", LINE], "DTM[0].DTM02", "20261330", "expected a date as CCYYMMDD"),
        (["DTM*002*20261201", "DTM*010*2026113", LINE], "DTM[1].DTM02", "2026113", "expected a date as CCYYMMDD"),
        (["DTM*010*20261130*2460", LINE], "DTM[0].DTM03", "2460", "expected a time as HHMM"),
        (["DTM*010*20261130*noon", LINE], "DTM[0].DTM03", "noon", "expected a time as HHMM"),
        (["DTM*010*20261130*1200*QQ", LINE], "DTM[0].DTM04", "QQ",
         "unknown time code: add a row to tables/zones.csv"),
        (["DTM*010****D8*2026", LINE], "DTM[0].DTM06", "2026", "expected a date as CCYYMMDD"),
        ([LINE, SECOND, "SCH*1*EA***010*2026"], "PO1[1].SCH[0].SCH06", "2026", "expected a date as CCYYMMDD"),
        ([LINE, "DTM*010*20261399"], "PO1[0].DTM[0].DTM02", "20261399", "expected a date as CCYYMMDD"),
        (["SAC*C*D240***free", LINE], "SAC[0].SAC05", "free", "expected a number such as 19.90"),
        (["SAC*A*C310***-500", LINE], "SAC[0].SAC05", "-500",
         "an allowance below 0 may mean a charge: expected cents such as 500"),
        ([LINE, SECOND, "SAC*C*D500***1", "SAC*A*C310***x"], "PO1[1].SAC[1].SAC05", "x",
         "expected a number such as 19.90"),
        (["TXI*ST*1", "TXI*CT*x", LINE], "TXI[1].TXI02", "x", "expected a number such as 19.90"),
        ([LINE, "CTT*1", "AMT*TT*x"], "AMT[0].AMT02", "x", "expected a number such as 19.90"),
        ([LINE, "SDQ*EA*92*S1*1*S2*y"], "PO1[0].SDQ[0].SDQ06", "y", "expected a number such as 19.90"),
        (["CUR*BY*EURO", LINE], "CUR.CUR02", "EURO", "expected a currency of three letters such as EUR"),
        (["PO1*1**EA*5**VN*A"], "PO1[0].PO102", "null", "is required"),
        (["PO1*1*1,5*EA*5**VN*A"], "PO1[0].PO102", "1,5", "expected a number such as 19.90"),
        ([LINE, "PO1*2*-1*EA*5**VN*A"], "PO1[1].PO102", "-1", "expected a quantity of 0 or more"),
        (["PO1*1*1*EACH*5**VN*A"], "PO1[0].PO103", "EACH", "expected a unit of 2 characters such as EA"),
        (["PO1*1*1*EA*5.x**VN*A"], "PO1[0].PO104", "5.x", "expected a number such as 19.90"),
        (["PO1*1*1*EA*0.0000004**VN*A"], "PO1[0].PO104", "0.0000004",
         "below a millionth: expected an amount of 0, or of 0.000001 and more"),
        (["PO1*1*1*EA*0.00004*HP*VN*A"], "PO1[0].PO104", "0.00004",
         "below a millionth: expected an amount of 0, or of 0.000001 and more"),
        ([LINE, "CTT*1", "AMT*TT*0.0000001"], "AMT[0].AMT02", "0.0000001",
         "below a millionth: expected an amount of 0, or of 0.000001 and more"),
        (["N1*ST*X"], "PO1", "null", "expected at least one line (PO1)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_the_exact_element(body: list[str], field: str, value: str, why: str) -> None:
    assert refused(plain(one_order(body=body))) == (field, value, why)


@pytest.mark.parametrize(
    ("beg", "field", "value", "why"),
    [
        ("BEG**SA*4711**20261120", "BEG.BEG01", "null", "expected a purpose code such as 00"),
        ("BEG*04*SA*4711**20261120", "BEG.BEG01", "04",
         "unknown purposes: add a row to tables/purposes.csv, or the setting purposes.04=<a value it has>"),
        ("BEG*00*SA***20261120", "BEG.BEG03", "null", "expected a purchase order number"),
        ("BEG*00*SA*4711**20261320", "BEG.BEG05", "20261320", "expected a date as CCYYMMDD"),
        ("REF*DP*1", "BEG", "REF", "expected BEG, the beginning of a purchase order, right after ST"),
    ],
)  # fmt: skip
def test_a_broken_head_names_the_exact_element(beg: str, field: str, value: str, why: str) -> None:
    assert refused(plain(one_order(beg, (LINE,)))) == (field, value, why)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PO1**6*EA*12.50**VN*A", {"channel_ref": "1", "quantity": "6", "unit_price": "12.50", "total": "75.00"}),
        ("PO1*007*6*EA*12.50**VN*A", {"channel_ref": "007"}),
        ("PO1*1*.5*LB*5**VN*A", {"quantity": "0.5", "uom": "LB", "total": "2.5"}),
        ("PO1*1*6*ea*5**VN*A", {"uom": "EA"}),
        ("PO1*1*6**5**VN*A", {"uom": None, "total": "30"}),
        ("PO1*1*6*EA***VN*A", {"unit_price": None, "total": None}),
        ("PO1*1*6*EA*0**VN*A", {"unit_price": "0", "total": "0"}),
        ("PO1*1*0*EA*5**VN*A", {"quantity": "0", "total": "0"}),
        ("PO1*1*6*EA*5*XX*VN*A", {"unit_price": "5", "total": None}),
        ("PO1*1*6*EA*5*UM*VN*A", {"unit_price": "5", "total": "30"}),
        ("PO1*1*6*EA*500*HP*VN*A", {"unit_price": "5", "total": "30"}),
        ("PO1*1*6*EA*5**BP*B*UP*0123*VN*A", {"listing_ref": "A", "sku": "A"}),
        ("PO1*1*6*EA*5**vn*A", {"listing_ref": "A"}),
        ("PO1*1*6*EA*5****UP*0123", {"listing_ref": "0123"}),
        ("PO1*1*6*EA*5**VN", {"listing_ref": None, "sku": None}),
        ("PO1*1*6*EA*5", {"listing_ref": None}),
        ("PO1*1*6*EA*0.1234567891**VN*A", {"unit_price": "0.123457", "total": "0.740741"}),
    ],
)
def test_a_line_in_every_shape(line: str, expected: dict[str, Any]) -> None:
    (found,) = order(line)["lines"]
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("rows", "shipping", "charges", "discount", "total"),
    [
        (["SAC*C*D240***1250"], "12.50", [], None, "87.50"),
        (["SAC*C*D240***12.50"], "12.50", [], None, "87.50"),
        (["SAC*C**VI*FR01*99"], None, [("FR01", "0.99")], None, "75.99"),
        (["SAC*A*C310***500"], None, [], "5.00", "70.00"),
        (["SAC*A*C310****Z*5"], None, [], None, None),
        (["SAC*A*C310***500", "SAC*A*F800****Z*5"], None, [], None, None),
        (["SAC*C*G740******2.5*EA*4"], None, [], None, None),
        (["SAC*N*C310***700"], None, [], None, "75.00"),
        (["SAC*C*D240"], None, [], None, "75.00"),
    ],
)
def test_charges_are_cents_and_percentages_are_not_summed(
    rows: list[str],
    shipping: str | None,
    charges: list[tuple[str, str]],
    discount: str | None,
    total: str | None,
) -> None:
    found = order(*rows, LINE)
    assert (found["shipping"] or {"amount": None})["amount"] == shipping
    assert [(each["kind"], each["amount"]) for each in found["other_charges"]] == charges
    assert (found["discount_total"], found["total"]) == (discount, total)


def test_a_percentage_on_a_line_leaves_its_total_unknown_and_is_kept() -> None:
    found = order(LINE, "SAC*A*C310****Z*5", SECOND)
    assert [line["total"] for line in found["lines"]] == [None, "5"]
    assert found["total"] is None
    assert found["extra"]["unpriced"] == [{"SAC01": "A", "SAC02": "C310", "SAC06": "Z", "SAC07": "5"}]


def test_an_address_keeps_the_order_of_its_lines() -> None:
    found = order("N1*ST*Shop", "N2*Dept*Room 5", "N2*Desk", "N3*a*b", "N3*c*d", "N4*Town*CA*9*USA", LINE)["ship_to"]
    assert (found["company"], found["lines"]) == ("Dept, Room 5, Desk", ["a", "b", "c", "d"])
    assert (found["city"], found["region"], found["postal_code"], found["country"]) == ("Town", "CA", "9", "US")


def test_a_destination_that_all_lines_share_is_the_orders() -> None:
    found = order(LINE, *HERE, SECOND, *HERE)
    assert (found["ship_to"]["name"], found["ship_to"]["lines"]) == ("Shop", ["Main St 1"])
    assert found["extra"]["lines"]["2"]["places"] == {
        "ST": {"name": "Shop", "qualifier": "92", "id": "7", "lines": ["Main St 1"], "city": "Town", "region": "CA",
               "postal_code": "90001", "country": "US"}
    }  # fmt: skip


@pytest.mark.parametrize("other", [["N1*ST*Another"], []])
def test_lines_with_different_destinations_leave_the_orders_open(other: list[str]) -> None:
    assert order(LINE, *HERE, SECOND, *other)["ship_to"] is None


def test_the_heads_destination_counts_before_those_of_lines() -> None:
    assert order("N1*ST*Head", "N3*x", LINE, *HERE)["ship_to"]["name"] == "Head"


@pytest.mark.parametrize(
    ("rows", "name", "phone", "email"),
    [
        (["PER*IC*Jo*FX*1*TE*2*EM*j@example.com"], "Jo", "2", "j@example.com"),
        (["N1*BY*Co", "PER*OC*Jo*EM*j@example.com*TE*2"], "Jo", "2", "j@example.com"),
        (["N1*BT*Pay", "PER*BD*Jo"], "Jo", None, None),
        (["N1*BY*Co"], "Co", None, None),
    ],
)
def test_the_buyer_from_any_contact(rows: list[str], name: str, phone: str | None, email: str | None) -> None:
    buyer = order(*rows, LINE)["buyer"]
    assert (buyer["name"], buyer["phone"], buyer["email"]) == (name, phone, email)


def test_what_has_no_word_of_its_own_is_in_extra() -> None:
    extra = order(
        "REF*DP*1", "REF*DP*2", "REF*IA**words", "REF*DP*1", "DTM*037*20261101",
        LINE, "SLN*1**I*4*EA****UP*999*VN*P", "PID*F****Part", "SCH*6*EA***002*20261201",
    )["extra"]  # fmt: skip
    assert extra["references"] == {"DP": ["1", "2"], "IA": "words"}
    assert extra["dates"] == {"037": "20261101"}
    assert extra["lines"]["1"] == {
        "ids": {"VN": "A-1"}, "basis": "PE", "dates": {"002": "20261201"},
        "parts": [{"ids": {"UP": "999", "VN": "P"}, "quantity": "4", "uom": "EA"}],
    }  # fmt: skip
    assert extra["told_lines"] == "2"
    assert "told_lines" not in order(LINE, SECOND)["extra"]


@pytest.mark.parametrize("code", ["T", "P", "I"])
def test_only_a_test_interchange_is_marked(code: str) -> None:
    raw = plain(ROWS).replace(b"*0*P*>", f"*0*{code}*>".encode())
    assert read(raw)[0]["extra"].get("test") == (True if code == "T" else None)


@pytest.mark.parametrize("version", ["003040", "004010VICS", "004030", "005010", "006020", "X"])
def test_the_version_does_not_matter(version: str) -> None:
    assert read(plain(ROWS).replace(b"004010", version.encode())) == read(plain(ROWS))


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("small letters", plain([row.replace("BEG*", "beg*").replace("PO1*", "po1*") for row in ROWS])),
        ("noise", plain(one_order(body=("PKG*F*68***X", "FOB*PP", "TD1*CTN", "ZZZ*1", LINE, "MEA*WT", "PO4*1",
                                        "PKG*F", "CTP*RS*RES*144")))),
        ("padded counts", plain(ROWS).replace(b"SE*5*0001", b"SE*0000005* 0001 ")),
        ("blanks in values", plain(ROWS).replace(b"*6*EA*12.50*", b"* 6 * EA * 12.50 *")),
        ("zero bytes behind it", plain(ROWS) + b"\x00\x00\x1a"),
        ("a mail's head before it", b"Subject: order\n\n" + plain(ROWS)),
        ("wrapped and padded", b"\n".join(plain(ROWS, "~")[at : at + 80].ljust(80)
                                          for at in range(0, len(plain(ROWS, "~")), 80))),
    ],
)  # fmt: skip
def test_an_odd_file_holds_the_same_order(_case: str, raw: bytes) -> None:
    assert read(raw) == read(plain(ROWS))


def test_texts_in_windows_1252_and_ebcdic_are_read() -> None:
    rows = plain(one_order(body=("N1*ST*Café 5 €", LINE))).decode()
    assert read(rows.encode("cp1252"))[0]["ship_to"]["name"] == "Café 5 €"
    assert read(rows.replace("€", "E").encode("cp037"))[0]["ship_to"]["name"] == "Café 5 E"


def _counted(start: str, new: str) -> bytes:
    return plain(replaced(ROWS, start, new))


@pytest.mark.parametrize(
    ("_case", "raw", "field", "value", "why"),
    [
        ("SE01", _counted("SE*", "SE*9*0001"), "SE01", "9", "expected 5: the segments from ST to SE are 5"),
        ("SE02", _counted("SE*", "SE*5*0002"), "SE02", "0002", "expected the control number of ST02, '0001'"),
        ("GE01", _counted("GE*", "GE*2*7"), "GE01", "2", "expected 1: the group holds 1 transactions"),
        ("GE02", _counted("GE*", "GE*1*8"), "GE02", "8", "expected the control number of GS06, '7'"),
        ("IEA01", _counted("IEA*", "IEA*2*000000042"), "IEA01", "2", "expected 1: the interchange holds 1 groups"),
        ("IEA02", _counted("IEA*", "IEA*1*000000043"), "IEA02", "000000043",
         "expected the control number of ISA13, '000000042'"),
        ("no SE", plain(replaced(ROWS, "SE*", None)), "SE", "", "missing: transaction '0001' is cut off"),
        ("no IEA", plain(ROWS[:-1]), "IEA", "", "missing: interchange '000000042' is cut off"),
        ("no GS", plain(replaced(ROWS, "GS*", None)), "ST", "ST*850*0001",
         "a transaction (ST) outside a group: expected GS before it"),
        ("behind IEA", plain(ROWS) + b"garbage here", "segment", "garbage here",
         "a segment after the interchange trailer (IEA)"),
        ("the second of two", plain(ROWS) + _counted("SE*", "SE*9*0001"), "SE01", "9",
         "expected 5: the segments from ST to SE are 5"),
    ],
)  # fmt: skip
def test_broken_counts_and_numbers_are_named(_case: str, raw: bytes, field: str, value: str, why: str) -> None:
    assert refused(raw) == (field, value, why)


@pytest.mark.parametrize(
    ("_case", "raw", "field", "said"),
    [
        ("gzip", gzip.compress(plain(ROWS)), "file", "this is a gzip file: give the document itself"),
        ("JSON", b'[{"id": 1}]', "file", "this is JSON, not X12"),
        ("small letters", plain(ROWS).lower(), "ISA", "expected ISA with 16 elements"),
        ("15 elements", plain(ROWS).replace(b"*0*P*>", b"*0*P"), "ISA16", "expected a component separator"),
        ("cut in ISA", plain(ROWS)[:60], "ISA", "expected 16 elements separated by '*'"),
        ("855", plain(ROWS).replace(b"ST*850", b"ST*855"), "ST01", "expected at least one purchase order (850)"),
        ("an 860 beside it", plain(ROWS) + plain(ROWS).replace(b"ST*850", b"ST*860"), "ST01",
         "expected nothing beside purchase orders (850): split the file"),
    ],
)  # fmt: skip
def test_what_is_no_850_says_what_it_is(_case: str, raw: bytes, field: str, said: str) -> None:
    found = refused(raw)
    assert found[0] == field
    assert said in found[2]


def test_every_order_of_a_file_is_given_in_its_order() -> None:
    def papers(*numbers: str) -> Sequence[list[str]]:
        return [transaction(number, f"BEG*00*SA*{number}**20261120", (LINE,)) for number in numbers]

    first = interchange(group(*papers("1", "2")), group(*papers("3"), number=8))
    second = [row.replace("*", "|") for row in interchange(group(*papers("4")), isa=43)]
    raw = plain(first) + plain(second, "'\r\n")
    assert [order["number"] for order in read(raw)] == ["1", "2", "3", "4"]


def test_an_isa_of_any_width_is_read() -> None:
    narrow = "*".join(part.strip() for part in HEAD.format(isa=42).split("*"))
    wide = HEAD.format(isa=42).replace("DEALER1   ", "DEALER1             ")
    assert read(plain([narrow, *ROWS[1:]])) == read(plain([wide, *ROWS[1:]])) == read(plain(ROWS))
