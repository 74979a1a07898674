"""Messages seen, messages to send, leases and idempotency keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class InboxRow(SQLModel, table=True):
    """One message as it came. `dedupe_key` makes receiving it twice harmless."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_once", "connection_id", "dedupe_key", unique=True),
        Index("inbox_waiting", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index("inbox_by_order", "order_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    source: str  # pull, webhook, refetch
    kind: str = "order"  # order, file, refetch
    ref: str
    dedupe_key: str
    topic: str = ""
    content_type: str = "application/json"
    raw: bytes = Field(sa_type=LargeBinary)
    digest: str
    source_updated_at: datetime | None = Field(default=None, sa_type=Utc)
    received_at: datetime = Field(sa_type=Utc)
    state: str = "new"  # new, done, held, dead, ignored
    attempts: int = 0
    error: str = ""
    done_at: datetime | None = Field(default=None, sa_type=Utc)
    order_id: int | None = Field(default=None, sa_type=BigId)


class OutboxRow(SQLModel, table=True):
    """One message to a channel, written in the transaction of the change it tells. `key` makes twice equal once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_once", "key", unique=True),
        Index("outbox_waiting", "connection_id", "due_at", sqlite_where=text("state = 'new'"),
              postgresql_where=text("state = 'new'")),
        Index("outbox_by_order", "order_id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    connection_id: int
    topic: str  # shipment, last_parcel, answer, receipt
    key: str
    order_id: int | None = Field(default=None, sa_type=BigId)
    body: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    state: str = "new"  # new, sent, dead
    attempts: int = 0
    due_at: datetime = Field(sa_type=Utc)
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    error: str = ""
    created_at: datetime = Field(sa_type=Utc)
    sent_at: datetime | None = Field(default=None, sa_type=Utc)


class ForgetRequestRow(SQLModel, table=True):
    """A buyer (by the channel's name of them) whom a platform asks to forget; gone once nothing of them is left."""

    __tablename__ = "forget_request"

    connection_id: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    asked_at: datetime = Field(sa_type=Utc)


class LeaseRow(SQLModel, table=True):
    """Who may do a thing alone, and until when (the scheduler's leadership)."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_type=Utc)


class IdempotencyKeyRow(SQLModel, table=True):
    """The answer that was given to a keyed API request; kept 7 days."""

    __tablename__ = "idempotency_key"

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int = 0  # 0 while in flight
    body: bytes = Field(default=b"", sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Utc)


inbox = core(InboxRow)
forget_requests = core(ForgetRequestRow)
outbox = core(OutboxRow)
leases = core(LeaseRow)
idempotency_keys = core(IdempotencyKeyRow)
