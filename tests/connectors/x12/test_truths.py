"""The recorded files of real-style dealers, against what other software made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.x12.acknowledge import rows_997
from connectors.x12.envelope import read
from connectors.x12.intake import take_in
from connectors.x12.orders import read_orders
from hub.canonical.amounts import exact
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order

pytestmark = pytest.mark.data
NOW = datetime(2026, 11, 23, tzinfo=UTC)
INBOUND = ("850-004010-01", "850-004010-02", "850-004010-05", "850-004010-07", "850-004010-11", "850_01")
EXPECTED_XML = {
    "850-004010-01__850_1": 0, "850-004010-02__850_2": 0, "850-004010-05__850_10": 0, "850-004010-05__850_11": 1,
    "850-004010-11__850_14": 0,
}  # fmt: skip


@pytest.fixture
def x12(shared_data: Path) -> Path:
    return shared_data / "edi" / "x12"


@pytest.mark.parametrize("name", INBOUND)
def test_every_recorded_purchase_order_maps(x12: Path, name: str) -> None:
    raw = (x12 / "850_inbound" / f"{name}.x12").read_bytes()
    orders = read_orders(raw, {})
    assert len(orders) == raw.count(b"ST*850") + raw.count(b"ST~850")
    assert all(order.lines and order.number for order in orders)
    intake = take_in(raw, {"test_orders": "import"}, NOW)
    assert intake.clean
    assert [record.ref for record in intake.records] == [order.channel_ref for order in orders]


@pytest.mark.parametrize("name", EXPECTED_XML)
def test_an_order_says_what_the_other_software_read(x12: Path, name: str) -> None:
    orders = read_orders((x12 / "850_inbound" / f"{name.split('__')[0]}.x12").read_bytes(), {})
    order = orders[EXPECTED_XML[name]]
    truth = ElementTree.parse(x12 / "850_expected_xml" / f"{name}.xml").getroot()
    assert (order.number, str(order.placed_at)[:10]) == (truth.findtext("docnum"), truth.findtext("docdtm"))
    assert order.extra["type"] == truth.findtext("docsrt")
    assert [_line(order, at) for at in range(len(order.lines))] == [_truth(line) for line in truth.iter("line")]
    _check_parties(order, truth)


def _line(order: Order, at: int) -> tuple[object, ...]:
    line = order.lines[at]
    return (line.quantity, line.uom, line.title, line.unit_price)


def _truth(line: ElementTree.Element) -> tuple[object, ...]:
    price = exact(line.findtext("price"), "price")
    return (exact(line.findtext("ordqua"), "ordqua"), line.findtext("ordunit"), line.findtext("desc"), price)


def _check_parties(order: Order, truth: ElementTree.Element) -> None:
    parties = {party.findtext("qual"): party for party in truth.iter("party")}
    assert {role: known.get("id") for role, known in order.extra["parties"].items()}.keys() >= {
        role for role, party in parties.items() if party.findtext("name1") or party.findtext("externalID")
    }
    for role, address in (("ST", order.ship_to), ("BT", order.bill_to)):
        party = parties.get(role)
        if party is None or party.findtext("city") is None:
            assert address is None
            continue
        assert address is not None
        assert (address.name, address.city, address.region, address.postal_code) == tuple(
            party.findtext(name) for name in ("name1", "city", "state", "pcode")
        )
        assert list(address.lines) == [text for name in ("address1", "address2") if (text := party.findtext(name))]


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("850-004010-01", "850-004010-01__997_14"), ("850-004010-02", "850-004010-02__997_6"),
        ("850-004010-05", "850-004010-05__997_8"), ("850_01", "850_01__997_5"),
    ],
)  # fmt: skip
def test_our_997_says_what_the_other_softwares_said(x12: Path, source: str, truth: str) -> None:
    intake = take_in((x12 / "850_inbound" / f"{source}.x12").read_bytes(), {"test_orders": "import"}, NOW)
    ours = [[list(row[: len(row) if row[-1] else -1]) for row in rows_997(r.body)] for r in intake.receipts]
    (whole,) = read((x12 / "997_expected" / f"{truth}.x12").read_bytes())
    assert not isinstance(whole, BadRecord)
    theirs = [[[s.tag, *s.elements] for s in t.segments[1:-1]] for group in whole.groups for t in group.transactions]
    assert ours
    assert all(each in theirs for each in ours)
    header = whole.groups[0].header
    address = intake.receipts[0].body["address"]
    assert (address["group_sender"], address["group_receiver"]) == (header.at(2), header.at(3))


@pytest.mark.parametrize(
    ("file", "number", "lines", "total"),
    [
        ("850_variants/850-004010-03.x12", "0123456789123", 3, None),
        ("850_variants/850-004010-ascii1.x12", "12345678", 4, "125.88"),
        ("edifabric/PurchaseOrder.txt", "XX-1234", 1, "900"),
        ("misc/simplemailbag.x12", "587852", 2, "264"),
    ],
)
def test_odd_shapes_are_read(x12: Path, file: str, number: str, lines: int, total: str | None) -> None:
    (order,) = read_orders((x12 / file).read_bytes(), {})
    assert (order.number, len(order.lines)) == (number, lines)
    assert (None if order.total is None else str(order.total)) == total


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ("gozer/po850.txt", "SE01", "33"),
        ("edifabric/PurchaseOrders.txt", "PO1[0].PO103", "INVALID"),
        ("edifabric/PurchaseOrdersAcknowledgement.txt", "GE01", "2"),
        ("edifabric/997.txt", "ST01", "997 (acknowledgments)"),
        ("misc/810-004010-01.x12", "ST01", "810 (invoices)"),
        ("retailer_inbound/856_1.x12", "ST01", "856 (ship notices)"),
    ],
)
def test_what_is_wrong_with_odd_files_is_told(x12: Path, file: str, field: str, value: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read_orders((x12 / file).read_bytes(), {})
    assert (caught.value.field, caught.value.value) == (field, value)


def test_the_good_order_beside_the_invalid_one_is_taken(x12: Path) -> None:
    raw = (x12 / "edifabric/PurchaseOrders.txt").read_bytes()
    intake = take_in(raw, {"test_orders": "import"}, NOW)
    assert [record.ref for record in intake.records if record.problem is None] == ["SENDER1:XX-1234"]
    verdicts = [row[1] for row in rows_997(intake.receipts[0].body) if row[0] == "AK5"]
    assert verdicts == ["A", "R"]
