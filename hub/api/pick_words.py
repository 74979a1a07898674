"""The words of warehouse work, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from hub.api.parts import Id, IdIn, In, Name, Out, Pieces, Text, Time, Words
from hub.canonical.errors import BadInput
from hub.reports.picks import PickSheet


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")) or any(char.isspace() or ord(char) < 33 for char in text):
        raise ValueError("expected an address that begins with https:// or http://")
    return text


class ScanIn(In):
    """`code`: a SKU or a barcode."""

    code: Name
    quantity: Pieces = 1


class ShipLineIn(In):
    line_id: IdIn
    quantity: Pieces


class ShipIn(In):
    """One parcel. Without `lines` it holds all that is still open."""

    carrier: Words
    tracking_no: Words
    tracking_url: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_web_address)] | None = None
    lines: Annotated[list[ShipLineIn], Field(min_length=1, max_length=1000)] | None = None

    def contents(self) -> Mapping[int, int] | None:
        """Line id -> pieces. Raises BadInput: a line stands there twice."""
        if self.lines is None:
            return None
        found = {line.line_id: line.quantity for line in self.lines}
        if len(found) < len(self.lines):
            raise BadInput("lines: every line may stand there once; add up its pieces")
        return found


class MissingIn(In):
    line_id: IdIn
    quantity: Pieces
    reason: Words = "not on the shelf"


class RejectIn(In):
    """not_found, damaged and short say something about the stock there; the others do not."""

    reason: Literal["not_found", "damaged", "short", "busy", "closed", "other"]
    note: Text = ""


class AnswerIn(In):
    accept: bool
    note: Text = ""


class PickOut(Out):
    """One pick list in a list. `stopped`: its order is held; `mine`: the asker has it.

    `request_status` submitted: the warehouse must accept or reject it until `accept_by` (null: no such limit).
    """

    id: Id
    order_id: Id
    number: str
    connection: str
    warehouse: str
    status: str
    picker: str
    mine: bool
    stopped: bool
    pieces: int
    picked: int
    shipped: int
    skus: list[str]
    ship_by: Time | None
    created_at: Time
    request_status: str
    accept_by: Time | None


class PickLineOut(Out):
    """`asked`: pieces, cancelled ones left out; `missing`: cancelled, because they were not there or not wanted.

    `lot`: take the pieces from this lot ("": of no lot); `expires_on`: its last good day, null: it has none.
    """

    id: Id
    sku: str
    title: str
    barcode: str
    lot: str
    expires_on: date | None
    asked: int
    picked: int
    shipped: int
    missing: int


class PickParcelOut(Out):
    id: Id
    carrier: str
    tracking_no: str
    shipped_at: Time


class WorkDone(PickOut):
    """A pick list after a step. `sku`: what was scanned; `shipment_id`: the parcel that left."""

    lines: list[PickLineOut]
    sku: str | None = None
    shipment_id: Id | None = None

    @classmethod
    def of(cls, sheet: PickSheet, *, sku: str | None = None, shipment_id: int | None = None) -> WorkDone:
        return cls(**_common(sheet), sku=sku, shipment_id=None if shipment_id is None else str(shipment_id))


class PickFull(PickOut):
    """One pick list in full; `ship_to`: the canonical address."""

    order_state: str
    lines: list[PickLineOut]
    parcels: list[PickParcelOut]
    ship_to: dict[str, Any]
    note: str
    shipping_method: str

    @classmethod
    def of(cls, sheet: PickSheet) -> PickFull:
        parcels = [PickParcelOut.model_validate(parcel) for parcel in sheet.parcels]
        return cls(
            **_common(sheet), order_state=sheet.order_state, parcels=parcels, ship_to=sheet.address, note=sheet.note,
            shipping_method=sheet.shipping_method,
        )  # fmt: skip


def _common(sheet: PickSheet) -> dict[str, Any]:
    card = {name: getattr(sheet.card, name) for name in PickOut.model_fields}
    return card | {"lines": [PickLineOut.model_validate(line) for line in sheet.lines]}
