"""What routing knows beside stock: capacity, confidence, rates, bid prices; cancel requests and simulations."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class CapacityDayRow(SQLModel, table=True):
    """Orders booked on one day of one warehouse; `capacity` None = any number. The CHECK is the fence."""

    __tablename__ = "capacity_day"
    __table_args__ = (
        CheckConstraint("booked >= 0 AND (capacity IS NULL OR booked <= capacity)", name="capacity_day_fence"),
    )

    warehouse: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    booked: int = 0
    capacity: int | None = None


class CapacityBookingRow(SQLModel, table=True):
    """One order's place on one day of one warehouse; it stands as long as a pick list of that day does."""

    __tablename__ = "capacity_booking"
    __table_args__ = (Index("capacity_booking_by_day", "warehouse", "day"),)

    order_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    warehouse: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    created_at: datetime = Field(sa_type=Utc)


class PlaceConfidenceRow(SQLModel, table=True):
    """How far the book stock of a SKU in a warehouse is believed, in permille; lowered by what pickers did not find."""

    __tablename__ = "place_confidence"
    __table_args__ = (CheckConstraint("permille >= 0 AND permille <= 1000", name="place_confidence_range"),)

    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    permille: int = 1000
    misses: int = 0
    updated_at: datetime = Field(sa_type=Utc)


class ShippingZoneRow(SQLModel, table=True):
    """The zone that an address is in, seen from a warehouse ("" = from all); the longest postal prefix wins."""

    __tablename__ = "shipping_zone"
    __table_args__ = (Index("shipping_zone_once", "warehouse", "country", "postal_prefix", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    warehouse: str = ""
    country: str
    postal_prefix: str = ""
    zone: str


class ShippingRateRow(SQLModel, table=True):
    """What a parcel up to `up_to_g` costs into a zone, in millionths of the house currency, and the days it takes."""

    __tablename__ = "shipping_rate"
    __table_args__ = (
        Index("shipping_rate_once", "carrier", "service", "warehouse", "zone", "up_to_g", unique=True),
        CheckConstraint("price >= 0 AND days >= 0 AND up_to_g > 0", name="shipping_rate_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    carrier: str
    service: str = ""
    warehouse: str = ""
    zone: str
    up_to_g: int
    price: int = Field(sa_type=BigId)
    per_unit: int = Field(default=0, sa_type=BigId)
    days: int = 0


class BidPriceRow(SQLModel, table=True):
    """What one piece in one warehouse is worth for the orders still to come, in millionths of the house currency."""

    __tablename__ = "bid_price"

    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    price: int = Field(sa_type=BigId)
    computed_at: datetime = Field(sa_type=Utc)


class CancelRequestRow(SQLModel, table=True):
    """Somebody asked to cancel an order, or to cut what is being picked: every outward step reads it as a gate.

    kind: cancel, edit (the channel's new version wants less). document, digest: the version that waits; of a channel's.
    """

    __tablename__ = "cancel_request"
    __table_args__ = (
        Index("cancel_request_open", "order_id", unique=True, sqlite_where=text("state = 'asked'"),
              postgresql_where=text("state = 'asked'")),
        Index("cancel_request_by_order", "order_id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(sa_type=BigId)
    kind: str = "cancel"
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    digest: str = ""
    state: str = "asked"  # asked, accepted, refused, overtaken
    asked_by: str = ""
    reason: str = ""
    answer: str = ""
    answer_by: datetime | None = Field(default=None, sa_type=Utc)
    answered_by: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)


class SimulationRow(SQLModel, table=True):
    """Two rulesets played over the same orders; the result says order by order what differs."""

    __tablename__ = "simulation"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    title: str = ""
    base: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    trial: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    scope: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # {"days": n} or {"file": name}
    state: str = "new"  # new, running, done, failed
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    error: str = ""
    result: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_by: str = ""
    created_at: datetime = Field(sa_type=Utc)
    done_at: datetime | None = Field(default=None, sa_type=Utc)


capacity_days = core(CapacityDayRow)
capacity_bookings = core(CapacityBookingRow)
place_confidences = core(PlaceConfidenceRow)
shipping_zones = core(ShippingZoneRow)
shipping_rates = core(ShippingRateRow)
bid_prices = core(BidPriceRow)
cancel_requests = core(CancelRequestRow)
simulations = core(SimulationRow)
