"""One received file -> the page that the hub commits: orders, what is rejected and why, and a 997 per group."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.x12 import acknowledge
from connectors.x12.acknowledge import Verdict
from connectors.x12.envelope import Fault, Group, Interchange, Transaction, read
from connectors.x12.orders import TITLES, to_order
from connectors.x12.writer import Address
from hub.canonical.errors import BadRecord
from hub.ports.channel import RawRecord, Receipt
from mappings.x12.functions import sent_at

CONTENT_TYPE = "application/edi-x12"
_KEPT = 1_000_000
"""Bytes of a file without structure that are kept in its record; the file itself lies in the rejected folder."""


@dataclass(slots=True)
class Intake:
    """What one file holds. `clean`: nothing in it was rejected."""

    records: list[RawRecord] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return all(record.problem is None for record in self.records)


def take_in(raw: bytes, settings: Mapping[str, str], now: datetime) -> Intake:
    """Judge one file. Never raises for what the file holds: every fault becomes a record with its reason."""
    intake = Intake()
    try:
        for whole in read(raw):
            if isinstance(whole, BadRecord):
                intake.records.append(_file(raw, whole))
            else:
                _interchange(whole, settings, now, intake)
    except BadRecord as problem:
        intake.records.append(_file(raw, problem))
    return intake


def _file(raw: bytes, problem: BadRecord) -> RawRecord:
    ref = f"file:{hashlib.sha256(raw).hexdigest()[:16]}"
    return RawRecord(ref, raw[:_KEPT], None, _printable(problem), "file", CONTENT_TYPE)


def _printable(problem: BadRecord) -> BadRecord:
    """The problem with a value that a person, a log and a database can take."""
    field, value = (
        "".join(char if char.isprintable() else "?" for char in text) for text in (problem.field, problem.value)
    )
    return BadRecord(field, value, problem.why)


def _interchange(whole: Interchange, settings: Mapping[str, str], now: datetime, intake: Intake) -> None:
    ref = f"interchange:{whole.header.at(6)}:{whole.header.at(13)}"
    for fault in whole.faults:
        raw, problem = whole.header.text.encode(), _printable(fault.record())
        intake.records.append(RawRecord(f"{ref}:{fault.field}", raw, None, problem, "file", CONTENT_TYPE))
    for group in whole.groups:
        stranger = _stranger(whole, group, settings)
        verdicts = [Verdict(each, _judge(whole, group, each, settings, stranger)) for each in group.transactions]
        intake.records.extend(_records(whole, group, verdicts))
        if group.header.at(1) != "FA" and group.number and stranger is None:
            intake.receipts.append(acknowledge.receipt(whole, group, verdicts, _back(whole, group, settings), now))


def _stranger(whole: Interchange, group: Group, settings: Mapping[str, str]) -> Fault | None:
    """Documents of another dealer, for another receiver, or of a test, are not taken for this connection's."""
    header = whole.header
    partner, ours = settings.get("partner_id", "").strip(), settings.get("our_id", "").strip()
    if partner and partner not in (header.at(6), group.header.at(2)):
        return Fault("ISA06", header.at(6), f"another sender than this connection's partner_id {partner!r}", "1")
    if ours and ours not in (header.at(8), group.header.at(3)):
        return Fault("ISA08", header.at(8), f"meant for another receiver than our_id {ours!r}", "1")
    if header.at(15) == "T" and settings.get("test_orders", "hold") != "import":
        return Fault("ISA15", "T", "a test interchange; set test_orders to import to take its orders", "1")
    return None


def _judge(
    whole: Interchange, group: Group, transaction: Transaction, settings: Mapping[str, str], stranger: Fault | None
) -> Fault | None:
    """The first reason not to accept this transaction."""
    fault = stranger or transaction.fault
    if fault is None and group.fault is not None:
        fault = Fault(group.fault.field, group.fault.value, f"the whole group is rejected: {group.fault.why}")
    if fault is not None or transaction.kind == "997":
        return fault
    if transaction.kind != "850":
        title = TITLES.get(transaction.kind, "an unknown document")
        return Fault("ST01", transaction.kind, f"{title} are not taken here: expected a purchase order (850)", "1")
    try:
        to_order(whole, group, transaction, settings)
    except BadRecord as problem:
        return acknowledge.rejected(problem)
    return None


def _records(whole: Interchange, group: Group, verdicts: list[Verdict]) -> Iterator[RawRecord]:
    sent = sent_at(group.header.at(4), group.header.at(5))
    for at, verdict in enumerate(verdicts):
        transaction, raw = verdict.transaction, whole.alone(group, verdict.transaction)
        if verdict.fault is not None:
            yield RawRecord(_ref(whole, group, at), raw, sent, _printable(verdict.fault.record()), "file", CONTENT_TYPE)
        elif transaction.kind == "850":
            yield RawRecord(_order_ref(whole, group, transaction), raw, sent, None, "order", CONTENT_TYPE)
        else:
            yield RawRecord(_ref(whole, group, at), raw, sent, _their_verdict(transaction), "file", CONTENT_TYPE)
    if group.fault is not None and not verdicts:
        problem = _printable(group.fault.record())
        yield RawRecord(_ref(whole, group, 0), whole.text(group), sent, problem, "file", CONTENT_TYPE)


def _ref(whole: Interchange, group: Group, at: int) -> str:
    return f"{whole.sender(group)}:{whole.header.at(13)}:{group.number}:{at + 1}"[:200]


def _order_ref(whole: Interchange, group: Group, transaction: Transaction) -> str:
    """The canonical `channel_ref` of an 850 that was judged good."""
    beg = transaction.segments[1]
    return f"{whole.sender(group)}:{beg.at(3)}" + (f"/{beg.at(4)}" if beg.at(4) else "")


def _their_verdict(transaction: Transaction) -> BadRecord | None:
    """The dealer's 997 on a document of ours: a rejection must be seen by a person."""
    about = ""
    for segment in transaction.segments:
        if segment.tag == "AK1":
            about = f"{segment.at(1)} group {segment.at(2)}"
        if segment.tag == "AK9" and segment.at(1) not in ("A", "E"):
            why = f"the dealer rejected our document ({about}); ask why and send it again"
            return BadRecord("AK901", segment.at(1), why)
    return None


def _back(whole: Interchange, group: Group, settings: Mapping[str, str]) -> Address:
    """The way back: receiver and sender swapped, as the dealer wrote them."""
    header = whole.header
    return Address(
        header.at(7) or settings.get("our_qualifier") or "ZZ", header.at(8) or settings.get("our_id", ""),
        header.at(5) or settings.get("partner_qualifier") or "ZZ", header.at(6) or settings.get("partner_id", ""),
        group.header.at(3) or header.at(8), group.header.at(2) or header.at(6), header.at(15) or "P",
    )  # fmt: skip
