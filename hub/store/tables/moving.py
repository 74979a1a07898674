"""Stock on its way and under the eye: transfers, counts, imports, proposals to move or buy."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class TransferRow(SQLModel, table=True):
    """Pieces that go from one warehouse to another. `key` makes asking twice harmless."""

    __tablename__ = "transfer"
    __table_args__ = (Index("transfer_once", "key", unique=True), Index("transfer_by_state", "state", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str
    source: str
    destination: str
    state: str = "draft"  # draft, ready (reserved at the source), in_transit, received, cancelled
    note: str = ""
    created_by: str = ""
    created_at: datetime = Field(sa_type=Utc)
    shipped_at: datetime | None = Field(default=None, sa_type=Utc)
    received_at: datetime | None = Field(default=None, sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)


class TransferLineRow(SQLModel, table=True):
    """`quantity` asked; of it shipped; of that received, damaged on the way, or lost (closed as a discrepancy)."""

    __tablename__ = "transfer_line"
    __table_args__ = (
        Index("transfer_line_once", "transfer_id", "sku", "lot", unique=True),
        CheckConstraint(
            "quantity > 0 AND shipped >= 0 AND received >= 0 AND damaged >= 0 AND lost >= 0 AND shipped <= quantity "
            "AND received + lost <= shipped AND damaged <= received",
            name="transfer_line_counts",
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    transfer_id: int = Field(sa_type=BigId)
    sku: str
    lot: str = ""
    quantity: int = Field(sa_type=BigId)
    shipped: int = Field(default=0, sa_type=BigId)
    received: int = Field(default=0, sa_type=BigId)
    damaged: int = Field(default=0, sa_type=BigId)
    lost: int = Field(default=0, sa_type=BigId)


class ExpectedRow(SQLModel, table=True):
    """Pieces of one SKU that a supplier is to bring. They are `incoming` of their warehouse until they arrive.

    `quantity` expected; of it received (damaged ones too), or missing (will not come any more). More may arrive than
    was expected.
    """

    __tablename__ = "expected_receipt"
    __table_args__ = (
        Index("expected_receipt_once", "key", unique=True),
        Index("expected_receipt_by_state", "state", "id"),
        Index("expected_receipt_by_sku", "sku", "state"),
        CheckConstraint(
            "quantity > 0 AND received >= 0 AND damaged >= 0 AND missing >= 0 AND damaged <= received "
            "AND (missing = 0 OR received + missing <= quantity)",
            name="expected_receipt_counts",
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str
    warehouse: str
    sku: str
    ref: str = ""  # what people call the purchase
    quantity: int = Field(sa_type=BigId)
    received: int = Field(default=0, sa_type=BigId)
    damaged: int = Field(default=0, sa_type=BigId)
    missing: int = Field(default=0, sa_type=BigId)
    due_on: date | None = None
    state: str = "open"  # open, received
    reason: str = ""  # what became of the missing and the damaged
    created_by: str = ""
    created_at: datetime = Field(sa_type=Utc)
    received_at: datetime | None = Field(default=None, sa_type=Utc)


class StockCountRow(SQLModel, table=True):
    """A count of shelves: some SKUs (cycle) or a whole warehouse (stocktake). Variances count once approved."""

    __tablename__ = "stock_count"
    __table_args__ = (Index("stock_count_by_state", "state", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    warehouse: str
    kind: str = "cycle"  # cycle, stocktake
    blind: bool = True  # who counts is not shown what is expected
    state: str = "open"  # open, submitted, approved, rejected
    note: str = ""
    created_by: str = ""
    submitted_by: str = ""
    decided_by: str = ""
    created_at: datetime = Field(sa_type=Utc)
    submitted_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_at: datetime | None = Field(default=None, sa_type=Utc)


class StockCountLineRow(SQLModel, table=True):
    """One shelf. `expected` is what the books said when it was counted; None in `counted` is not counted yet.

    `written` is what the approval changed; `problem` names what stands against the rest of the variance.
    """

    __tablename__ = "stock_count_line"
    __table_args__ = (Index("stock_count_line_once", "count_id", "sku", "lot", unique=True),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    count_id: int = Field(sa_type=BigId)
    sku: str
    lot: str = ""
    expected: int | None = Field(default=None, sa_type=BigId)
    counted: int | None = Field(default=None, sa_type=BigId)
    counted_by: str = ""
    counted_at: datetime | None = Field(default=None, sa_type=Utc)
    written: int | None = Field(default=None, sa_type=BigId)
    problem: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    note: str = ""


class StockImportRow(SQLModel, table=True):
    """A stock file that somebody gave: read, shown with what it would change, then applied once."""

    __tablename__ = "stock_import"
    __table_args__ = (Index("stock_import_once", "key", unique=True),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str
    file_name: str
    mode: str = "set"  # set (the number is what lies there), add
    state: str = "preview"  # preview, applied, cancelled
    rows: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    summary: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_by: str = ""
    created_at: datetime = Field(sa_type=Utc)
    applied_by: str = ""
    applied_at: datetime | None = Field(default=None, sa_type=Utc)


class ProposalRow(SQLModel, table=True):
    """A transfer or a purchase that would fill orders that wait; open until a person decides."""

    __tablename__ = "proposal"
    __table_args__ = (Index("proposal_by_state", "state", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str  # transfer, purchase
    sku: str
    source: str | None = None
    destination: str
    quantity: int = Field(sa_type=BigId)
    why: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    state: str = "open"  # open, accepted, dismissed, outdated
    transfer_id: int | None = Field(default=None, sa_type=BigId)
    created_at: datetime = Field(sa_type=Utc)
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=Utc)


transfers = core(TransferRow)
transfer_lines = core(TransferLineRow)
expected_receipts = core(ExpectedRow)
stock_counts = core(StockCountRow)
stock_count_lines = core(StockCountLineRow)
stock_imports = core(StockImportRow)
proposals = core(ProposalRow)
