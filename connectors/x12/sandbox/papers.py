"""The purchase orders that the dealer writes, in the many shapes that real dealers use; and how he spoils one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.kit.practice.sandbox import ShopItem
from connectors.x12.sandbox.books import Entry
from connectors.x12.writer import Address, Row, date8, decimal, document, text, time8

STYLES = ("plain", "lines", "pipes", "controls", "wrapped", "bom")
"""Separators and wrapping: `*>~`, newline as terminator, `|:`, 0x1d-0x1f, 80 columns, a byte order mark."""
SPOILS = ("truncated", "bad_isa", "wrong_count", "garbage")


@dataclass(frozen=True, slots=True)
class Paper:
    """One interchange: its bytes, its control number and its transactions' numbers."""

    body: bytes
    number: str
    style: str


def rows_850(entry: Entry, items: Mapping[str, ShopItem], purpose: str) -> list[Row]:
    """The segments of one purchase order; purpose 00 original, 01 cancellation, 05 replacement."""
    shopper = entry.shopper
    place = [text(part, most) for part, most in
             ((shopper.city, 30), (shopper.region, 2), (shopper.postal_code, 15), (shopper.country, 3))]  # fmt: skip
    rows: list[Row] = [
        ("BEG", purpose, "DS", entry.number, "", date8(entry.placed_at)), ("CUR", "BY", "EUR"),
        ("REF", "CO", f"C-{entry.number}"), ("N1", "BY", "Practice Dealer", "92", "001"),
        ("N1", "ST", text(shopper.name, 60)), ("N3", text(shopper.line, 55)), ("N4", *place),
        ("PER", "DC", text(shopper.name, 60), "TE", text(shopper.phone), "EM", text(shopper.email)),
    ]  # fmt: skip
    total = Decimal(0)
    for line in entry.lines:
        item = items[line.sku]
        rows.append(("PO1", line.line_ref, str(line.current), "EA", item.price, "PE", "VN", text(line.sku, 48)))
        rows.append(("PID", "F", "", "", "", text(item.title)))
        total += Decimal(item.price) * line.current
    return [*rows, ("CTT", str(len(entry.lines))), ("AMT", "TT", decimal(total))]


def rows_997_for(kind: str, number: str, transactions: list[str]) -> list[Row]:
    """The dealer's acknowledgment of one of our groups; all accepted."""
    rows: list[Row] = [("AK1", kind, number)]
    for each in transactions:
        code = {"PR": "855", "SH": "856", "IB": "846"}[kind]
        rows += [("AK2", code, each), ("AK5", "A")]
    count = str(len(transactions))
    return [*rows, ("AK9", "A", count, count, count)]


def write(rows: list[Row], address: Address, number: int, moment: datetime, style: str, extra: bytes = b"") -> Paper:
    """One interchange under the dealer's own running number.

    extra: one more group, GS to GE, to stand in front of the purchase orders.
    """
    body = document("850", rows, address, "", moment).decode()
    head, *lines = body.split("~\n")[:-1]
    fields = head.split("*")
    fields[13] = f"{number:09}"
    group = lines[0].split("*")
    group[6], group[5] = str(number), time8(moment)
    inner = [*extra.decode().split("~\n")[:-1], "*".join(group), *lines[1:-2], f"GE*1*{number}"]
    groups = sum(line.startswith("GS*") for line in inner)
    return Paper(_styled(["*".join(fields), *inner, f"IEA*{groups}*{number:09}"], style), str(number), style)


def group_997(rows: list[Row], address: Address, number: int, moment: datetime) -> bytes:
    """One FA group, GS to GE, in plain separators."""
    lines = document("997", rows, address, "", moment).decode().split("~\n")[1:-2]
    group = lines[0].split("*")
    group[6] = str(number)
    return "".join(line + "~\n" for line in ["*".join(group), *lines[1:-1], f"GE*1*{number}"]).encode()


def _styled(lines: list[str], style: str) -> bytes:
    """The same segments with other separators, a byte order mark or hard line breaks."""
    marks = {"lines": ("*", ">", "\n"), "pipes": ("|", ":", "~\r\n"), "controls": ("\x1d", "\x1f", "\x1c")}
    element, component, end = marks.get(style, ("*", ">", "~\n"))
    table = str.maketrans({"*": element, ">": component})
    body = "".join(line.translate(table) + end for line in lines)
    if style == "wrapped":
        flat = body.replace("\n", "")
        return "\r\n".join(flat[at : at + 80] for at in range(0, len(flat), 80)).encode()
    return (b"\xef\xbb\xbf" if style == "bom" else b"") + body.encode()


def spoil(paper: Paper, how: str, dice: random.Random) -> bytes:
    """A corrupt copy: cut off, a broken ISA, a wrong SE count, or no X12 at all."""
    body = paper.body
    if how == "truncated":
        return body[: int(len(body) * dice.uniform(0.4, 0.8))]
    if how == "bad_isa":
        at = body.index(b"ISA")
        return body[:at] + b"IXA" + body[at + 3 :]
    if how == "garbage":
        return bytes(dice.randrange(256) for _ in range(700))
    mark = next(m for m in (b"SE*", b"SE|", b"SE\x1d") if m in body)
    at = body.rindex(mark) + len(mark)
    return body[:at] + b"9" + body[at:]
