"""The guarded balance and the append-only ledger that says why it stands where it stands."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Utc, core


class StockBalanceRow(SQLModel, table=True):
    """One (SKU, warehouse, lot) in whole base units. The CHECK is the last fence against overselling."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_within_on_hand"),
        CheckConstraint("safety >= 0 AND incoming >= 0", name="never_negative"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    sku: str = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    lot: str = Field(default="", primary_key=True)
    on_hand: int = Field(default=0, sa_type=BigId)
    reserved: int = Field(default=0, sa_type=BigId)
    safety: int = Field(default=0, sa_type=BigId)
    incoming: int = Field(default=0, sa_type=BigId)
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
    kind: str  # reserve, release, ship, adjust, count, receive
    on_hand: int = Field(default=0, sa_type=BigId)  # change of on_hand
    reserved: int = Field(default=0, sa_type=BigId)  # change of reserved
    cause: str
    line: str
    order_id: int | None = Field(default=None, sa_type=BigId)
    reason: str = ""
    actor: str = "hub"
    at: datetime = Field(sa_type=Utc)


stock_balances = core(StockBalanceRow)
stock_ledger = core(StockLedgerRow)
