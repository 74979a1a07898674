"""Writes X12 4010: envelopes, counts and control numbers, so that every document passes our own reader."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from hub.canonical.amounts import plain

ELEMENT, COMPONENT, END = "*", ">", "~\n"
_UNSAFE = str.maketrans({"*": " ", ">": " ", "~": " ", "^": " "})
GROUPS = {"997": "FA", "855": "PR", "856": "SH", "846": "IB", "850": "PO"}
"""Transaction set -> functional identifier code (GS01)."""

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Address:
    """Who writes to whom: ISA qualifiers and ids, and the application ids of GS."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str
    usage: str = "P"

    def to_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, body: Mapping[str, str]) -> Address:
        return cls(**{name: str(body[name]) for name in cls.__dataclass_fields__})


def control_number(key: str) -> int:
    """A control number of 1 to 999999999 that is the same on every retry of `key`.

    It is drawn from SHA-256 of the key, so that workers on any machine agree without shared state; two of
    10,000 documents share a number with a probability of 5 %, and no document of ours relies on it alone.
    """
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % 999_999_999 + 1


def file_name(kind: str, key: str) -> str:
    """The outbound file of one document: the same for the same key, so that a retry overwrites it."""
    return f"{kind}_{hashlib.sha256(key.encode()).hexdigest()[:24]}.x12"


def text(value: object, most: int = 80) -> str:
    """A value that cannot break a segment: separators and control characters become blanks, ends are cut."""
    flat = "".join(" " if unicodedata.category(char).startswith("C") else char for char in str(value or ""))
    return " ".join(flat.translate(_UNSAFE).split())[:most].strip()


def decimal(value: Decimal) -> str:
    """A number as X12 type R writes it: no exponent, no zeros at the end of a fraction."""
    shown = plain(value)
    return (shown.rstrip("0").rstrip(".") or "0") if "." in shown else shown


def date8(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d")


def time8(moment: datetime) -> str:
    """HHMMSSDD, DD = hundredths of a second."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%H%M%S") + f"{utc.microsecond // 10_000:02}"


def document(kind: str, rows: Sequence[Row], address: Address, key: str, moment: datetime) -> bytes:
    """One interchange with one group with one transaction; `rows` are the segments between ST and SE.

    Args: kind: "997", "855", "856", "846" or "850". key: decides the control number. moment: ISA and GS time.
    """
    number = control_number(key)
    inside = [("ST", kind, "0001"), *rows, ("SE", str(len(rows) + 2), "0001")]
    head = _header(address, number, moment)
    group = ("GS", GROUPS[kind], address.group_sender, address.group_receiver, date8(moment), time8(moment),
             str(number), "X", "004010")  # fmt: skip
    tail = [("GE", "1", str(number)), ("IEA", "1", f"{number:09}")]
    return head.encode() + "".join(_line(row) for row in [group, *inside, *tail]).encode()


def _header(address: Address, number: int, moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    fields = ("ISA", "00", " " * 10, "00", " " * 10, f"{address.sender_qualifier:2.2}", f"{address.sender:15.15}",
              f"{address.receiver_qualifier:2.2}", f"{address.receiver:15.15}", utc.strftime("%y%m%d"),
              utc.strftime("%H%M"), "U", "00401", f"{number:09}", "0", address.usage, COMPONENT)  # fmt: skip
    return ELEMENT.join(fields) + END


def _line(row: Row) -> str:
    return ELEMENT.join(row).rstrip(ELEMENT) + END
