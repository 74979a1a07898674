"""Purchase orders for the tests, written by hand in plain separators, and the ways real files differ from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.ports.channel import Connection

HEAD = "ISA*00*          *00*          *ZZ*DEALER1        *ZZ*STOCKLINE      *261123*0915*U*00401*{isa:09}*0*P*>"
LINES = ("PO1*1*6*EA*12.50*PE*VN*MUG-RED*UP*400638133393", "PID*F****Mug, red", "PO1*2*2*CA*7.9**VN*TEA")
BEG = "BEG*00*SA*4711**20261120"
PLACE = ("N1*ST*Café Süd*92*0085", "N3*Hauptstr. 1", "N4*Berlin*BE*10115*DEU")


def transaction(number: str = "0001", beg: str = BEG, body: Sequence[str] = (*PLACE, *LINES)) -> list[str]:
    """ST to SE, counted."""
    rows = [f"ST*850*{number}", beg, *body, "CTT*2"]
    return [*rows, f"SE*{len(rows) + 1}*{number}"]


def group(*transactions: list[str], number: int = 7, kind: str = "PO", sent: str = "20261123*0915") -> list[str]:
    """GS to GE, counted."""
    head = f"GS*{kind}*DEALERGS*STOCKLINE*{sent}*{number}*X*004010"
    return [head, *(row for each in transactions for row in each), f"GE*{len(transactions)}*{number}"]


def interchange(*groups: list[str], isa: int = 42) -> list[str]:
    """ISA to IEA, counted."""
    return [HEAD.format(isa=isa), *(row for each in groups for row in each), f"IEA*{len(groups)}*{isa:09}"]


def one_order(
    beg: str = BEG, body: Sequence[str] = (*PLACE, *LINES), isa: int = 42, sent: str = "20261123*0915"
) -> list[str]:
    """A file with a single purchase order."""
    return interchange(group(transaction(beg=beg, body=body), sent=sent), isa=isa)


def plain(rows: Sequence[str], end: str = "~\n") -> bytes:
    return "".join(row + end for row in rows).encode()


def replaced(rows: Sequence[str], start: str, new: str | None, nth: int = 0) -> list[str]:
    """The rows with the nth that starts so replaced; None takes it out."""
    at = [index for index, row in enumerate(rows) if row.startswith(start)][nth]
    return [*rows[:at], *([] if new is None else [new]), *rows[at + 1 :]]


def connection(inbound: object, outbound: object, **more: str) -> Connection:
    settings: Mapping[str, str] = {
        "inbound_dir": str(inbound), "outbound_dir": str(outbound), "our_id": "STOCKLINE", "partner_id": "DEALER1",
        "settle_s": "0", "patience_s": "0", **more,
    }  # fmt: skip
    return Connection(1, "dealer", "x12", settings, {})
