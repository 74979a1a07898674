"""Users, their sessions and links, API keys, and who did what."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from hub.store.columns import BigId, Json, Utc, core


class UserRow(SQLModel, table=True):
    """A person. `warehouses` limits the warehouse role to these codes (empty: all)."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str = ""
    role: str  # admin, operator, warehouse, viewer
    warehouses: list[str] = Field(default_factory=list, sa_type=Json)
    active: bool = True
    language: str = ""
    theme: str = ""
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    signed_in_at: datetime | None = Field(default=None, sa_type=Utc)


class UserSessionRow(SQLModel, table=True):
    """One signed-in browser; only the SHA-256 of its token is here."""

    __tablename__ = "user_session"

    token_hash: str = Field(primary_key=True)
    user_id: int = Field(index=True)
    csrf: str
    created_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)


class LoginLinkRow(SQLModel, table=True):
    """A one-time link: first admin, or a password forgotten."""

    __tablename__ = "login_link"

    token_hash: str = Field(primary_key=True)
    user_id: int
    expires_at: datetime = Field(sa_type=Utc)
    used_at: datetime | None = Field(default=None, sa_type=Utc)


class ApiKeyRow(SQLModel, table=True):
    """A key for programs; shown once, only its hash is kept. The role feed is confined to `connection_id`."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    prefix: str
    key_hash: str = Field(unique=True)
    role: str
    connection_id: int | None = None
    created_by: str
    created_at: datetime = Field(sa_type=Utc)
    expires_at: datetime | None = Field(default=None, sa_type=Utc)
    revoked_at: datetime | None = Field(default=None, sa_type=Utc)
    used_at: datetime | None = Field(default=None, sa_type=Utc)


class AuditLogRow(SQLModel, table=True):
    """Who did what to which thing; rows are only ever added."""

    __tablename__ = "audit_log"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=Utc)
    actor: str
    action: str
    subject: str
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


users = core(UserRow)
user_sessions = core(UserSessionRow)
login_links = core(LoginLinkRow)
api_keys = core(ApiKeyRow)
audit_log = core(AuditLogRow)
