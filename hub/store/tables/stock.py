"""The guarded balance, the append-only ledger that says why it stands where it stands, and lots."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Utc, core


class StockBalanceRow(SQLModel, table=True):
    """One (SKU, warehouse, lot) in whole base units. The CHECK is the last fence against overselling.

    on_hand is all that lies there: reserved + damaged + quality_hold + free. safety is kept unsold of what is free;
    incoming (purchases) and in_transit (transfers) are under way to this place and not on hand yet.
    """

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint(
            "reserved >= 0 AND reserved + damaged + quality_hold <= on_hand", name="reserved_within_on_hand"
        ),
        CheckConstraint(
            "damaged >= 0 AND quality_hold >= 0 AND safety >= 0 AND incoming >= 0 AND in_transit >= 0",
            name="never_negative",
        ),
        {"postgresql_with": {"fillfactor": 50}},
    )

    sku: str = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    lot: str = Field(default="", primary_key=True)
    on_hand: int = Field(default=0, sa_type=BigId)
    reserved: int = Field(default=0, sa_type=BigId)
    damaged: int = Field(default=0, sa_type=BigId)
    quality_hold: int = Field(default=0, sa_type=BigId)
    safety: int = Field(default=0, sa_type=BigId)
    incoming: int = Field(default=0, sa_type=BigId)
    in_transit: int = Field(default=0, sa_type=BigId)
    version: int = Field(default=0, sa_type=BigId)
    updated_at: datetime = Field(sa_type=Utc)


class StockLedgerRow(SQLModel, table=True):
    """One cause changed one balance, once: the unique key makes each reserve, release and ship happen exactly once."""

    __tablename__ = "stock_ledger"
    __table_args__ = (
        Index("stock_ledger_once", "cause", "line", "kind", "sku", "warehouse", "lot", unique=True),
        Index("stock_ledger_by_sku", "sku", "warehouse", "id"),
        Index("stock_ledger_by_order", "order_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    sku: str
    warehouse: str
    lot: str = ""
    # reserve, release, ship, missing, adjust, count, expect, receive, not_coming, state, transfer_out, transfer_in,
    # transfer_lost, repair
    kind: str
    on_hand: int = Field(default=0, sa_type=BigId)  # change of on_hand
    reserved: int = Field(default=0, sa_type=BigId)  # change of reserved
    damaged: int | None = Field(default=None, sa_type=BigId)  # changes of the rarer states; None: no change
    quality_hold: int | None = Field(default=None, sa_type=BigId)
    safety: int | None = Field(default=None, sa_type=BigId)
    incoming: int | None = Field(default=None, sa_type=BigId)
    in_transit: int | None = Field(default=None, sa_type=BigId)
    cause: str
    line: str
    order_id: int | None = Field(default=None, sa_type=BigId)
    reason: str = ""
    actor: str = "hub"
    at: datetime = Field(sa_type=Utc)


class StockLotRow(SQLModel, table=True):
    """A lot of a SKU. `expires_on` is its last good day; None where it does not expire."""

    __tablename__ = "stock_lot"

    sku: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    expires_on: date | None = None
    note: str = ""
    created_at: datetime = Field(sa_type=Utc)


class HotSkuRow(SQLModel, table=True):
    """A SKU that is or was hot, as `hub.rules.hot_skus.Heat` has it; shared by all workers."""

    __tablename__ = "hot_sku"

    sku: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Utc)
    until: datetime = Field(sa_type=Utc)
    permille: int = 0
    conflicts: int = 0
    counted_from: datetime | None = Field(default=None, sa_type=Utc)
    single_until: datetime | None = Field(default=None, sa_type=Utc)


hot_skus = core(HotSkuRow)
stock_balances = core(StockBalanceRow)
stock_ledger = core(StockLedgerRow)
stock_lots = core(StockLotRow)
