"""What goes out to a dealer: 855 (answer to an order), 856 (ship notice), 846 (stock); segments only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.x12.writer import Row, date8, decimal, text, time8
from hub.canonical.times import parse_time
from hub.ports.channel import AnswerLine, Dispatch, DispatchLine, OrderAnswer, StockLine
from mappings.engine.tables import Table


def rows_855(answer: OrderAnswer, qualifier: str) -> list[Row]:
    """BAK, then each line with ACK: IA accepted, IQ quantity changed, IR rejected.

    BAK02 is AD (accepted as ordered), AC (accepted with changes) or RD (rejected).
    """
    changed = any(line.promised != line.ordered for line in answer.lines)
    verdict = "RD" if not answer.accepted else "AC" if changed else "AD"
    number, release = _number(answer.order_ref, answer.number, answer.order)
    rows: list[Row] = [("BAK", "00", verdict, number, _placed(answer.order, answer.answered_at), release)]
    if answer.reason and not answer.accepted:
        rows += [("N9", "L1", "REASON"), ("MSG", text(answer.reason, 264))]
    rows += _party("ST", answer.order)
    for line in answer.lines:
        rows += _answer_line(line, answer, qualifier)
    return [*rows, ("CTT", str(len(answer.lines)))]


def _answer_line(line: AnswerLine, answer: OrderAnswer, qualifier: str) -> list[Row]:
    uom, ids = text(line.uom, 2) or "EA", _ids(line, answer.order, qualifier)
    price = decimal(line.unit_price) if line.unit_price is not None else ""
    promised = line.promised if answer.accepted else Decimal(0)
    code = "IA" if answer.accepted and promised == line.ordered else "IR" if promised <= 0 else "IQ"
    counted = line.ordered if code == "IR" else promised
    po1 = ("PO1", text(line.line_ref, 20), decimal(line.ordered), uom, price, "", *ids)
    return [po1, ("ACK", code, decimal(counted), uom)]


def rows_856(dispatch: Dispatch, qualifier: str, carriers: Table | None = None) -> list[Row]:
    """One parcel: shipment, order, pack and item levels (HL S, O, P, I), structure 0001.

    Args: carriers: our word for a carrier -> `scac`, the code by which the dealer knows it.
    """
    number, release = _number(dispatch.order_ref, dispatch.number, dispatch.order)
    at, tracking = dispatch.shipped_at, text(dispatch.tracking_no, 30)
    rows: list[Row] = [("BSN", "00", text(dispatch.shipment_no, 30), date8(at), time8(at), "0001")]
    rows += [("HL", "1", "", "S"), _carrier(dispatch.carrier, carriers)]
    rows += [("REF", "CN", tracking)] if tracking else []
    rows.append(("DTM", "011", date8(at), time8(at)))
    rows += [("N1", "SF", text(dispatch.warehouse, 60))] if dispatch.warehouse else []
    rows += _party("ST", dispatch.order)
    rows += [("HL", "2", "1", "O"), ("PRF", number, release, "", _placed(dispatch.order, at))]
    rows.append(("HL", "3", "2", "P"))
    rows += [("MAN", "CP", text(dispatch.tracking_no, 48))] if tracking else []
    for at_level, line in enumerate(dispatch.lines, 4):
        rows += _item(at_level, line, dispatch, qualifier)
    return [*rows, ("CTT", str(3 + len(dispatch.lines)))]


def _carrier(name: str, carriers: Table | None) -> Row:
    """TD5 with the carrier's name, and with its SCAC (qualifier 2) where the table has one."""
    code = text(carriers.cell(name.strip(), "scac"), 4).upper() if carriers else ""
    return ("TD5", "", "2" if code else "", code, "", text(name, 35))


def _item(level: int, line: DispatchLine, dispatch: Dispatch, qualifier: str) -> list[Row]:
    uom = text(line.uom, 2) or "EA"
    sn1 = ["SN1", "", decimal(line.quantity), uom]
    sn1 += ["", decimal(line.ordered), uom] if line.ordered is not None else []
    return [("HL", str(level), "3", "I"), ("LIN", text(line.line_ref, 20), *_ids(line, dispatch.order, qualifier)), sn1]


def rows_846(lines: Sequence[StockLine], qualifier: str, reference: str, now: datetime) -> list[Row]:
    """Absolute numbers that may be sold (QTY*33), one LIN each; BIA has the as-of time, to hundredths of a second."""
    rows: list[Row] = [("BIA", "00", "SI", reference, date8(now), time8(now))]
    for at, line in enumerate(lines, 1):
        mark = text(line.place.get("qualifier", ""), 2) or qualifier
        rows += [("LIN", str(at), mark, text(line.listing_ref, 48)), ("QTY", "33", str(max(0, line.available)), "EA")]
    return [*rows, ("CTT", str(len(lines)))]


def _number(order_ref: str, number: str | None, order: Mapping[str, Any]) -> tuple[str, str]:
    """Purchase order number and release as the dealer wrote them."""
    shown = number or order_ref.split(":", 1)[-1]
    return text(shown, 22), text((order.get("extra") or {}).get("release", ""), 30)


def _placed(order: Mapping[str, Any], otherwise: datetime) -> str:
    """Date of the purchase order, which BAK04 must have."""
    placed = order.get("placed_at")
    return date8(parse_time(placed, "placed_at") if placed else otherwise)


def _ids(line: AnswerLine | DispatchLine, order: Mapping[str, Any], qualifier: str) -> list[str]:
    """Product ids in pairs: those that the dealer's line had, else ours under `qualifier`."""
    lines = (order.get("extra") or {}).get("lines") or {}
    known = (lines.get(line.line_ref) or {}).get("ids") or {}
    own = line.listing_ref or line.sku
    pairs = known or ({qualifier: own} if own else {})
    return [part for mark, value in list(pairs.items())[:10] for part in (text(mark, 2), text(value, 48))]


def _party(role: str, order: Mapping[str, Any]) -> list[Row]:
    """N1, N3 and N4 of the order's ship-to, with the dealer's own location code."""
    extra = order.get("extra") or {}
    known = (extra.get("parties") or {}).get(role) or {}
    place = order.get("ship_to") or {}
    name, code = text(place.get("name") or place.get("company"), 60), text(known.get("id"), 80)
    if not (name or code):
        return []
    mark = text(known.get("qualifier"), 2) or "92"
    rows: list[Row] = [("N1", role, name, mark, code) if code else ("N1", role, name)]
    street = [text(part, 55) for part in place.get("lines") or () if text(part)]
    rows += [("N3", *street[:2])] if street else []
    sizes = (("city", 30), ("region", 2), ("postal_code", 15), ("country", 3))
    town = [text(place.get(name), most) for name, most in sizes]
    return [*rows, ("N4", *town)] if any(town) else rows
