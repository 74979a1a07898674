"""Connections, their streams and listings; the items, kits and warehouses that they sell from."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class ConnectionRow(SQLModel, table=True):
    """One configured shop, marketplace account or dealer. `secrets` holds sealed text only."""

    __tablename__ = "connection"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    channel: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    secrets: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    state: str = "active"  # active, paused, auth_failed
    state_reason: str = ""
    on_shortage: str = "hold"  # hold: wait for stock; refuse: tell the channel at once
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)


class MappingVersionRow(SQLModel, table=True):
    """A version of what one connection's mapping says differently; one is active. A draft may be changed, others never.

    body: {"files": {name: YAML}, "tables": {name: rows}}. tried: what its last dry run found, {} where there was none.
    """

    __tablename__ = "mapping_version"
    __table_args__ = (
        Index("mapping_version_active", "connection_id", unique=True, sqlite_where=text("active"),
              postgresql_where=text("active")),
    )  # fmt: skip

    connection_id: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    active: bool = False
    state: str = "draft"  # draft, active, retired
    parent: int | None = None
    body: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    tried: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    note: str = ""
    created_by: str = "hub"
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime | None = Field(default=None, sa_type=Utc)
    activated_by: str = ""
    activated_at: datetime | None = Field(default=None, sa_type=Utc)


class StreamRow(SQLModel, table=True):
    """One kind of traffic of one connection: where it stands, when it ran, how it went."""

    __tablename__ = "stream"

    connection_id: int = Field(primary_key=True)
    stream: str = Field(primary_key=True)  # orders, listings, stock, outbox, reconcile, webhooks
    cursor: str | None = None
    due_at: datetime = Field(sa_type=Utc)
    every_s: int = 60
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    leased_by: str | None = None
    ok_at: datetime | None = Field(default=None, sa_type=Utc)
    failed_at: datetime | None = Field(default=None, sa_type=Utc)
    error: str = ""
    failures: int = 0
    newest_at: datetime | None = Field(default=None, sa_type=Utc)
    behind: bool = False  # the last run left a rest: more is due at once
    paused: bool = False
    total: int = Field(default=0, sa_type=BigId)


class BackfillRow(SQLModel, table=True):
    """Orders of a range of time that are read again beside the running pull; its stream `backfill` has the cursor.

    reached_at: the newest change read so far. new, known: orders of the range that were not here, and that were.
    """

    __tablename__ = "backfill"
    __table_args__ = (
        Index("backfill_running", "connection_id", unique=True, sqlite_where=text("state = 'running'"),
              postgresql_where=text("state = 'running'")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    since: datetime = Field(sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)
    state: str = "running"  # running, done, cancelled
    reached_at: datetime | None = Field(default=None, sa_type=Utc)
    new: int = Field(default=0, sa_type=BigId)
    known: int = Field(default=0, sa_type=BigId)
    asked_by: str = "hub"
    created_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)


class LimitLevelRow(SQLModel, table=True):
    """Where one limit of one connection stands (`hub.rules.pacing.Level`); times are in seconds since 1970."""

    __tablename__ = "limit_level"

    connection_id: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    points: float
    at: float
    share: float
    slowed_at: float
    closed_until: float
    wanted_until: float
    used: int
    day: str


class ItemRow(SQLModel, table=True):
    """A SKU: the hub's own word for a thing that can be stocked (or composed: then it has kit rows)."""

    __tablename__ = "item"

    sku: str = Field(primary_key=True)
    title: str = ""
    barcode: str = Field(default="", index=True)
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    weight_g: int = 0
    value: int = Field(default=0, sa_type=BigId)  # what one piece is worth, millionths of the house currency
    created_at: datetime = Field(sa_type=Utc)


class KitRow(SQLModel, table=True):
    """`sku` is composed of `quantity` pieces of each `component`."""

    __tablename__ = "kit"

    sku: str = Field(primary_key=True)
    component: str = Field(primary_key=True, index=True)
    quantity: int


class WarehouseRow(SQLModel, table=True):
    """A place that keeps stock and ships. `priority` 1 is asked first; empty `ships_to` means everywhere."""

    __tablename__ = "warehouse"

    code: str = Field(primary_key=True)
    title: str = ""
    priority: int = 1
    active: bool = True
    country: str | None = None
    region: str | None = None
    city: str | None = None
    postal_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    ships_to: list[str] = Field(default_factory=list, sa_type=Json)
    kind: str = "warehouse"  # warehouse, store, supplier
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    zone: str = "UTC"  # IANA name; hours, cut-off and holidays are told in it
    hours: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # {"mon": [["08:00", "17:00"]], …}; {} = always
    cutoff: str | None = None  # "14:00": what is placed later leaves the next working day
    holidays: list[str] = Field(default_factory=list, sa_type=Json)  # ISO dates
    daily_orders: int | None = None  # orders that leave on one day; None = any number
    accept_minutes: int | None = None  # working minutes to accept a pick list in; None = taken as accepted
    asks_from: str = "never"  # never, picked, packed: from then on it must agree to a cancellation or a cut
    answer_minutes: int = 60  # working minutes for that answer; silence agrees
    handling: int = Field(default=0, sa_type=BigId)  # millionths per parcel
    handling_unit: int = Field(default=0, sa_type=BigId)  # millionths per piece
    fresh_hours: int | None = None  # its numbers come from outside, and are stale when older; None = they are ours
    on_stale: str = "freeze"  # freeze: stale numbers never raise what channels show; leave_out: they do not count
    fed_at: datetime | None = Field(default=None, sa_type=Utc)  # the last count or import
    created_at: datetime = Field(sa_type=Utc)


class ListingRow(SQLModel, table=True):
    """A channel's offer of a SKU. One listing unit is `units` base units; `place` is what the connector needs.

    unlinked_at: when a person took its link away; until one links it again, it is no SKU, whatever it offers.
    """

    __tablename__ = "listing"
    __table_args__ = (
        Index("listing_by_ref", "connection_id", "listing_ref", unique=True),
        Index("listing_by_sku", "sku"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    listing_ref: str
    sku: str | None = None
    units: int = 1
    offered_sku: str | None = None
    title: str = ""
    barcode: str = ""
    place: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    buffer: int = 0
    max_listed: int | None = None
    stocked: bool = True
    seen_at: datetime = Field(sa_type=Utc)
    unlinked_at: datetime | None = Field(default=None, sa_type=Utc)


class StockPushRow(SQLModel, table=True):
    """What a listing should show: `seq` rises with every change, `sent_seq` is what the channel confirmed.

    doubted_seq: the `seq` whose 0 the mass-zero breaker keeps back until a person's word (`hub.store.pushes.doubted`).
    zero_seq: the `seq` with which a person wanted 0 told of a listing that is no SKU any more, until it is confirmed.
    """

    __tablename__ = "stock_push"
    __table_args__ = (
        Index("stock_push_waiting", "connection_id", "due_at", sqlite_where=text("seq > sent_seq"),
              postgresql_where=text("seq > sent_seq")),
    )  # fmt: skip

    connection_id: int = Field(primary_key=True)
    listing_ref: str = Field(primary_key=True)
    seq: int = Field(default=1, sa_type=BigId)
    sent_seq: int = Field(default=0, sa_type=BigId)
    doubted_seq: int = Field(default=0, sa_type=BigId)
    zero_seq: int = Field(default=0, sa_type=BigId)
    sent_value: int | None = None
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    changed_at: datetime = Field(sa_type=Utc)
    due_at: datetime = Field(sa_type=Utc)
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    attempts: int = 0
    error: str = ""
    dead: bool = False
    latency_ms: list[int] = Field(default_factory=list, sa_type=Json)  # change to confirmation, the last ones


connections = core(ConnectionRow)
mapping_versions = core(MappingVersionRow)
streams = core(StreamRow)
backfills = core(BackfillRow)
limit_levels = core(LimitLevelRow)
items = core(ItemRow)
kits = core(KitRow)
warehouses = core(WarehouseRow)
listings = core(ListingRow)
stock_pushes = core(StockPushRow)
