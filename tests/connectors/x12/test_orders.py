"""What each part of an 850 means in canonical words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.x12.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Address, Charge, Order, OrderStatus
from tests.connectors.x12.papers import BEG, LINES, PLACE, interchange, one_order, plain

LINE = "PO1*1*6*EA*12.50*PE*VN*A-1"


def order(*body: str, beg: str = BEG, settings: dict[str, str] | None = None, **more: Any) -> Order:
    (found,) = read_orders(plain(one_order(beg, body or (*PLACE, *LINES), **more)), settings or {})
    return found


def test_the_head_of_an_order() -> None:
    found = order(*PLACE, "CUR*BY*USD", "REF*DP*038", "NTE*GEN*Ring twice", "MSG*at the gate", LINE)
    assert (found.channel, found.channel_ref, found.number) == ("x12", "DEALERGS:4711", "4711")
    assert (found.placed_at, found.status) == (datetime(2026, 11, 20, tzinfo=UTC), OrderStatus.OPEN)
    assert (found.currency, found.note) == ("USD", "Ring twice\nat the gate")
    assert found.extra["references"] == {"DP": "038"}


def test_the_ship_to_address_and_its_phone() -> None:
    place = ("N1*ST*Café*92*0085", "N2*Back office", "N3*Str. 1*Hof", "N4*Berlin*BE*10115*DEU", "PER*DC*Ann*TE*030 1")
    found = order(*place, LINE)
    assert found.ship_to == Address(
        "Café", "Back office", ("Str. 1", "Hof"), None, "Berlin", "BE", "10115", "DE", "030 1"
    )
    assert found.extra["parties"] == {"ST": {"name": "Café", "qualifier": "92", "id": "0085"}}


def test_the_buyer_with_contact() -> None:
    found = order("PER*BD*Ed Smith*TE*800*EM*ed@example.com", "N1*BY*ACME*9*1234", "N1*BT*ACME Pay", LINE)
    buyer = found.buyer
    assert buyer is not None
    assert (buyer.channel_ref, buyer.name, buyer.company, buyer.phone, buyer.email) == (
        "1234", "Ed Smith", "ACME", "800", "ed@example.com",
    )  # fmt: skip
    assert found.bill_to is not None
    assert found.bill_to.name == "ACME Pay"


@pytest.mark.parametrize(
    ("written", "settings", "country"),
    [("*DEU", {}, "DE"), ("*us", {}, "US"), ("", {}, None), ("", {"country": "ca"}, "CA"), ("*Oz Land", {}, "OZ LAND")],
)
def test_countries(written: str, settings: dict[str, str], country: str | None) -> None:
    found = order("N1*ST*X", f"N4*Town*AA*1{written}", LINE, settings=settings)
    assert found.ship_to is not None
    assert found.ship_to.country == country


def test_a_place_that_is_only_a_code_is_no_address() -> None:
    found = order("N1*ST**92*0085", LINE, settings={"country": "US"})
    assert found.ship_to is None
    assert found.extra["parties"]["ST"]["id"] == "0085"


@pytest.mark.parametrize(
    ("pairs", "setting", "chosen"),
    [
        ("VN*A*UP*1", "", "A"), ("UP*1*BP*B", "", "1"), ("BP*B*SK*S", "", "S"), ("CB*C*VA*style", "", "C"),
        ("BP*B*UP*1", "BP", "B"), ("ZZ*own", "", "own"), ("VN*two words", "", "two words"), ("", "", None),
        ("VN*A*UP*1*BP*B*SK*S*EN*4", "EN", "4"),
    ],
)  # fmt: skip
def test_the_product_id_that_is_ours(pairs: str, setting: str, chosen: str | None) -> None:
    found = order(f"PO1*1*1*EA*1**{pairs}", settings={"item_qualifier": setting} if setting else {})
    assert (found.lines[0].listing_ref, found.lines[0].sku) == (chosen, chosen)


def test_all_product_ids_are_kept_for_the_answer() -> None:
    assert order("PO1*1*1*EA*1**VN*A*BP*B*UP*1").extra["lines"] == {"1": {"ids": {"VN": "A", "BP": "B", "UP": "1"}}}


@pytest.mark.parametrize(
    ("numbers", "refs"),
    [(["10", "20"], ["10", "20"]), (["", ""], ["1", "2"]), (["7", "7"], ["1", "2"]), (["2", ""], ["1", "2"])],
)
def test_lines_are_known_by_their_number_or_their_place(numbers: list[str], refs: list[str]) -> None:
    found = order(*(f"PO1*{number}*1*EA*1**VN*A" for number in numbers))
    assert [line.channel_ref for line in found.lines] == refs


@pytest.mark.parametrize(
    ("price", "basis", "unit_price", "total"),
    [
        ("12.50", "PE", "12.50", "75.00"), ("12.50", "", "12.50", "75.00"), ("250", "HP", "2.5", "15"),
        ("3", "TP", "0.003", "0.018"), ("6", "PD", "0.5", "3"), ("1", "PD", "0.083333", "0.5"),
        ("10", "SR", "10", None), ("", "", None, None),
        ("0", "", "0", "0"),
    ],
)  # fmt: skip
def test_prices_by_their_basis(price: str, basis: str, unit_price: str | None, total: str | None) -> None:
    found = order(f"PO1*1*6*EA*{price}*{basis}*VN*A")
    line = found.lines[0]
    assert line.unit_price == (None if unit_price is None else Decimal(unit_price))
    assert line.total == found.total == (None if total is None else Decimal(total))


def test_charges_allowances_freight_and_tax_make_the_total() -> None:
    found = order(
        "SAC*C*D240***1250", "SAC*C*H000***99**********Gift wrap", "SAC*A*C310***500", "SAC*N*C310***700",
        "TXI*ST*3.21", "ITA*C**D980****100",
        LINE, "SAC*A*C310***75", "TXI*ST*.79",
    )  # fmt: skip
    assert found.shipping is not None
    assert found.shipping.amount == Decimal("12.50")
    assert found.other_charges == (Charge("H000", Decimal("0.99")), Charge("insurance", Decimal("1.00")))
    assert (found.discount_total, found.tax_total) == (Decimal("5.75"), Decimal("4.00"))
    assert (found.lines[0].discount, found.lines[0].tax, found.lines[0].total) == (
        Decimal("0.75"), Decimal("0.79"), Decimal("75.04"),
    )  # fmt: skip
    assert found.total == Decimal("75.00") + Decimal("12.50") + Decimal("1.99") + Decimal("4.00") - Decimal("5.75")
    assert "unexplained" not in found.extra


@pytest.mark.parametrize(("code", "total"), [("TT", "80"), ("GV", "80"), ("1", "80"), ("ZZ", "75.00")])
def test_the_dealers_own_total_counts_and_the_difference_is_named(code: str, total: str) -> None:
    rows = one_order(body=(LINE,))
    at = next(index for index, row in enumerate(rows) if row.startswith("SE"))
    rows[at : at + 1] = [f"AMT*{code}*80", f"SE*{int(rows[at].split('*')[1]) + 1}*0001"]
    (found,) = read_orders(plain(rows), {})
    assert found.total == Decimal(total)
    assert found.extra.get("unexplained") == ("5.00" if code != "ZZ" else None)


@pytest.mark.parametrize(
    ("rows", "ship_by", "deliver_by"),
    [
        (("DTM*010*20261125",), datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC), None),
        (("DTM*002*20261126*1430",), None, datetime(2026, 11, 26, 14, 30, tzinfo=UTC)),
        (("DTM*001*20261130", "DTM*038*20261128"), datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC), None),
        (("DTM*037*20261101", "DTM*999*nonsense"), None, None),
        (("DTM*010*261125",), datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC), None),
    ],
)
def test_deadlines(rows: tuple[str, ...], ship_by: datetime | None, deliver_by: datetime | None) -> None:
    found = order(*rows, LINE)
    assert (found.ship_by, found.deliver_by) == (ship_by, deliver_by)


def test_a_release_is_an_order_of_its_own() -> None:
    first, second = (order(beg=f"BEG*00*RL*4711*{release}*20261120") for release in ("1", "2"))
    assert (first.channel_ref, second.channel_ref) == ("DEALERGS:4711/1", "DEALERGS:4711/2")
    assert (first.number, second.number) == ("4711", "4711")


@pytest.mark.parametrize(
    ("purpose", "status"),
    [("00", "open"), ("01", "cancelled"), ("03", "cancelled"), ("05", "open"), ("06", "open"), ("07", "open")],
)
def test_purposes(purpose: str, status: str) -> None:
    assert order(beg=BEG.replace("*00*", f"*{purpose}*")).status.value == status


def test_a_change_is_newer_than_any_copy_of_the_original() -> None:
    original = order(sent="20261120*0900")
    changed = order(beg=BEG.replace("*00*", "*05*"), sent="20261121*09301575")
    late_copy = order(isa=99, sent="20261124*0900")
    cancelled = order(beg=BEG.replace("*00*", "*01*"), sent="20261122*0900")
    newest = sorted([late_copy, cancelled, changed, original], key=lambda each: str(each.updated_at))
    assert newest[-1].status is OrderStatus.CANCELLED
    assert changed.updated_at == datetime(2026, 11, 21, 9, 30, 15, 750_000, tzinfo=UTC)
    assert late_copy == original


def test_a_change_from_a_sender_without_a_clock_is_still_newer() -> None:
    original = order(sent="*")
    changed = order(beg=BEG.replace("*00*", "*05*"), sent="19500101*9999")
    assert original.updated_at is not None
    assert changed.updated_at is not None
    assert changed.updated_at > original.updated_at


def test_store_quantities_and_notes_of_a_line_are_kept() -> None:
    found = order(LINE, "SDQ*EA*92*S1*4*S2*2", "MSG*fragile")
    assert found.extra["lines"]["1"]["destinations"] == {"S1": "4", "S2": "2"}
    assert found.extra["lines"]["1"]["notes"] == ["fragile"]
    assert found.note is None


def test_the_parts_of_an_assortment_do_not_change_its_line() -> None:
    part = ("SLN*1**I*4*EA****VN*PART", "PID*F****Part", "SAC*A*C310***100")
    found = order("PO1*1*2*EA*37.65**VN*SET", "PID*F****Set", *part)
    assert [(line.sku, line.title, line.discount) for line in found.lines] == [("SET", "Set", None)]


def test_the_currency_of_the_connection_fills_in() -> None:
    assert order(LINE, settings={"currency": "eur"}).currency == "EUR"
    assert order("CUR*BY*usd", LINE, settings={"currency": "EUR"}).currency == "USD"


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ((LINE, "DTM*010*20261399"), "PO1[0].DTM[0].DTM02", "20261399"),
        (("DTM*010*20261399", LINE), "DTM[0].DTM02", "20261399"),
        (("CUR*BY*DOLLARS", LINE), "CUR.CUR02", "DOLLARS"),
        (("PO1*1*1*INVALID*1**VN*A",), "PO1[0].PO103", "INVALID"),
        (("PO1*1*1e999*EA*1**VN*A",), "PO1[0].PO102", "1e999"),
        (("PO1*1*NaN*EA*1**VN*A",), "PO1[0].PO102", "NaN"),
        (("PO1*1*1*EA*1**VN*A", "SAC*A*C310***x"), "PO1[0].SAC[0].SAC05", "x"),
        (("N1*ST*X",), "PO1", "null"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_names_field_and_value(body: tuple[str, ...], field: str, value: str) -> None:
    with pytest.raises(BadRecord) as caught:
        order(*body)
    assert (caught.value.field, caught.value.value) == (field, value)


def test_an_order_number_of_absurd_length_is_refused() -> None:
    with pytest.raises(BadRecord) as caught:
        order(beg=f"BEG*00*SA*{'9' * 200}**20261120")
    assert caught.value.field == "BEG.BEG03"


@pytest.mark.parametrize("kind", ["856", "997", "810", "860", "123"])
def test_a_file_without_a_purchase_order_says_what_it_holds(kind: str) -> None:
    rows = interchange(["GS*XX*A*B*20261123*0915*1*X*004010", f"ST*{kind}*1", "SE*2*1", "GE*1*1"])
    with pytest.raises(BadRecord) as caught:
        read_orders(plain(rows), {})
    assert caught.value.field == "ST01"
    assert caught.value.value.startswith(kind)


def test_an_interchange_without_groups_holds_nothing() -> None:
    with pytest.raises(BadRecord) as caught:
        read_orders(plain(interchange()), {})
    assert (caught.value.field, caught.value.value) == ("ST01", "nothing")
