"""What was set up: a connection's settings, the warehouses on the map, and the first steps of a new installation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import exists, select

from hub.canonical.errors import NotFound
from hub.canonical.geo import Point
from hub.reports.stock import Scope
from hub.rules.callbacks import CALLBACK, registers_at
from hub.store.database import Database
from hub.store.geodata import locate
from hub.store.tables import connections, items, stock_balances, streams, warehouses

_c, _s, _w = connections.c, streams.c, warehouses.c


@dataclass(frozen=True, slots=True)
class ConnectionSetup:
    """`settings` as stored, the hub's own among them; `secrets`: the names of those that are stored, never a value."""

    id: int
    name: str
    channel: str
    on_shortage: str
    settings: dict[str, str]
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a connection's channel calls. `address`: where it was told to, "" for nowhere.

    public: its address below the hub's public one; "" where there is none. goes: where the clock registers them, ""
    for nowhere. why: what the channel refused. polled: its orders come by the clock as well.
    """

    connection: str
    address: str
    public: str
    goes: str
    why: str
    polled: bool


@dataclass(frozen=True, slots=True)
class WarehousePlace:
    """A warehouse and where it is. `precision`: hand (its own lat and lon), postal, district, city, region, country;
    empty, without a point, where the place is not known."""

    code: str
    title: str
    priority: int
    active: bool
    country: str
    region: str
    city: str
    postal_code: str
    ships_to: tuple[str, ...]
    point: Point | None
    precision: str


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a new installation has already."""

    warehouse: bool
    items: bool
    channel: bool
    stock: bool

    @property
    def done(self) -> bool:
        return self.warehouse and self.items and self.channel and self.stock


def read_setup(db: Database, connection_id: int) -> ConnectionSetup:
    """One connection. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(connections).where(_c.id == connection_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no connection {connection_id}")
    settings = {name: str(value) for name, value in row.settings.items()}
    return ConnectionSetup(row.id, row.name, row.channel, row.on_shortage, settings, frozenset(row.secrets))


def read_hooks(db: Database, public: Callable[[str], str]) -> list[Hooks]:
    """The active connections whose webhooks are looked after, by name. `public`: name -> its public address, or ""."""
    orders = streams.alias("order_streams")
    same = (orders.c.connection_id == _c.id, orders.c.stream == "orders", orders.c.paused.is_(False))
    query = select(_c.name, _c.settings, _s.error, _s.failures, exists().where(*same).label("polled"))
    query = query.join(streams, _s.connection_id == _c.id).order_by(_c.name)
    query = query.where(_c.state == "active", _s.stream == "webhook_check", _s.paused.is_(False))
    with db.read() as connection:
        rows = connection.execute(query).all()
    return [
        Hooks(
            row.name, str(row.settings.get(CALLBACK) or ""), public(row.name),
            registers_at(row.settings, public(row.name)), "" if row.failures else row.error, row.polled,
        )
        for row in rows
    ]  # fmt: skip


def warehouse_places(db: Database, scope: Scope = None) -> list[WarehousePlace]:
    """The warehouses in scope, in the order in which they are asked."""
    query = select(warehouses).order_by(_w.priority, _w.code)
    if scope is not None:
        query = query.where(_w.code.in_(sorted(scope)))
    with db.read() as connection:
        rows = connection.execute(query).all()
    return [
        WarehousePlace(
            row.code, row.title or row.code, row.priority, row.active, row.country or "", row.region or "",
            row.city or "", row.postal_code or "", tuple(row.ships_to or ()),
            *_where(row.lat, row.lon, row.country, row.postal_code, row.city, row.region),
        )
        for row in rows
    ]  # fmt: skip


def _where(lat: float | None, lon: float | None, *address: str | None) -> tuple[Point | None, str]:
    if lat is not None and lon is not None:
        return Point(lat, lon), "hand"
    found = locate(*address)
    return (found.point, found.precision) if found else (None, "")


def first_steps(db: Database) -> FirstSteps:
    """Which of the first steps were taken."""
    with db.read() as connection:
        queries = (
            select(_w.code), select(items.c.sku), select(_c.name),
            select(stock_balances.c.sku).where(stock_balances.c.on_hand > 0),
        )  # fmt: skip
        return FirstSteps(*(connection.scalar(query.limit(1)) is not None for query in queries))
