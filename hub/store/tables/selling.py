"""How stock is offered: sell policies, channel pools, buffers, remaining life, and how fast listings sell."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class SellPolicyRow(SQLModel, table=True):
    """What may be sold of a SKU beyond its stock, on one connection (0 = on all that have no row of their own)."""

    __tablename__ = "sell_policy"
    __table_args__ = (CheckConstraint("units >= 0", name="sell_policy_units"),)

    sku: str = Field(primary_key=True)
    connection_id: int = Field(default=0, primary_key=True)
    mode: str = "stock"  # stock (no more than there is), backorder, presale
    units: int = Field(default=0, sa_type=BigId)  # at most so many pieces owed at once
    available_on: date | None = None  # the day that buyers are promised
    note: str = ""
    updated_at: datetime = Field(sa_type=Utc)


class ChannelPoolRow(SQLModel, table=True):
    """A connection's part of the stock of a SKU ("" = of every SKU that has no row of its own)."""

    __tablename__ = "channel_pool"
    __table_args__ = (Index("channel_pool_once", "connection_id", "sku", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    connection_id: int
    sku: str = ""
    mode: str = "shared"  # shared, exclusive (`units` for nobody else), ratio (`permille` of what is free)
    units: int = Field(default=0, sa_type=BigId)
    permille: int = 1000
    max_listed: int | None = Field(default=None, sa_type=BigId)
    end_when: int | None = Field(default=None, sa_type=BigId)  # show 0 once no more than this is left
    ends_at: datetime | None = Field(default=None, sa_type=Utc)
    note: str = ""
    created_at: datetime = Field(sa_type=Utc)


class BufferRuleRow(SQLModel, table=True):
    """Pieces kept back; the first rule by `position` that fits (None and "" fit everything) is taken."""

    __tablename__ = "buffer_rule"

    id: int | None = Field(default=None, primary_key=True)
    position: int = 0
    connection_id: int | None = None
    warehouse: str | None = None
    tag: str | None = None
    sku: str | None = None
    units: int = Field(default=0, sa_type=BigId)
    permille: int = 0  # of what is free, added to `units`
    note: str = ""
    active: bool = True
    created_at: datetime = Field(sa_type=Utc)


class LifeRuleRow(SQLModel, table=True):
    """A lot must be good for `min_days` after today to be sold on this connection (0 = on all)."""

    __tablename__ = "life_rule"
    __table_args__ = (Index("life_rule_once", "connection_id", "sku", "tag", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = 0
    sku: str = ""
    tag: str = ""
    min_days: int = 0


class ListingPaceRow(SQLModel, table=True):
    """How fast a listing sells and how late its pushes land, and the buffer that follows, with its arithmetic."""

    __tablename__ = "listing_pace"

    connection_id: int = Field(primary_key=True)
    listing_ref: str = Field(primary_key=True)
    buffer: int = Field(default=0, sa_type=BigId)
    arithmetic: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    computed_at: datetime = Field(sa_type=Utc)


sell_policies = core(SellPolicyRow)
channel_pools = core(ChannelPoolRow)
buffer_rules = core(BufferRuleRow)
life_rules = core(LifeRuleRow)
listing_paces = core(ListingPaceRow)
