"""How strictly the dealer reads our documents: every fault is a complaint, nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from connectors.x12.envelope import Group, Interchange, Transaction, read
from connectors.x12.tokenizer import Segment
from connectors.x12.writer import GROUPS
from hub.canonical.errors import BadRecord

_DAY = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_CLOCK = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d\d)?)?")


class Complaint(Exception):
    """What is wrong with a document of ours, in the dealer's words."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One good document of ours."""

    kind: str
    group: str
    transaction: str
    segments: tuple[Segment, ...]


def read_letters(raw: bytes, our_id: str, dealer_id: str) -> list[Letter]:
    """All documents of one file of ours. Raises Complaint."""
    try:
        wholes = list(read(raw))
    except BadRecord as problem:
        raise Complaint(str(problem)) from None
    letters = []
    for whole in wholes:
        if isinstance(whole, BadRecord):
            raise Complaint(str(whole))
        _check_header(raw, whole, our_id, dealer_id)
        letters += [_letter(group, transaction) for group in whole.groups for transaction in group.transactions]
    return letters


def _check_header(raw: bytes, whole: Interchange, our_id: str, dealer_id: str) -> None:
    need(raw[:3] == b"ISA" and raw[105:106] == b"~", "ISA must be 106 characters wide")
    need(not whole.faults, "; ".join(fault.why for fault in whole.faults))
    need(whole.header.at(6) == our_id, f"ISA06 is {whole.header.at(6)!r}, expected {our_id!r}")
    need(whole.header.at(8) == dealer_id, f"ISA08 is {whole.header.at(8)!r}, expected {dealer_id!r}")
    need(whole.header.at(12) == "00401", "ISA12 must be 00401")


def _letter(group: Group, transaction: Transaction) -> Letter:
    faults = [fault.why for fault in (group.fault, transaction.fault) if fault]
    need(not faults, "; ".join(faults))
    need(GROUPS.get(transaction.kind) == group.header.at(1), f"{transaction.kind} in a group {group.header.at(1)}")
    need(group.header.at(8) == "004010", "GS08 must be 004010")
    day(group.header.at(4)), clock(group.header.at(5))
    return Letter(transaction.kind, group.number, transaction.number, tuple(transaction.segments[1:-1]))


def need(holds: bool, complaint: str) -> None:
    if not holds:
        raise Complaint(complaint)


def day(value: str) -> str:
    need(_DAY.fullmatch(value) is not None, f"{value!r} is no date")
    return value


def clock(value: str) -> str:
    need(_CLOCK.fullmatch(value) is not None, f"{value!r} is no time")
    return value.ljust(8, "0")


def amount(value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Complaint(f"{value!r} is no number") from None
    need(found.is_finite() and found >= 0, f"{value!r} is no quantity")
    return found


# ---- one function per document ----


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A 997: the group's control number, AK901, and AK501 by position."""

    number: str
    status: str
    verdicts: tuple[tuple[str, str], ...]


def read_997(letter: Letter) -> Acknowledged:
    first, last = letter.segments[0], letter.segments[-1]
    need(first.tag == "AK1" and last.tag == "AK9", "997 must run from AK1 to AK9")
    verdicts: list[tuple[str, str]] = []
    about = ""
    for segment in letter.segments[1:-1]:
        need(segment.tag in ("AK2", "AK3", "AK4", "AK5"), f"{segment.tag} does not belong into a 997")
        if segment.tag == "AK2":
            about = segment.at(2)
        if segment.tag == "AK5":
            need(segment.at(1) == "A" or (segment.at(1) == "R" and bool(segment.at(2))), "AK5 must say A, or R and why")
            verdicts.append((about, segment.at(1)))
    taken = sum(verdict == "A" for _, verdict in verdicts)
    need(last.at(3) == str(len(verdicts)) and last.at(4) == str(taken), "AK9 counts other than the AK5 it holds")
    wanted = "A" if taken == len(verdicts) and taken else "P" if taken else "R"
    need(last.at(1) == wanted, f"AK901 is {last.at(1)!r}, the verdicts say {wanted!r}")
    return Acknowledged(first.at(2), last.at(1), tuple(verdicts))


@dataclass(frozen=True, slots=True)
class Answered:
    """An 855: purchase order, BAK02, and (line, ACK01, quantity)."""

    order: str
    verdict: str
    lines: tuple[tuple[str, str, Decimal], ...]


def read_855(letter: Letter) -> Answered:
    bak, ctt = letter.segments[0], letter.segments[-1]
    need(bak.tag == "BAK" and bak.at(1) == "00" and bak.at(2) in ("AD", "AC", "RD"), "BAK must say 00 and AD, AC or RD")
    day(bak.at(4))
    lines: list[tuple[str, str, Decimal]] = []
    line = ""
    for segment in letter.segments:
        if segment.tag == "PO1":
            need(bool(segment.at(1) and segment.at(3) and segment.at(7)), "PO1 needs line, unit and item number")
            amount(segment.at(2))
            line = segment.at(1)
        if segment.tag == "ACK":
            need(segment.at(1) in ("IA", "IR", "IQ"), f"ACK01 {segment.at(1)!r} was not agreed")
            lines.append((line, segment.at(1), amount(segment.at(2))))
    need(ctt.tag == "CTT" and ctt.at(1) == str(len(lines)) and bool(lines), "CTT01 must count the lines")
    need((bak.at(2) == "RD") == all(code == "IR" for _, code, _ in lines), "BAK02 and the ACK segments disagree")
    return Answered(bak.at(3), bak.at(2), tuple(lines))


@dataclass(frozen=True, slots=True)
class Shipped:
    """An 856: shipment number, purchase order, tracking, and quantity by line."""

    shipment: str
    order: str
    tracking: str
    lines: dict[str, Decimal]


def read_856(letter: Letter) -> Shipped:
    bsn, ctt = letter.segments[0], letter.segments[-1]
    need(bsn.tag == "BSN" and bsn.at(1) == "00" and bool(bsn.at(2)), "BSN must say 00 and a shipment number")
    day(bsn.at(3)), clock(bsn.at(4))
    levels = [segment for segment in letter.segments if segment.tag == "HL"]
    _check_levels(levels)
    need(ctt.tag == "CTT" and ctt.at(1) == str(len(levels)), "CTT01 must count the HL levels")
    order = _one(letter, "PRF").at(1)
    trackings = [segment.at(2) for segment in letter.segments if segment.tag == "REF" and segment.at(1) == "CN"]
    need(len(trackings) <= 1, "expected at most one tracking number (REF*CN)")
    carrier = _one(letter, "TD5")
    need(bool(carrier.at(5)), "TD5 names no carrier")
    need(carrier.at(2) == ("2" if carrier.at(3) else ""), "TD502 does not say what TD503 is")
    return Shipped(bsn.at(2), order, "".join(trackings), _items(letter))


def _check_levels(levels: list[Segment]) -> None:
    kinds = {level.at(1): level.at(3) for level in levels}
    need([level.at(1) for level in levels] == [str(at) for at in range(1, len(levels) + 1)], "HL01 must count 1, 2, 3")
    parents = {"S": "", "O": "S", "P": "O", "I": "P"}
    for level in levels:
        above = kinds.get(level.at(2), "")
        need(above == parents.get(level.at(3), "?"), f"HL {level.at(1)} hangs below the wrong level")


def _one(letter: Letter, tag: str) -> Segment:
    found = [segment for segment in letter.segments if segment.tag == tag]
    need(len(found) == 1, f"expected one {tag}, found {len(found)}")
    return found[0]


def _items(letter: Letter) -> dict[str, Decimal]:
    lines: dict[str, Decimal] = {}
    line = ""
    for segment in letter.segments:
        if segment.tag == "LIN":
            need(bool(segment.at(1) and segment.at(3)), "LIN needs line and item number")
            line = segment.at(1)
        if segment.tag == "SN1":
            need(line not in lines and bool(segment.at(3)), f"SN1 twice, or without a unit, for line {line!r}")
            lines[line] = amount(segment.at(2))
    need(bool(lines), "856 without items")
    return lines


def read_846(letter: Letter) -> tuple[str, list[tuple[str, int]]]:
    """As-of time (CCYYMMDDHHMMSSDD) and (item, available)."""
    bia, ctt = letter.segments[0], letter.segments[-1]
    need(bia.tag == "BIA" and bia.at(1) == "00" and bool(bia.at(3)), "BIA must say 00 and a reference")
    at = day(bia.at(4)) + clock(bia.at(5))
    items: list[tuple[str, int]] = []
    item = ""
    for segment in letter.segments[1:-1]:
        need(segment.tag in ("LIN", "QTY"), f"{segment.tag} was not agreed for the 846")
        if segment.tag == "LIN":
            need(segment.at(2) == "VN", f"LIN02 {segment.at(2)!r} was not agreed")
            item = segment.at(3)
        else:
            need(segment.at(1) == "33" and segment.at(3) == "EA", "QTY must be 33, in EA")
            need(segment.at(2).isdigit(), f"QTY02 {segment.at(2)!r} is no whole number")
            items.append((item, int(segment.at(2))))
    need(ctt.tag == "CTT" and ctt.at(1) == str(len(items)), "CTT01 must count the items")
    return at, items
