"""Orders and what becomes of them: lines, pieces, decisions, fulfillment orders, shipments, holds, events."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class OrderRow(SQLModel, table=True):
    """One order of one connection. Amounts are whole millionths of `currency`; the document is in `order_document`.

    state: waiting (to be placed), unpaid, held, routed, partial (some shipped), shipped, cancelled, refused, closed.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_once", "connection_id", "channel_ref", unique=True),
        Index("orders_waiting", "place_at", sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
        Index("orders_by_state", "state", "id"),
        Index("orders_to_give_up", "give_up_on", sqlite_where=text("give_up_on IS NOT NULL"),
              postgresql_where=text("give_up_on IS NOT NULL")),
        Index("orders_by_number", "number"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    channel_ref: str
    number: str = ""
    state: str = "waiting"
    status: str = "open"
    payment: str | None = None
    fulfillment: str | None = None
    currency: str | None = None
    total: int | None = Field(default=None, sa_type=BigId)
    country: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    district: str | None = None
    placed_at: datetime | None = Field(default=None, sa_type=Utc)
    ship_by: datetime | None = Field(default=None, sa_type=Utc)
    deliver_by: datetime | None = Field(default=None, sa_type=Utc)
    ship_method: str | None = None
    priority: int = 0  # higher is served first
    soft_until: datetime | None = Field(default=None, sa_type=Utc)  # an unpaid order's stock is kept until then
    source_updated_at: datetime | None = Field(default=None, sa_type=Utc)
    digest: str = ""
    version: int = 1
    place_at: datetime | None = Field(default=None, sa_type=Utc)
    give_up_on: date | None = None  # while it is held for want of stock: the day on which it is called off
    attempts: int = 0
    answered: str = ""  # accepted, refused: what the channel was last told
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)


class OrderDocumentRow(SQLModel, table=True):
    """The canonical order as last seen, and as first seen: nothing is overwritten without a trace."""

    __tablename__ = "order_document"

    order_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    first: dict[str, Any] = Field(sa_type=Json)
    current: dict[str, Any] = Field(sa_type=Json)


class RefundRow(SQLModel, table=True):
    """Money back that a channel told apart from the order. `body` is `Refund.to_dict`.

    waits: its order has not got it yet; that order need not be here. messages: ids of all that told of it.
    said_at, received_at, message_id: of the newest of them, from which the body is; said_at: the time that it bears.
    """

    __tablename__ = "refund"
    __table_args__ = (
        Index("refund_by_order", "connection_id", "order_ref"),
        Index("refund_waiting", "connection_id", sqlite_where=text("waits"), postgresql_where=text("waits")),
    )

    connection_id: int = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    order_ref: str
    body: dict[str, Any] = Field(sa_type=Json)
    waits: bool = True
    said_at: datetime | None = Field(default=None, sa_type=Utc)
    received_at: datetime = Field(sa_type=Utc)
    message_id: int = Field(sa_type=BigId)
    messages: list[int] = Field(sa_type=Json)
    told_at: datetime = Field(sa_type=Utc)


class OrderLineRow(SQLModel, table=True):
    """A line, by the channel's own id, stable over edits. Counts are whole base units of `sku`."""

    __tablename__ = "order_line"
    __table_args__ = (
        Index("order_line_once", "order_id", "channel_ref", unique=True),
        Index("order_line_by_listing", "listing_ref"),
        CheckConstraint("wanted >= 0 AND told >= 0", name="order_line_counts"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    channel_ref: str
    position: int = 0
    listing_ref: str | None = None
    offered_sku: str | None = None
    sku: str | None = None
    title: str = ""
    uom: str | None = None
    units: int = 1
    ordered: str  # as first seen, decimal text, the channel's unit
    wanted: int = Field(default=0, sa_type=BigId)
    told: int = Field(default=0, sa_type=BigId)  # base units that the channel was told have left


class OrderPieceRow(SQLModel, table=True):
    """What a line takes from stock: one row per component (a plain SKU is its own only component).

    per_unit: pieces in one of what the line is; 0: what the line is today has no such component.
    """

    __tablename__ = "order_piece"
    __table_args__ = (
        Index("order_piece_once", "line_id", "sku", unique=True),
        Index("order_piece_by_order", "order_id"),
        CheckConstraint("reserved >= 0 AND shipped >= 0 AND wanted >= 0", name="order_piece_counts"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    line_id: int = Field(sa_type=BigId)
    sku: str
    per_unit: int = 1
    wanted: int = Field(sa_type=BigId)
    reserved: int = Field(default=0, sa_type=BigId)
    shipped: int = Field(default=0, sa_type=BigId)


class RulesetRow(SQLModel, table=True):
    """A version of the routing rules, as data; one is active. A draft may be changed, all others never."""

    __tablename__ = "ruleset"
    __table_args__ = (
        Index("ruleset_one_active", "active", unique=True, sqlite_where=text("active"),
              postgresql_where=text("active")),
    )  # fmt: skip

    version: int | None = Field(default=None, primary_key=True)
    active: bool = False
    state: str = "draft"  # draft, active, retired
    parent: int | None = None
    body: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    note: str = ""
    created_by: str = "hub"
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime | None = Field(default=None, sa_type=Utc)
    activated_by: str = ""
    activated_at: datetime | None = Field(default=None, sa_type=Utc)


class RoutingDecisionRow(SQLModel, table=True):
    """One run of `plan` for one order: the stock it saw and every candidate with the reason it lost."""

    __tablename__ = "routing_decision"
    __table_args__ = (Index("routing_decision_by_order", "order_id", "attempt", unique=True),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    attempt: int
    outcome: str  # routed, short
    ruleset_version: int
    snapshot_hash: str
    snapshot: dict[str, Any] = Field(sa_type=Json)
    demand: dict[str, Any] = Field(sa_type=Json)
    decision: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Utc)


class FulfillmentOrderRow(SQLModel, table=True):
    """One warehouse's share of an order: a pick list. Two axes: the work (`status`), the asking (`request_status`)."""

    __tablename__ = "fulfillment_order"
    __table_args__ = (
        Index("fulfillment_order_by_order", "order_id"),
        Index("fulfillment_order_work", "warehouse", "status", "id"),
        Index("fulfillment_order_soft", "order_id", sqlite_where=text("status = 'soft'"),
              postgresql_where=text("status = 'soft'")),
        Index("fulfillment_order_asked", "accept_by", sqlite_where=text("request_status = 'submitted'"),
              postgresql_where=text("request_status = 'submitted'")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    warehouse: str
    decision_id: int | None = Field(default=None, sa_type=BigId)
    status: str = "open"  # soft (kept for an unpaid order, nobody picks it), open, picking, packed, shipped, cancelled
    request_status: str = "accepted"  # submitted, accepted, rejected, cancelled
    picker: str = ""
    ship_by: datetime | None = Field(default=None, sa_type=Utc)
    ships_on: date | None = None  # the working day it is planned to leave
    accept_by: datetime | None = Field(default=None, sa_type=Utc)
    reject_reason: str = ""
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)


class FulfillmentLineRow(SQLModel, table=True):
    """Pieces of one SKU to pick: `quantity` asked, of which picked, shipped, cancelled."""

    __tablename__ = "fulfillment_line"
    __table_args__ = (
        Index("fulfillment_line_by_fo", "fulfillment_order_id"),
        CheckConstraint(
            "picked >= 0 AND shipped >= 0 AND cancelled >= 0 AND shipped + cancelled <= quantity "
            "AND picked + cancelled <= quantity",
            name="fulfillment_line_counts",
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    fulfillment_order_id: int = Field(sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    line_id: int = Field(sa_type=BigId)
    piece_id: int = Field(sa_type=BigId)
    sku: str
    lot: str = ""
    quantity: int = Field(sa_type=BigId)
    picked: int = Field(default=0, sa_type=BigId)
    shipped: int = Field(default=0, sa_type=BigId)
    cancelled: int = Field(default=0, sa_type=BigId)


class ShipmentRow(SQLModel, table=True):
    """A parcel with its tracking number. `key` makes shipping the same parcel twice impossible."""

    __tablename__ = "shipment"
    __table_args__ = (Index("shipment_once", "key", unique=True), Index("shipment_by_order", "order_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str
    order_id: int = Field(sa_type=BigId)
    fulfillment_order_id: int = Field(sa_type=BigId)
    warehouse: str
    carrier: str
    tracking_no: str = Field(index=True)
    tracking_url: str | None = None
    shipped_at: datetime = Field(sa_type=Utc)
    shipped_by: str = ""


class ShipmentLineRow(SQLModel, table=True):
    __tablename__ = "shipment_line"

    shipment_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    fulfillment_line_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    line_id: int = Field(sa_type=BigId)
    sku: str
    quantity: int = Field(sa_type=BigId)


class HoldRow(SQLModel, table=True):
    """Why something waits for a person. Equal `fingerprint`, one cause: mended once, all run again."""

    __tablename__ = "hold"
    __table_args__ = (
        Index("hold_open", "fingerprint", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("hold_by_order", "order_id"),
        Index("hold_by_inbox", "inbox_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    order_id: int | None = Field(default=None, sa_type=BigId)
    inbox_id: int | None = Field(default=None, sa_type=BigId)
    kind: str  # unknown_sku, not_whole, bad_record, short, backorder, crashed, package_fault, by_hand
    fingerprint: str
    field: str = ""
    value: str = ""
    why: str = ""
    until: date | None = None  # the day on which it ends by itself: a presale opens
    state: str = "open"  # open, released, dismissed
    created_at: datetime = Field(sa_type=Utc)
    released_at: datetime | None = Field(default=None, sa_type=Utc)
    released_by: str = ""


class OrderEventRow(SQLModel, table=True):
    """One entry of an order's timeline."""

    __tablename__ = "order_event"
    __table_args__ = (Index("order_event_by_order", "order_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    kind: str
    actor: str = "hub"
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    at: datetime = Field(sa_type=Utc)


orders = core(OrderRow)
order_documents = core(OrderDocumentRow)
order_lines = core(OrderLineRow)
refunds = core(RefundRow)
order_pieces = core(OrderPieceRow)
rulesets = core(RulesetRow)
routing_decisions = core(RoutingDecisionRow)
fulfillment_orders = core(FulfillmentOrderRow)
fulfillment_lines = core(FulfillmentLineRow)
shipments = core(ShipmentRow)
shipment_lines = core(ShipmentLineRow)
holds = core(HoldRow)
order_events = core(OrderEventRow)
