"""Interchange, group, transaction: who encloses whom, and whether counts and control numbers agree.

Each level is judged by itself: a broken transaction is rejected alone, a broken group with its transactions,
and a broken ISA/IEA is told while the intact groups inside it are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.x12.tokenizer import Chunk, Segment, Separators, chunks
from hub.canonical.errors import BadRecord

_MOST_FAULTS = 20
"""Faults that are told of one interchange; a flood of stray segments is one cause."""
_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, with the code that a 997 gives it (AK502 for a transaction, AK905 for a group)."""

    field: str
    value: str
    why: str
    code: str = ""

    def record(self) -> BadRecord:
        return BadRecord(self.field, self.value, self.why)


@dataclass(slots=True)
class Transaction:
    """ST to SE. `fault` is the first thing wrong with its envelope."""

    segments: list[Segment]
    closed: bool = False
    fault: Fault | None = None

    @property
    def kind(self) -> str:
        return self.segments[0].at(1)

    @property
    def number(self) -> str:
        return self.segments[0].at(2)


@dataclass(slots=True)
class Group:
    """GS to GE."""

    header: Segment
    transactions: list[Transaction] = field(default_factory=list)
    trailer: Segment | None = None
    fault: Fault | None = None

    @property
    def number(self) -> str:
        return self.header.at(6)


@dataclass(slots=True)
class Interchange:
    """ISA to IEA. `faults` are those of the interchange itself."""

    separators: Separators
    header: Segment
    groups: list[Group] = field(default_factory=list)
    trailer: Segment | None = None
    faults: list[Fault] = field(default_factory=list)

    def sender(self, group: Group) -> str:
        """Who is the dealer: the group's sender (GS02), else the interchange's (ISA06)."""
        return group.header.at(2) or self.header.at(6)

    def receiver(self, group: Group) -> str:
        return group.header.at(3) or self.header.at(8)

    def alone(self, group: Group, transaction: Transaction) -> bytes:
        """A minimal interchange (UTF-8) that holds this transaction only; its segments as they stood.

        ISA is written in its fixed widths; a control number that is none was told by itself and becomes 000000000.
        """
        mark, end = self.separators.element, self.separators.segment
        isa = [self.header.at(at).ljust(width) for at, width in enumerate(_ISA_WIDTHS, 1)]
        isa[12] = isa[12] if number(self.header.at(13)) is not None else "0" * 9
        isa.append(self.separators.component or next(char for char in ">:<" if char not in mark + end))
        texts = [mark.join(["ISA", *isa]), group.header.text, *(s.text for s in transaction.segments)]
        texts += [f"GE{mark}1{mark}{group.number}", f"IEA{mark}1{mark}{isa[12]}"]
        return "".join(text + end for text in texts).encode()

    def text(self, group: Group) -> bytes:
        """The group as it stood (UTF-8), for the record of one that is rejected and for its digest."""
        segments = [group.header, *(s for t in group.transactions for s in t.segments)]
        segments += [group.trailer] if group.trailer else []
        return "".join(segment.text + self.separators.segment for segment in segments).encode()


def read(raw: bytes) -> Iterator[Interchange | BadRecord]:
    """Every interchange of the file with its faults; BadRecord where one cannot be cut.

    Raises: BadRecord: no X12 at all.
    """
    for chunk in chunks(raw):
        yield chunk if isinstance(chunk, BadRecord) else _Builder(chunk).build()


class _Builder:
    """Sorts segments into groups and transactions, then checks counts and numbers."""

    def __init__(self, chunk: Chunk) -> None:
        self._segments = chunk.segments[1:]
        self._all = Interchange(chunk.separators, chunk.segments[0])
        self._group: Group | None = None
        self._transaction: Transaction | None = None

    def build(self) -> Interchange:
        steps = {"GS": self._gs, "GE": self._ge, "ST": self._st, "SE": self._se, "IEA": self._iea}
        for segment in self._segments:
            if self._all.trailer is not None:
                self._fault(segment.tag, segment.text, "a segment after the interchange trailer (IEA)")
                break
            steps.get(segment.tag, self._other)(segment)
        self._close_group()
        _check_interchange(self._all)
        return self._all

    def _fault(self, name: str, value: str, why: str) -> None:
        if len(self._all.faults) < _MOST_FAULTS:
            self._all.faults.append(Fault(_place(name), value[:80], why))

    def _gs(self, segment: Segment) -> None:
        self._close_group()
        self._group = Group(segment)
        self._all.groups.append(self._group)

    def _ge(self, segment: Segment) -> None:
        if self._group is None:
            return self._fault("GE", segment.text, "a group trailer (GE) without a group header (GS)")
        self._group.trailer = segment
        return self._close_group()

    def _st(self, segment: Segment) -> None:
        self._close_transaction()
        if self._group is None:
            self._fault("ST", segment.text, "a transaction (ST) outside a group: expected GS before it")
            missing = Fault("GS", "", "missing: a transaction outside a group", "3")
            self._group = Group(Segment("GS", (), ""), fault=missing)
            self._all.groups.append(self._group)
        self._transaction = Transaction([segment])
        self._group.transactions.append(self._transaction)

    def _se(self, segment: Segment) -> None:
        if self._transaction is None:
            return self._stray(segment)
        self._transaction.segments.append(segment)
        self._transaction.closed = True
        return self._close_transaction()

    def _iea(self, segment: Segment) -> None:
        self._close_group()
        self._all.trailer = segment

    def _other(self, segment: Segment) -> None:
        if self._transaction is not None:
            self._transaction.segments.append(segment)
        elif segment.tag not in ("TA1", "ISB", "ISE"):
            self._stray(segment)

    def _stray(self, segment: Segment) -> None:
        why = "a segment outside a transaction: expected it between ST and SE"
        if self._group is None:
            self._fault(segment.tag, segment.text, why)
        else:
            self._group.fault = self._group.fault or Fault(_place(segment.tag), segment.text[:80], why, "5")

    def _close_transaction(self) -> None:
        if self._transaction is not None:
            self._transaction.fault = _transaction_fault(self._transaction)
        self._transaction = None

    def _close_group(self) -> None:
        self._close_transaction()
        if self._group is not None:
            self._group.fault = _group_fault(self._group) or self._group.fault
        self._group = None


def _place(tag: str) -> str:
    """A segment's name, where what stands there has one."""
    return tag if 2 <= len(tag) <= 3 and tag.isascii() and tag.isalnum() else "segment"


def _transaction_fault(transaction: Transaction) -> Fault | None:
    header, trailer, count = transaction.segments[0], transaction.segments[-1], len(transaction.segments)
    if not transaction.closed:
        return Fault("SE", "", f"missing: transaction {header.at(2)!r} is cut off", "2")
    if not header.at(1):
        return Fault("ST01", "", "expected a transaction set such as 850", "6")
    if not header.at(2):
        return Fault("ST02", "", "expected a control number", "7")
    if trailer.at(2) != header.at(2):
        return Fault("SE02", trailer.at(2), f"expected the control number of ST02, {header.at(2)!r}", "3")
    if number(trailer.at(1)) != count:
        return Fault("SE01", trailer.at(1), f"expected {count}: the segments from ST to SE are {count}", "4")
    return None


def _group_fault(group: Group) -> Fault | None:
    if group.trailer is None:
        return group.fault or Fault("GE", "", f"missing: group {group.number!r} is cut off", "3")
    if number(group.number) is None:
        return Fault("GS06", group.number, "expected a control number of up to 9 digits", "6")
    if number(group.trailer.at(2)) != number(group.number):
        return Fault("GE02", group.trailer.at(2), f"expected the control number of GS06, {group.number!r}", "4")
    if number(group.trailer.at(1)) != len(group.transactions):
        held = len(group.transactions)
        return Fault("GE01", group.trailer.at(1), f"expected {held}: the group holds {held} transactions", "5")
    return None


def _check_interchange(whole: Interchange) -> None:
    header, trailer, faults = whole.header, whole.trailer, whole.faults
    if number(header.at(13)) is None:
        faults.append(Fault("ISA13", header.at(13), "expected a control number of 9 digits"))
    if trailer is None:
        faults.append(Fault("IEA", "", f"missing: interchange {header.at(13)!r} is cut off"))
        return
    if number(trailer.at(2)) != number(header.at(13)):
        faults.append(Fault("IEA02", trailer.at(2), f"expected the control number of ISA13, {header.at(13)!r}"))
    if number(trailer.at(1)) != len(whole.groups):
        held = len(whole.groups)
        faults.append(Fault("IEA01", trailer.at(1), f"expected {held}: the interchange holds {held} groups"))


def number(text: str) -> int | None:
    """A count or control number; None where it is not up to 10 ASCII digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
