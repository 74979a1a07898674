"""What we write passes our own reader and the dealer's strict one, whatever the values are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.x12 import documents
from connectors.x12.orders import read_orders
from connectors.x12.sandbox import reader
from connectors.x12.writer import Address, Row, control_number, document, file_name, text
from hub.ports.channel import AnswerLine, Dispatch, DispatchLine, OrderAnswer, StockLine
from mappings.engine import OVERRIDES, Overrides, table
from tests.connectors.x12.papers import LINES, PLACE, one_order, plain

NOW = datetime(2026, 11, 23, 9, 30, 15, 750_000, tzinfo=UTC)
ADDRESS = Address("ZZ", "STOCKLINE", "ZZ", "DEALER1", "STOCKLINE", "DEALERGS")
(ORDER,) = read_orders(plain(one_order(body=(*PLACE, *LINES))), {})


def letter(kind: str, rows: list[Row]) -> reader.Letter:
    (found,) = reader.read_letters(document(kind, rows, ADDRESS, "key", NOW), "STOCKLINE", "DEALER1")
    return found


def shown(rows: list[Row]) -> list[str]:
    return ["*".join(row).rstrip("*") for row in rows]


def answer(*promised: int, accepted: bool = True) -> OrderAnswer:
    lines = tuple(
        AnswerLine(line.channel_ref, line.quantity, Decimal(count), line.sku, line.sku, line.uom, line.unit_price)
        for line, count in zip(ORDER.lines, promised, strict=True)
    )
    reason = "" if accepted else "out of stock"
    return OrderAnswer(ORDER.channel_ref, ORDER.number, accepted, reason, lines, NOW, ORDER.to_dict())


def test_an_accepted_order() -> None:
    rows = documents.rows_855(answer(6, 2), "VN")
    assert shown(rows) == [
        "BAK*00*AD*4711*20261120", "N1*ST*Café Süd*92*0085", "N3*Hauptstr. 1", "N4*Berlin*BE*10115*DE",
        "PO1*1*6*EA*12.5**VN*MUG-RED*UP*400638133393", "ACK*IA*6*EA", "PO1*2*2*CA*7.9**VN*TEA", "ACK*IA*2*CA", "CTT*2",
    ]  # fmt: skip
    assert reader.read_855(letter("855", rows)).verdict == "AD"


def test_an_order_accepted_in_part() -> None:
    rows = documents.rows_855(answer(4, 0), "VN")
    assert [row for row in shown(rows) if row.startswith(("BAK", "ACK"))] == [
        "BAK*00*AC*4711*20261120", "ACK*IQ*4*EA", "ACK*IR*2*CA",
    ]  # fmt: skip
    assert reader.read_855(letter("855", rows)).lines == (("1", "IQ", Decimal(4)), ("2", "IR", Decimal(2)))


def test_a_refused_order_says_why() -> None:
    rows = documents.rows_855(answer(0, 0, accepted=False), "VN")
    assert shown(rows)[:3] == ["BAK*00*RD*4711*20261120", "N9*L1*REASON", "MSG*out of stock"]
    assert reader.read_855(letter("855", rows)).verdict == "RD"


def parcel(**more: str) -> Dispatch:
    first = DispatchLine("1", Decimal(4), "MUG-RED", "MUG-RED", "EA", Decimal(6))
    lines = (first, DispatchLine("2", Decimal(2), "TEA"))
    words = {"carrier": "DHL", "tracking_no": "T1", "warehouse": "BER"} | more
    body = ORDER.to_dict()
    return Dispatch(ORDER.channel_ref, "4711", "S1", shipped_at=NOW, lines=lines, final=False, order=body, **words)


def test_a_parcel() -> None:
    rows = documents.rows_856(parcel(), "VN")
    assert shown(rows) == [
        "BSN*00*S1*20261123*09301575*0001", "HL*1**S", "TD5*****DHL", "REF*CN*T1", "DTM*011*20261123*09301575",
        "N1*SF*BER", "N1*ST*Café Süd*92*0085", "N3*Hauptstr. 1", "N4*Berlin*BE*10115*DE", "HL*2*1*O",
        "PRF*4711***20261120", "HL*3*2*P", "MAN*CP*T1", "HL*4*3*I", "LIN*1*VN*MUG-RED*UP*400638133393",
        "SN1**4*EA**6*EA", "HL*5*3*I", "LIN*2*VN*TEA", "SN1**2*EA", "CTT*5",
    ]  # fmt: skip
    told = reader.read_856(letter("856", rows))
    assert (told.order, told.tracking, told.lines) == ("4711", "T1", {"1": Decimal(4), "2": Decimal(2)})


@pytest.mark.parametrize(
    ("carrier", "told"),
    [("J.B. Hunt", "TD5**2*JBHT**J.B. Hunt"), ("ups ", "TD5**2*UPSN**ups"), ("DHL", "TD5*****DHL"), ("", "TD5")],
)
def test_a_carrier_goes_with_the_code_of_its_row_and_with_its_name(carrier: str, told: str) -> None:
    own = Overrides.of({"tables": {"carriers": [["UPS", "upsn"]]}})
    rows = documents.rows_856(parcel(carrier=carrier), "VN", table("x12", "carriers", {OVERRIDES: own.to_text()}))
    assert told in shown(rows)
    if carrier:
        reader.read_856(letter("856", rows))


def test_a_parcel_without_tracking_is_still_told() -> None:
    rows = documents.rows_856(parcel(tracking_no=""), "VN")
    assert reader.read_856(letter("856", rows)).tracking == ""


def test_stock_is_absolute_with_its_time() -> None:
    lines = [StockLine("A", 3, "k"), StockLine("B", -2, "k", place={"qualifier": "UP"})]
    rows = documents.rows_846(lines, "VN", "77", NOW)
    assert shown(rows) == [
        "BIA*00*SI*77*20261123*09301575", "LIN*1*VN*A", "QTY*33*3*EA", "LIN*2*UP*B", "QTY*33*0*EA", "CTT*2",
    ]  # fmt: skip
    assert reader.read_846(letter("846", [*rows[:3], ("CTT", "1")])) == ("2026112309301575", [("A", 3)])


def test_a_release_goes_back_in_the_answer_and_the_parcel() -> None:
    (released,) = read_orders(plain(one_order("BEG*00*RL*4711*9*20261120")), {})
    said = OrderAnswer(released.channel_ref, released.number, True, "", answer(6, 2).lines, NOW, released.to_dict())
    assert shown(documents.rows_855(said, "VN"))[0] == "BAK*00*AD*4711*20261120*9"


@given(st.text(max_size=120))
def test_no_text_can_break_a_segment(value: str) -> None:
    safe = text(value, 60)
    assert len(safe) <= 60
    assert not set(safe) & set("*>~^\r\n\x1c\x1d\x00")
    assert safe == safe.strip()


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_words_in_a_parcel_make_a_document_that_can_be_read(carrier: str, tracking: str, warehouse: str) -> None:
    rows = documents.rows_856(parcel(carrier=carrier + "x", tracking_no=tracking, warehouse=warehouse), "VN")
    assert reader.read_856(letter("856", rows)).order == "4711"


@given(st.text())
def test_control_numbers_and_names_are_stable_and_in_range(key: str) -> None:
    key = key.encode("utf-8", "replace").decode()
    assert 1 <= control_number(key) <= 999_999_999
    assert control_number(key) == control_number(key)
    assert file_name("855", key) == file_name("855", key)
    assert file_name("855", key) != file_name("855", key + "x")


SPOILED = [
    ("ST*855", "ST*856", "856 in a group PR"), ("SE*", "SE*9", "segments"), ("GS*PR", "GS*SH", "855 in a group SH"),
    ("*004010", "*005010", "GS08"), ("STOCKLINE      ", "SOMEBODY       ", "ISA06"), ("CTT*2", "CTT*3", "CTT01"),
    ("BAK*00*AD", "BAK*00*RD", "disagree"), ("*20261120~", "*20261399~", "no date"),
    ("ACK*IA*6", "ACK*XX*6", "not agreed"), ("ACK*IA*6", "ACK*IA*x", "no number"), ("*00401*", "*00501*", "ISA12"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), SPOILED)
def test_the_dealer_finds_what_is_wrong(old: str, new: str, words: str) -> None:
    body = document("855", documents.rows_855(answer(6, 2), "VN"), ADDRESS, "key", NOW).decode()
    assert old in body
    with pytest.raises(reader.Complaint) as caught:
        for each in reader.read_letters(body.replace(old, new, 1).encode(), "STOCKLINE", "DEALER1"):
            reader.read_855(each)
    assert words in str(caught.value)
