"""The folder: files are read once they are whole, moved once they are committed, and written once per key."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.x12.connector import X12Dealer
from connectors.x12.sandbox.reader import read_letters
from hub.canonical.errors import BadRecord, ChannelDown, Misconfigured
from hub.ports.channel import AnswerLine, Channel, Dispatch, DispatchLine, OrderAnswer, Page, RawRecord, StockLine
from mappings.engine import OVERRIDES, Overrides
from tests.connectors.x12.papers import connection, group, interchange, one_order, plain

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def inbound(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path / "in"


@pytest.fixture
def outbound(inbound: Path) -> Path:
    return inbound.parent / "out"


@pytest.fixture
def dealer(inbound: Path, outbound: Path) -> X12Dealer:
    return X12Dealer(connection(inbound, outbound))


def put(folder: Path, name: str, body: bytes, age_s: float = 60) -> Path:
    path = folder / name
    path.write_bytes(body)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def refs(pages: Iterator[Page]) -> list[list[str]]:
    return [[record.ref for record in page.records] for page in pages]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_page_per_file_oldest_first(dealer: X12Dealer, inbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order("BEG*00*SA*2**20261120")), 10)
    put(inbound, "b.x12", plain(one_order("BEG*00*SA*1**20261120")), 20)
    pages = list(dealer.pull_orders(None))
    assert refs(iter(pages)) == [["DEALERGS:1"], ["DEALERGS:2"]]
    cursors = [page.cursor or "" for page in pages]
    assert cursors == sorted(cursors)
    assert pages[0].newest_at == datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
    assert (files(inbound), files(inbound / "archive")) == ([], ["a.x12", "b.x12"])


def test_a_file_stays_until_its_page_was_committed(dealer: X12Dealer, inbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order()))
    pulling = dealer.pull_orders(None)
    first = next(pulling)
    assert files(inbound) == ["a.x12"]
    pulling.close()  # type: ignore[attr-defined]  # the process dies before the next page is asked for
    assert files(inbound) == ["a.x12"]
    (again,) = dealer.pull_orders(None)
    assert [(r.ref, r.raw) for r in again.records] == [(r.ref, r.raw) for r in first.records]
    assert [r.key for r in again.receipts] == [r.key for r in first.receipts]
    assert files(inbound) == []


def test_a_file_with_faults_goes_to_the_rejected_ones(dealer: X12Dealer, inbound: Path) -> None:
    put(inbound, "bad.x12", b"\x00\x01 no x12")
    (page,) = dealer.pull_orders(None)
    assert [(r.kind, r.problem.field if r.problem else "") for r in page.records] == [("file", "file")]
    assert (files(inbound), files(inbound / "rejected")) == ([], ["bad.x12"])


def test_folders_for_read_files_can_be_set(inbound: Path, outbound: Path, tmp_path: Path) -> None:
    settings = {"archive_dir": str(tmp_path / "done"), "rejected_dir": str(tmp_path / "bad")}
    put(inbound, "a.x12", plain(one_order()))
    put(inbound, "b.x12", b"nonsense")
    list(X12Dealer(connection(inbound, outbound, **settings)).pull_orders(None))
    assert (files(tmp_path / "done"), files(tmp_path / "bad")) == (["a.x12"], ["b.x12"])


def test_a_name_that_was_archived_before_replaces_nothing(dealer: X12Dealer, inbound: Path) -> None:
    for body in (b"first", b"second"):
        put(inbound, "same.x12", body)
        list(dealer.pull_orders(None))
    kept = files(inbound / "rejected")
    assert len(kept) == 2
    assert {(inbound / "rejected" / name).read_bytes() for name in kept} == {b"first", b"second"}


@pytest.mark.parametrize("name", ["a.x12.part", "a.tmp", ".a.x12", "a.x12.filepart", "a.x12~", "A.PART"])
def test_unfinished_uploads_are_left_alone(dealer: X12Dealer, inbound: Path, name: str) -> None:
    put(inbound, name, plain(one_order()))
    (inbound / "folder.x12").mkdir()
    assert list(dealer.pull_orders(None)) == []
    assert files(inbound) == [name]


def test_a_file_that_changes_between_two_looks_is_left_for_later(inbound: Path, outbound: Path) -> None:
    path = put(inbound, "a.x12", plain(one_order())[:200])
    grow = lambda seconds: put(inbound, "a.x12", plain(one_order()), 59)  # noqa: E731
    assert list(X12Dealer(connection(inbound, outbound), sleep=grow).pull_orders(None)) == []
    assert path.read_bytes() == plain(one_order())
    assert refs(X12Dealer(connection(inbound, outbound)).pull_orders(None)) == [["DEALERGS:4711"]]


def test_a_young_file_without_its_end_is_given_time(inbound: Path, outbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order())[:-40], age_s=5)
    patient = X12Dealer(connection(inbound, outbound, patience_s="30"))
    assert list(patient.pull_orders(None)) == []
    in_a_minute = datetime.fromtimestamp(time.time() + 60, UTC)
    later = X12Dealer(connection(inbound, outbound, patience_s="30"), clock=lambda: in_a_minute)
    (page,) = later.pull_orders(None)
    assert [r.problem.field for r in page.records if r.problem] == ["IEA", "SE"]


def test_a_young_file_with_its_end_is_read_at_once(inbound: Path, outbound: Path) -> None:
    flat = plain(one_order(), "~")
    put(inbound, "a.x12", b"\r\n".join(flat[at : at + 80] for at in range(0, len(flat), 80)), age_s=0)
    put(inbound, "b.x12", plain(one_order()).decode().encode("utf-16"), age_s=0)
    put(inbound, "c.x12", plain(one_order()).decode().encode("cp037"), age_s=0)
    assert len(list(X12Dealer(connection(inbound, outbound, patience_s="300")).pull_orders(None))) == 3


def test_a_duplicate_file_says_the_same(dealer: X12Dealer, inbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order()), 20)
    put(inbound, "copy of a.x12", plain(one_order()), 10)
    first, second = dealer.pull_orders(None)
    assert [(r.ref, r.raw) for r in first.records] == [(r.ref, r.raw) for r in second.records]
    assert [r.key for r in first.receipts] == [r.key for r in second.receipts]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"transport": "pigeon"}, "transport"), ({"our_id": ""}, "our_id"), ({"partner_id": " "}, "partner_id"),
        ({"inbound_dir": ""}, "inbound_dir"), ({"settle_s": "soon"}, "settle_s"), ({"patience_s": "-1"}, "patience_s"),
        ({"transport": "sftp"}, "sftp_host"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(inbound: Path, outbound: Path, changed: dict[str, str], words: str) -> None:
    put(inbound, "a.x12", plain(one_order()))
    made = connection(inbound, outbound)
    with pytest.raises(Misconfigured) as caught:
        list(X12Dealer(type(made)(1, "dealer", "x12", {**made.settings, **changed}, {})).pull_orders(None))
    assert words in str(caught.value)


def test_a_missing_folder_is_an_outage_and_is_not_made(dealer: X12Dealer, inbound: Path, outbound: Path) -> None:
    inbound.rmdir()
    outbound.rmdir()
    with pytest.raises(ChannelDown):
        list(dealer.pull_orders(None))
    with pytest.raises(ChannelDown):
        dealer.push_stock([StockLine("A", 1, "k")])
    assert not inbound.exists()
    assert [finding.ok for finding in dealer.check()] == [False]


def test_a_folder_that_goes_away_while_pulling_is_an_outage(dealer: X12Dealer, inbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order()))
    pulling = dealer.pull_orders(None)
    next(pulling)
    inbound.rename(inbound.with_name("away"))
    with pytest.raises(ChannelDown):
        next(pulling)
    assert not inbound.exists()


def test_a_held_record_tells_its_problem_and_a_997_holds_no_order(dealer: X12Dealer) -> None:
    with pytest.raises(BadRecord) as caught:
        dealer.to_orders(RawRecord("x", b"", None, BadRecord("ISA13", "x", "why"), "file"))
    assert caught.value.field == "ISA13"
    rows = ["ST*997*0001", "AK1*PR*5", "AK9*A*0*0*0", "SE*4*0001"]
    assert dealer.to_orders(RawRecord("x", plain(interchange(group(rows, kind="FA"))), kind="file")) == ()


# ---- out ----


def answer(accepted: bool = True, promised: str = "2") -> OrderAnswer:
    lines = (AnswerLine("1", Decimal(2), Decimal(promised), "A-1", "A-1", "EA", Decimal("12.50")),)
    return OrderAnswer("DEALERGS:4711", "4711", accepted, "" if accepted else "no stock", lines, NOW)


def parcel() -> Dispatch:
    lines = (DispatchLine("1", Decimal(2), "A-1", "A-1", "EA", Decimal(2)),)
    return Dispatch("DEALERGS:4711", "4711", "S1", "DHL", "T1", NOW, lines, True)


def test_the_same_key_twice_is_one_file_with_the_same_bytes(dealer: X12Dealer, outbound: Path) -> None:
    seen = []
    for _ in range(2):
        dealer.answer_order(answer(), key="a1")
        dealer.push_shipment(parcel(), key="s1")
        seen.append({name: (outbound / name).read_bytes() for name in files(outbound)})
    assert len(seen[0]) == 2
    assert seen[0] == seen[1]


def test_a_ship_notice_names_the_carriers_code_of_the_connections_own_row(inbound: Path, outbound: Path) -> None:
    own = Overrides.of({"tables": {"carriers": [["dhl", "DHLC"]]}}).to_text()
    X12Dealer(connection(inbound, outbound, **{OVERRIDES: own})).push_shipment(parcel(), key="s1")
    (name,) = files(outbound)
    assert b"TD5**2*DHLC**DHL" in (outbound / name).read_bytes()


def test_other_keys_are_other_files_with_other_control_numbers(dealer: X12Dealer, outbound: Path) -> None:
    for at in range(30):
        dealer.push_shipment(parcel(), key=f"s{at}")
    bodies = [(outbound / name).read_bytes() for name in files(outbound)]
    assert len({body[90:99] for body in bodies}) == len(bodies) == 30


def test_a_receipt_is_written_once(dealer: X12Dealer, inbound: Path, outbound: Path) -> None:
    put(inbound, "a.x12", plain(one_order()))
    (page,) = dealer.pull_orders(None)
    for _ in range(2):
        dealer.send_receipt(page.receipts[0])
    (name,) = files(outbound)
    assert name.startswith("997_")
    assert [letter.kind for letter in read_letters((outbound / name).read_bytes(), "STOCKLINE", "DEALER1")] == ["997"]


def test_stock_is_one_file_for_all_lines_and_answers_each(dealer: X12Dealer, outbound: Path) -> None:
    answers = dealer.push_stock([StockLine("A", 3, "k1"), StockLine("B", 0, "k2")])
    assert [(a.listing_ref, a.ok) for a in answers] == [("A", True), ("B", True)]
    assert len(files(outbound)) == 1
    assert dealer.push_stock([]) == ()
    assert len(files(outbound)) == 1


def test_a_failed_write_leaves_nothing_behind(
    dealer: X12Dealer, outbound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ChannelDown, match="No space left"):
        dealer.answer_order(answer(), key="a1")
    assert list(outbound.iterdir()) == []


def test_the_connector_is_a_channel(dealer: X12Dealer) -> None:
    assert isinstance(dealer, Channel)
