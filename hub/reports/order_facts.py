"""The words of one order as the pages and the API show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.reports.money import Money
from hub.reports.orders import OrderSummary
from hub.rules.routing import Candidate, ShipDay


@dataclass(frozen=True, slots=True)
class PieceFact:
    """What a line takes from stock, in base units of `sku`."""

    sku: str
    per_unit: int
    wanted: int
    reserved: int
    shipped: int


@dataclass(frozen=True, slots=True)
class LineFact:
    """One line. `ordered`: decimal text in the channel's unit `uom`; the other counts are base units of `sku`.

    `sku` is None while nobody said what the line means; `offered_sku` is what the channel wrote.
    """

    id: int
    channel_ref: str
    position: int
    listing_ref: str | None
    offered_sku: str | None
    sku: str | None
    title: str
    uom: str | None
    units: int
    ordered: str
    wanted: int
    reserved: int
    shipped: int
    told: int
    pieces: tuple[PieceFact, ...]


@dataclass(frozen=True, slots=True)
class WorkLineFact:
    id: int
    sku: str
    quantity: int
    picked: int
    shipped: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class WorkFact:
    """One fulfillment order: a warehouse's share."""

    id: int
    warehouse: str
    warehouse_title: str
    status: str
    request_status: str
    picker: str
    created_at: datetime
    updated_at: datetime
    lines: tuple[WorkLineFact, ...]


@dataclass(frozen=True, slots=True)
class ParcelFact:
    """One parcel that left; `lines` are (SKU, pieces)."""

    id: int
    fulfillment_order_id: int
    warehouse: str
    carrier: str
    tracking_no: str
    tracking_url: str | None
    shipped_at: datetime
    shipped_by: str
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HoldFact:
    """`until`: the day on which it ends by itself, where it waits for one."""

    id: int
    kind: str
    fingerprint: str
    field: str
    value: str
    why: str
    until: date | None
    state: str
    created_at: datetime
    released_at: datetime | None
    released_by: str


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """One run of the plan. `why`: code of `hub.rules.routing.why` with its `words`; candidates: the winner first.

    points: warehouse code -> (lat, lon) or None; target: where the order goes, (lat, lon) or None.
    days: of each candidate, when it sends.
    strategy: the name of the one that decided. runner_up: the best loser that covers as much as the winner; money:
    what both cost.
    """

    id: int
    attempt: int
    outcome: str
    ruleset_version: int
    snapshot_hash: str
    created_at: datetime
    why: str
    words: Mapping[str, Any]
    takes: tuple[tuple[str, str, int], ...]
    shortages: tuple[tuple[str, int, int], ...]
    candidates: tuple[Candidate, ...]
    days: tuple[ShipDay, ...]
    points: Mapping[str, tuple[float, float] | None]
    target: tuple[float, float] | None
    free: tuple[tuple[str, str, int], ...]
    money: Money
    strategy: str = ""
    runner_up: Candidate | None = None


@dataclass(frozen=True, slots=True)
class EventFact:
    id: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MessageFact:
    """One message about the order as it came; `raw` are its untouched bytes."""

    id: int
    source: str
    kind: str
    ref: str
    topic: str
    content_type: str
    state: str
    error: str
    attempts: int
    received_at: datetime
    done_at: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class ToldFact:
    """One message to the channel. `state`: new (waiting), sent, dead."""

    id: int
    topic: str
    key: str
    state: str
    attempts: int
    due_at: datetime
    error: str
    created_at: datetime
    sent_at: datetime | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything about one order. `first` and `current`: the canonical document as first and as last seen."""

    summary: OrderSummary
    status: str
    fulfillment: str | None
    answered: str
    version: int
    region: str | None
    postal_code: str | None
    first: Mapping[str, Any]
    current: Mapping[str, Any]
    lines: tuple[LineFact, ...]
    work: tuple[WorkFact, ...]
    parcels: tuple[ParcelFact, ...]
    holds: tuple[HoldFact, ...]
    decisions: tuple[DecisionFact, ...]
    events: tuple[EventFact, ...]
    messages: tuple[MessageFact, ...]
    told: tuple[ToldFact, ...]

    @property
    def open_holds(self) -> tuple[HoldFact, ...]:
        """The holds that stand in the way now."""
        return tuple(hold for hold in self.holds if hold.state == "open")
