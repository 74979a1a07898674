"""Who may do what: roles, permissions, and the person or key that is acting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from hub.canonical.errors import NotAllowed

Permission = Literal[
    "overview.read",
    "orders.read",
    "orders.write",
    "holds.read",
    "holds.fix",
    "stock.read",
    "stock.write",
    "stock.move",
    "stock.count",
    "stock.approve",
    "feed.read",
    "channels.read",
    "channels.write",
    "picks.read",
    "picks.work",
    "routing.read",
    "routing.write",
    "reports.read",
    "system.read",
    "system.write",
    "users.read",
    "users.write",
    "keys.write",
]
ALL: frozenset[str] = frozenset(get_args(Permission))


class Role(StrEnum):
    """What a person or a key is there for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    WAREHOUSE = "warehouse"
    VIEWER = "viewer"
    FEED = "feed"


_LOOK = frozenset({
    "overview.read", "orders.read", "holds.read", "stock.read", "channels.read", "picks.read", "routing.read",
    "reports.read",
})  # fmt: skip

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.ADMIN: ALL,
    Role.OPERATOR: _LOOK
    | {"orders.write", "holds.fix", "stock.write", "channels.write", "picks.work", "routing.write", "system.read"}
    | {"stock.move", "stock.count", "stock.approve", "feed.read"},
    Role.WAREHOUSE: frozenset({"picks.read", "picks.work", "stock.read", "stock.move", "stock.count"}),
    Role.VIEWER: _LOOK,
    Role.FEED: frozenset({"feed.read"}),
}
"""Role -> what it may do. Only the admin has users.*, keys.write and system.write; feed is for a dealer's key."""

PEOPLE_ROLES = tuple(role for role in Role if role is not Role.FEED)
"""What a person may be."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person or the API key that acts.

    kind:       "user", "key" or "system" (the command line on the hub's own machine).
    warehouses: codes it is confined to; None: all of them.
    session_id: hex SHA-256 of the session token, None for keys.
    connection_id: the only connection it may ask about (a dealer's key); None: all of them.
    """

    kind: Literal["user", "key", "system"]
    id: int
    name: str
    role: Role
    warehouses: frozenset[str] | None = None
    locale: str | None = None
    session_id: str | None = None
    connection_id: int | None = None

    def may(self, permission: str) -> bool:
        """True when the role has the permission."""
        return permission in PERMISSIONS[self.role]

    def must(self, permission: str) -> None:
        """Raises NotAllowed, naming the permission and the role, when the role does not have it."""
        if not self.may(permission):
            raise NotAllowed(f"the role {self.role} may not do this (it needs {permission}); ask an admin")

    def works_in(self, warehouse: str) -> bool:
        """True when it may see and work in that warehouse."""
        return self.warehouses is None or warehouse in self.warehouses

    def must_work_in(self, warehouse: str) -> None:
        """Raises NotAllowed, naming the warehouse, when it is not one of its own."""
        if not self.works_in(warehouse):
            raise NotAllowed(f"the warehouse {warehouse!r} is not yours")

    def asks_about(self, connection_id: int) -> bool:
        """True when it may ask about that connection."""
        return self.connection_id is None or self.connection_id == connection_id

    @property
    def actor(self) -> str:
        """How the audit log and timelines name it, e.g. "user:3" or "key:7"."""
        return f"{self.kind}:{self.id}"


SYSTEM = Principal(kind="system", id=0, name="stockline", role=Role.ADMIN)
"""The command line on the hub's own machine, and the workers."""


def confined(role: Role, warehouses: Collection[str]) -> frozenset[str] | None:
    """Which warehouses a role is confined to: the warehouse role to its codes where it has any; else None (all)."""
    return frozenset(warehouses) if role is Role.WAREHOUSE and warehouses else None
