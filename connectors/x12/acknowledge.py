"""The functional acknowledgment (997): what became of each transaction of a received group."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.x12.envelope import Fault, Group, Interchange, Transaction
from connectors.x12.writer import Address, Row, document, text
from hub.canonical.errors import BadRecord
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Receipt

_PLACE = re.compile(r"(?P<segment>[A-Z][A-Z0-9]{1,2}?)(?P<element>\d\d)?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One transaction of a group: accepted when `fault` is None."""

    transaction: Transaction
    fault: Fault | None


def receipt(whole: Interchange, group: Group, verdicts: Sequence[Verdict], address: Address, now: datetime) -> Receipt:
    """The 997 to send for one group, as JSON-ready data. The same group read again gives the same key.

    The key holds the sender, the control numbers and a digest of the group, so that another group under a
    number that was used before is answered, too.
    """
    digest = hashlib.sha256(whole.text(group)).hexdigest()[:12]
    key = f"997:{whole.sender(group)}:{whole.header.at(13)}:{group.number}:{digest}"
    return Receipt(key, {
        "address": address.to_dict(), "at": iso(now), "kind": group.header.at(1), "number": group.number,
        "included": group.trailer.at(1) if group.trailer else str(len(group.transactions)),
        "received": len(group.transactions), "group_code": group.fault.code if group.fault else "",
        "transactions": [_transaction(verdict) for verdict in verdicts],
    })  # fmt: skip


def _transaction(verdict: Verdict) -> dict[str, Any]:
    fault = verdict.fault
    body: dict[str, Any] = {"kind": verdict.transaction.kind, "number": verdict.transaction.number,
                            "accepted": fault is None, "code": fault.code if fault else "", "notes": []}  # fmt: skip
    if fault is not None and fault.code == "5":
        body["notes"] = _notes(verdict.transaction, fault)
    return body


def _notes(transaction: Transaction, fault: Fault) -> list[list[str]]:
    """AK3 (and AK4) where the fault names a segment, e.g. `PO1[1].PO102` or `BEG.BEG05`."""
    found = _PLACE.fullmatch(fault.field.split(".")[-1].split("[")[0])
    if found is None:
        return []
    tag, element = found["segment"], found["element"]
    line = int(m[1]) if (m := re.match(r"PO1\[(\d+)\]", fault.field)) else None
    nth = int(m[1]) if tag != "PO1" and (m := re.search(rf"\b{tag}\[(\d+)\]", fault.field)) else 0
    places = _places([segment.tag for segment in transaction.segments], tag, line)
    if len(places) <= nth:
        return [["AK3", tag, str(places[-1] if places else min(2, len(transaction.segments))), "", "3"]]
    note = ["AK3", tag, str(places[nth]), "", "8" if element else "2"]
    if not element:
        return [note]
    code = "1" if fault.value in ("", "null") else "7"
    return [note, ["AK4", str(int(element)), "", code, text(fault.value, 99) if code == "7" else ""]]


def _places(tags: list[str], tag: str, line: int | None) -> list[int]:
    """Where a segment stands (from 1) in one line of the order, or in the order outside of its lines."""
    end = tags.index("CTT") if "CTT" in tags else len(tags) - 1
    starts = [*(at for at, found in enumerate(tags) if found == "PO1"), end]
    if line is None:
        return [at + 1 for at, found in enumerate(tags) if found == tag and not starts[0] <= at < end]
    return [at + 1 for at in range(*starts[line : line + 2]) if tags[at] == tag]


def rejected(problem: BadRecord) -> Fault:
    """A translation that failed, as the 997 tells it: one or more segments in error."""
    return Fault(problem.field, problem.value, problem.why, "5")


def write_997(receipt: Receipt) -> bytes:
    """The document of one receipt made by `receipt`."""
    body = receipt.body
    address, at = Address.from_dict(body["address"]), parse_time(body["at"], "at")
    return document("997", rows_997(body), address, receipt.key, at)


def rows_997(body: Mapping[str, Any]) -> list[Row]:
    """AK1 to AK9. AK901 is A (all accepted), P (some) or R (none, or the group itself is broken)."""
    rows: list[Row] = [("AK1", body["kind"], body["number"])]
    broken = bool(body["group_code"])
    taken = 0
    for transaction in body["transactions"]:
        accepted = transaction["accepted"] and not broken
        taken += accepted
        rows.append(("AK2", transaction["kind"], transaction["number"]))
        rows += [] if accepted else [tuple(note) for note in transaction["notes"]]
        rows.append(("AK5", "A") if accepted else ("AK5", "R", transaction["code"]))
    status = "A" if taken == body["received"] and not broken else "P" if taken else "R"
    counts = (str(body["included"]), str(body["received"]), str(taken))
    return [*rows, ("AK9", status, *counts, body["group_code"])]
