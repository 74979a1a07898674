"""Each level is judged by itself, and the 997 says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.x12.acknowledge import rows_997, write_997
from connectors.x12.intake import Intake, take_in
from connectors.x12.orders import read_orders
from hub.canonical.errors import BadRecord
from tests.connectors.x12.papers import LINES, PLACE, group, interchange, one_order, plain, replaced, transaction

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SETTINGS = {"our_id": "STOCKLINE", "partner_id": "DEALER1"}


def taken(rows: list[str], **settings: str) -> Intake:
    return take_in(plain(rows), SETTINGS | settings, NOW)


def good(intake: Intake) -> list[str]:
    return [record.ref for record in intake.records if record.problem is None]


def faults(intake: Intake) -> list[tuple[str, str]]:
    return [(record.problem.field, record.problem.value) for record in intake.records if record.problem is not None]


def acknowledged(intake: Intake, at: int = 0) -> list[str]:
    return ["*".join(row).rstrip("*") for row in rows_997(intake.receipts[at].body)]


def beg(number: str) -> str:
    return f"BEG*00*SA*{number}**20261120"


def test_a_good_group_is_accepted() -> None:
    intake = taken(one_order())
    assert good(intake) == ["DEALERGS:4711"]
    assert acknowledged(intake) == ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]
    assert intake.clean


BROKEN = [
    (("SE", "SE*9*0002"), ("SE01", "9"), "4", []),
    (("SE", "SE*10*0009"), ("SE02", "0009"), "3", []),
    (("SE", None), ("SE", ""), "2", []),
    (("ST", "ST*850*"), ("ST02", ""), "7", []),
    (("ST", "ST**0002"), ("ST01", ""), "6", []),
    (("ST", "ST*860*0002"), ("ST01", "860"), "1", []),
    (("BEG", "XXX*00*SA*2**20261120"), ("BEG", "XXX"), "5", ["AK3*BEG*2**3"]),
    (("BEG", "BEG*00*SA***20261120"), ("BEG.BEG03", "null"), "5", ["AK3*BEG*2**8", "AK4*3**1"]),
    (("BEG", "BEG*00*SA*2**20261399"), ("BEG.BEG05", "20261399"), "5", ["AK3*BEG*2**8", "AK4*5**7*20261399"]),
    (("BEG", "BEG*77*SA*2**20261120"), ("BEG.BEG01", "77"), "5", ["AK3*BEG*2**8", "AK4*1**7*77"]),
    (("PO1*2", "PO1*2*many*CA*7.9**VN*TEA"), ("PO1[1].PO102", "many"), "5", ["AK3*PO1*8**8", "AK4*2**7*many"]),
    (("PO1*2", "PO1*2*-1*CA*7.9**VN*TEA"), ("PO1[1].PO102", "-1"), "5", ["AK3*PO1*8**8", "AK4*2**7*-1"]),
    (("PO1*2", "PO1*2**CA*7.9**VN*TEA"), ("PO1[1].PO102", "null"), "5", ["AK3*PO1*8**8", "AK4*2**1"]),
    (("PO1*2", "PO1*2*2*CA*x**VN*TEA"), ("PO1[1].PO104", "x"), "5", ["AK3*PO1*8**8", "AK4*4**7*x"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "fault", "code", "notes"), BROKEN, ids=[str(row[0][1]) for row in BROKEN])
def test_a_broken_transaction_is_rejected_alone(
    change: tuple[str, str | None], fault: tuple[str, str], code: str, notes: list[str]
) -> None:
    middle = replaced(transaction("0002", beg("2")), *change)
    rows = interchange(group(transaction("0001", beg("1")), middle, transaction("0003", beg("3"))))
    intake = taken(rows)
    assert good(intake) == ["DEALERGS:1", "DEALERGS:3"]
    assert faults(intake) == [fault]
    assert not intake.clean
    number, kind = middle[0].split("*")[2], middle[0].split("*")[1]
    assert acknowledged(intake) == [
        "AK1*PO*7", "AK2*850*0001", "AK5*A", f"AK2*{kind}*{number}".rstrip("*"), *notes, f"AK5*R*{code}",
        "AK2*850*0003", "AK5*A", "AK9*P*3*3*2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault", "code"),
    [
        (("GE", "GE*2*7"), ("GE01", "2"), "5"),
        (("GE", "GE*1*8"), ("GE02", "8"), "4"),
        (("GE", None), ("GE", ""), "3"),
        (("GS", "GS*PO*DEALERGS*STOCKLINE*20261123*0915*x*X*004010"), ("GS06", "x"), "6"),
        (("SE", "SE*10*0001~NTE*GEN*stray"), ("NTE", "NTE*GEN*stray"), "5"),
    ],
)
def test_a_broken_group_is_rejected_with_its_transactions_and_its_neighbor_is_not(
    change: tuple[str, str | None], fault: tuple[str, str], code: str
) -> None:
    bad = replaced(group(transaction(beg=beg("1"))), *change)
    intake = taken(interchange(bad, group(transaction(beg=beg("2")), number=8)))
    assert good(intake) == ["DEALERGS:2"]
    assert faults(intake) == [fault]
    included = change[1].split("*")[1] if change[0] == "GE" and change[1] else "1"
    assert acknowledged(intake)[-2:] == ["AK5*R", f"AK9*R*{included}*1*0*{code}"]
    assert acknowledged(intake, 1)[-1] == "AK9*A*1*1*1"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("IEA", "IEA*1*000000043"), ("IEA02", "000000043")),
        (("IEA", "IEA*2*000000042"), ("IEA01", "2")),
        (("IEA", None), ("IEA", "")),
        (("IEA", "IEA*1*000000042~NTE*GEN*more"), ("NTE", "NTE*GEN*more")),
        (("GS", "TA1*1*2*3~XXX*1~GS*PO*DEALERGS*STOCKLINE*20261123*0915*7*X*004010"), ("XXX", "XXX*1")),
        (("GE", "GE*1*7~GE*1*7"), ("GE", "GE*1*7")),
    ],
)
def test_a_broken_interchange_is_told_and_its_intact_groups_are_used(
    change: tuple[str, str | None], fault: tuple[str, str]
) -> None:
    rows = replaced(one_order(), *change)
    intake = taken(rows)
    assert good(intake) == ["DEALERGS:4711"]
    assert faults(intake) == [fault]
    with pytest.raises(BadRecord) as caught:
        read_orders(plain(rows), {})
    assert (caught.value.field, caught.value.value) == fault


def test_an_interchange_number_that_is_none_is_told() -> None:
    rows = [row.replace("000000042", "00000004x") for row in one_order()]
    assert [field for field, _ in faults(taken(rows))] == ["ISA13"]


def test_a_transaction_outside_any_group_is_rejected() -> None:
    rows = [row for row in one_order() if not row.startswith(("GS", "GE"))]
    intake = taken(rows)
    assert good(intake) == []
    assert {field for field, _ in faults(intake)} == {"ST", "GS"}
    assert intake.receipts == []


def test_a_file_cut_off_keeps_the_groups_that_are_whole() -> None:
    rows = interchange(group(transaction(beg=beg("1"))), group(transaction(beg=beg("2")), number=8))
    cut = plain(rows)[: plain(rows).rindex(b"PO1*2")]
    intake = take_in(cut, SETTINGS, NOW)
    assert good(intake) == ["DEALERGS:1"]
    assert [field for field, _ in faults(intake)] == ["IEA", "SE"]
    assert [acknowledged(intake, at)[-1] for at in range(2)] == ["AK9*A*1*1*1", "AK9*R*1*1*0*3"]


def test_a_good_interchange_beside_a_broken_one_is_used() -> None:
    raw = b"ISA*00*          *00*          *ZZ*DEALER1~GARBAGE~" + plain(one_order())
    intake = take_in(raw, SETTINGS, NOW)
    assert good(intake) == ["DEALERGS:4711"]
    assert len(faults(intake)) == 1


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"partner_id": "OTHER"}, "ISA06"), ({"our_id": "OTHER"}, "ISA08")],
)
def test_documents_of_strangers_are_held_and_not_answered(settings: dict[str, str], field: str) -> None:
    intake = taken(one_order(), **settings)
    assert (good(intake), [name for name, _ in faults(intake)], intake.receipts) == ([], [field], [])


def test_the_sender_may_be_named_in_the_group_only() -> None:
    assert good(taken(one_order(), partner_id="DEALERGS")) == ["DEALERGS:4711"]


def test_a_test_interchange_is_held_unless_the_connection_takes_tests() -> None:
    rows = [row.replace("*0*P*>", "*0*T*>") for row in one_order()]
    assert faults(taken(rows)) == [("ISA15", "T")]
    intake = taken(rows, test_orders="import")
    assert good(intake) == ["DEALERGS:4711"]
    assert read_orders(intake.records[0].raw, {})[0].extra["test"] is True
    assert b"*0*T*>" in write_997(intake.receipts[0])


def their_997(verdict: str) -> list[str]:
    total = f"AK9*{verdict}*1*1*{int(verdict == 'A')}"
    rows = ["ST*997*0001", "AK1*PR*5", "AK2*855*0001", f"AK5*{verdict}", total, "SE*6*0001"]
    return interchange(group(rows, kind="FA"))


def test_their_997_is_kept_and_not_acknowledged() -> None:
    intake = taken(their_997("A"))
    assert [(record.kind, record.problem) for record in intake.records] == [("file", None)]
    assert intake.receipts == []


def test_their_997_that_rejects_our_document_is_held() -> None:
    assert faults(taken(their_997("R"))) == [("AK901", "R")]


def test_each_record_holds_its_own_transaction_and_can_be_read_alone() -> None:
    first = group(transaction("0001", beg("1")), transaction("0002", beg("2")))
    rows = interchange(first, group(transaction(beg=beg("3"))))
    intake = taken(rows)
    assert [read_orders(record.raw, {})[0].channel_ref for record in intake.records] == good(intake)
    whole = read_orders(plain(rows), {})
    assert tuple(order for record in intake.records for order in read_orders(record.raw, {})) == whole


def test_an_order_in_latin_1_reads_the_same_alone() -> None:
    raw = plain(one_order()).decode().encode("latin-1")
    (record,) = take_in(raw, SETTINGS, NOW).records
    assert read_orders(record.raw, {}) == read_orders(raw, {})


def test_the_same_file_gives_the_same_refs_bytes_and_receipt_keys() -> None:
    first, second = taken(one_order()), take_in(plain(one_order(), "~\r\n"), SETTINGS, datetime(2027, 1, 1, tzinfo=UTC))
    assert [(r.ref, r.raw) for r in first.records] == [(r.ref, r.raw) for r in second.records]
    assert [r.key for r in first.receipts] == [r.key for r in second.receipts]


def test_another_group_under_a_used_number_is_acknowledged_too() -> None:
    first, second = taken(one_order()), taken(one_order(beg=beg("4712")))
    assert first.receipts[0].key != second.receipts[0].key


def test_the_same_group_twice_in_one_file_is_one_receipt() -> None:
    rows = interchange(group(transaction()), group(transaction()))
    assert len({receipt.key for receipt in taken(rows).receipts}) == 1


def test_two_dealers_with_one_order_number_have_two_orders() -> None:
    other = [row.replace("DEALERGS", "DEALERXX") for row in one_order()]
    assert good(taken(one_order())) + good(taken(other)) == ["DEALERGS:4711", "DEALERXX:4711"]


def test_a_copy_in_a_new_interchange_is_the_same_order() -> None:
    first, second = taken(one_order(isa=42)), taken(one_order(isa=43, sent="20261124*1000"))
    orders = [read_orders(intake.records[0].raw, {})[0] for intake in (first, second)]
    assert orders[0] == orders[1]
    assert orders[0].digest() == orders[1].digest()


def test_values_that_would_break_a_record_are_made_printable() -> None:
    rows = one_order(body=(*PLACE, "PO1*1*6\x1f7*EA*1**VN*X", *LINES))
    intake = take_in(plain(rows).replace(b"*P*>", b"*P*\x1f"), SETTINGS, NOW)
    ((field, value),) = faults(intake)
    assert (field, value) == ("PO1[0].PO102", "6?7")


def address(intake: Intake) -> dict[str, Any]:
    return dict(intake.receipts[0].body["address"])


def test_the_997_goes_back_to_who_wrote() -> None:
    assert address(taken(one_order())) == {
        "sender_qualifier": "ZZ", "sender": "STOCKLINE", "receiver_qualifier": "ZZ", "receiver": "DEALER1",
        "group_sender": "STOCKLINE", "group_receiver": "DEALERGS", "usage": "P",
    }  # fmt: skip
