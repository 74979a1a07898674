"""The words of an order in the API's answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.api.parts import Id, Money, Out, Time
from hub.reports.order_facts import DecisionFact, OrderFacts, ParcelFact
from hub.rules.routing import Candidate, ShipDay


class OrderOut(Out):
    """One order in a list. `units`: base units wanted, of which `shipped` left."""

    id: Id
    number: str
    channel_ref: str
    connection_id: Id
    connection: str
    channel: str
    state: str
    payment: str | None
    currency: str | None
    total: Money | None
    country: str | None
    city: str | None
    placed_at: Time | None
    ship_by: Time | None
    created_at: Time
    updated_at: Time
    units: int
    shipped: int
    skus: list[str]


class PieceOut(Out):
    sku: str
    per_unit: int
    wanted: int
    reserved: int
    shipped: int


class LineOut(Out):
    """`ordered`: decimal text in the channel's unit `uom`; the other counts are base units of `sku`."""

    id: Id
    channel_ref: str
    position: int
    listing_ref: str | None
    offered_sku: str | None
    sku: str | None
    title: str
    uom: str | None
    ordered: str
    wanted: int
    reserved: int
    shipped: int
    pieces: list[PieceOut]


class WorkLineOut(Out):
    id: Id
    sku: str
    quantity: int
    picked: int
    shipped: int
    cancelled: int


class WorkOut(Out):
    """One warehouse's share of the order."""

    id: Id
    warehouse: str
    status: str
    request_status: str
    picker: str
    created_at: Time
    updated_at: Time
    lines: list[WorkLineOut]


class SkuPieces(Out):
    sku: str
    quantity: int


class ParcelOut(Out):
    id: Id
    fulfillment_order_id: Id
    warehouse: str
    carrier: str
    tracking_no: str
    tracking_url: str | None
    shipped_at: Time
    shipped_by: str
    lines: list[SkuPieces]

    @classmethod
    def of(cls, fact: ParcelFact) -> ParcelOut:
        lines = [SkuPieces(sku=sku, quantity=quantity) for sku, quantity in fact.lines]
        own = {name: getattr(fact, name) for name in cls.model_fields if name != "lines"}
        return cls(**own, lines=lines)


class HoldOut(Out):
    id: Id
    kind: str
    fingerprint: str
    field: str
    value: str
    why: str
    until: date | None
    state: str
    created_at: Time
    released_at: Time | None
    released_by: str


class CandidateOut(Out):
    """A warehouse or combination that was looked at; `reason`: "chosen", or why it lost.

    ships_on: when its last parcel leaves; moved_from: when it would, were no day of its warehouses full.
    """

    warehouses: list[str]
    covers: int
    wanted: int
    parcels: int
    distance_km: float | None
    priority: int
    chosen: bool
    reason: str
    ships_on: date | None
    moved_from: date | None

    @classmethod
    def of(cls, row: Candidate, day: ShipDay) -> CandidateOut:
        own = {name: getattr(row, name) for name in cls.model_fields if name in Candidate._fields}
        return cls(**own, ships_on=day.ships_on, moved_from=day.moved_from)


class TakeOut(Out):
    warehouse: str
    sku: str
    quantity: int


class ShortageOut(Out):
    sku: str
    wanted: int
    missing: int


class DecisionOut(Out):
    """One run of the plan: what it took from where, what is missing, and every candidate."""

    id: Id
    attempt: int
    outcome: str
    ruleset_version: int
    snapshot_hash: str
    created_at: Time
    why: str
    takes: list[TakeOut]
    shortages: list[ShortageOut]
    candidates: list[CandidateOut]

    @classmethod
    def of(cls, fact: DecisionFact) -> DecisionOut:
        names = ("attempt", "outcome", "ruleset_version", "snapshot_hash", "created_at", "why")
        return cls(
            id=str(fact.id),
            takes=[TakeOut(warehouse=place, sku=sku, quantity=quantity) for place, sku, quantity in fact.takes],
            shortages=[ShortageOut(sku=sku, wanted=wanted, missing=lack) for sku, wanted, lack in fact.shortages],
            candidates=[CandidateOut.of(*found) for found in zip(fact.candidates, fact.days, strict=True)],
            **{name: getattr(fact, name) for name in names},
        )


class EventOut(Out):
    id: Id
    at: Time
    kind: str
    actor: str
    data: dict[str, Any]


class OrderFull(OrderOut):
    """One order in full. `document`: the canonical order as last seen; `first_document`: as first seen."""

    status: str
    fulfillment: str | None
    answered: str
    version: int
    lines: list[LineOut]
    fulfillment_orders: list[WorkOut]
    shipments: list[ParcelOut]
    holds: list[HoldOut]
    decision: DecisionOut | None
    events: list[EventOut]
    document: dict[str, Any]
    first_document: dict[str, Any]

    @classmethod
    def of(cls, facts: OrderFacts) -> OrderFull:
        own = {name: getattr(facts.summary, name) for name in OrderOut.model_fields}
        return cls(
            **own, status=facts.status, fulfillment=facts.fulfillment, answered=facts.answered, version=facts.version,
            lines=[LineOut.model_validate(line) for line in facts.lines],
            fulfillment_orders=[WorkOut.model_validate(work) for work in facts.work],
            shipments=[ParcelOut.of(parcel) for parcel in facts.parcels],
            holds=[HoldOut.model_validate(hold) for hold in facts.holds],
            decision=DecisionOut.of(facts.decisions[0]) if facts.decisions else None,
            events=[EventOut.model_validate(event) for event in facts.events],
            document=dict(facts.current), first_document=dict(facts.first),
        )  # fmt: skip
