"""What is told to channels, as stored in the outbox and as the port wants it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.canonical.amounts import exact, plain
from hub.canonical.times import iso, parse_time
from hub.ports.channel import AnswerLine, Dispatch, DispatchLine, OrderAnswer


def answer_body(document: Mapping[str, Any], accepted: bool, reason: str, now: datetime) -> dict[str, Any]:
    """The hub's word on an order, ready for the outbox."""
    return {"accepted": accepted, "reason": reason, "answered_at": iso(now), "order": dict(document)}


def read_answer(body: Mapping[str, Any]) -> OrderAnswer:
    """The stored word, as the port wants it."""
    document = body["order"]
    accepted = bool(body["accepted"])
    return OrderAnswer(
        order_ref=document["channel_ref"],
        number=document.get("number"),
        accepted=accepted,
        reason=body["reason"],
        lines=tuple(_answer_line(line, accepted) for line in document["lines"]),
        answered_at=parse_time(body["answered_at"], "answered_at"),
        order=document,
    )


def _answer_line(line: Mapping[str, Any], accepted: bool) -> AnswerLine:
    ordered = exact(line["quantity"], "quantity")
    price = line.get("unit_price")
    return AnswerLine(
        line_ref=line["channel_ref"],
        ordered=ordered,
        promised=ordered if accepted else Decimal(0),
        listing_ref=line.get("listing_ref"),
        sku=line.get("sku"),
        uom=line.get("uom"),
        unit_price=None if price is None else exact(price, "unit_price"),
    )


def dispatch_body(dispatch: Dispatch) -> dict[str, Any]:
    """A parcel, ready for the outbox."""
    lines = [
        {
            "line_ref": line.line_ref, "quantity": plain(line.quantity), "listing_ref": line.listing_ref,
            "sku": line.sku, "uom": line.uom, "ordered": None if line.ordered is None else plain(line.ordered),
        }
        for line in dispatch.lines
    ]  # fmt: skip
    return {
        "order_ref": dispatch.order_ref, "number": dispatch.number, "shipment_no": dispatch.shipment_no,
        "carrier": dispatch.carrier, "tracking_no": dispatch.tracking_no, "tracking_url": dispatch.tracking_url,
        "shipped_at": iso(dispatch.shipped_at), "final": dispatch.final, "warehouse": dispatch.warehouse,
        "lines": lines, "order": dict(dispatch.order),
    }  # fmt: skip


def read_dispatch(body: Mapping[str, Any]) -> Dispatch:
    """The stored parcel, as the port wants it."""
    lines = tuple(
        DispatchLine(
            line_ref=row["line_ref"],
            quantity=exact(row["quantity"], "quantity"),
            listing_ref=row["listing_ref"],
            sku=row["sku"],
            uom=row["uom"],
            ordered=None if row["ordered"] is None else exact(row["ordered"], "ordered"),
        )
        for row in body["lines"]
    )
    words = {name: body[name] for name in (
        "order_ref", "number", "shipment_no", "carrier", "tracking_no", "tracking_url", "final", "warehouse", "order",
    )}  # fmt: skip
    return Dispatch(shipped_at=parse_time(body["shipped_at"], "shipped_at"), lines=lines, **words)
