"""A small company on a real database: three items, a kit, two warehouses, and shops that are fakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select

from hub.ports.channel import ListingOffer
from hub.store import tables as t
from hub.store.database import Database
from hub.store.stock import ensure_balances
from hub.usecases import change_stock, manage_catalog
from hub.usecases.audit_stock import audit_stock
from hub.usecases.connect import add_connection
from hub.usecases.context import Context
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.join_refunds import join_refunds
from hub.usecases.pick_orders import pack_order, pick_scan, start_picking
from hub.usecases.place_orders import place_orders
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.send_outbox import send_outbox
from hub.usecases.ship_parcel import Parcel, ship_parcel
from tests.fakes.channel import SPEC, FakeChannel, payload
from tests.fakes.clock import FakeClock

KIT = {"A": 1, "B": 2}


class Bell:
    """Writes down what rang."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, int | None]] = []

    def ring(self, work: str, connection_id: int | None = None) -> None:
        self.rung.append((work, connection_id))


_template: dict[Any, list[dict[str, Any]]] = {}
"""The rows of a company that was just founded: later ones are copied from the first, which is much faster."""


def _shop(shop: FakeChannel | None = None) -> FakeChannel:
    shop = shop or FakeChannel()
    shop.listings = [ListingOffer(f"L-{sku}", sku) for sku in ("A", "B", "C", "KIT")]
    return shop


def _read(db: Database) -> dict[Any, list[dict[str, Any]]]:
    catalog = (t.items, t.kits, t.warehouses, t.connections, t.streams, t.listings)
    tables = (*catalog, t.stock_pushes)
    with db.read() as connection:
        return {table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}


def _plant(db: Database) -> int:
    """Write the rows of the template; returns the id of its connection, which the database numbers anew."""
    with db.write() as connection:
        (shop,) = _template[t.connections]
        numbered = t.connections.insert().returning(t.connections.c.id)
        cid = int(connection.execute(numbered, _without_id(shop)).scalar_one())
        for table, rows in _template.items():
            if table is not t.connections:
                mine = [row | ({"connection_id": cid} if "connection_id" in row else {}) for row in rows]
                connection.execute(table.insert(), [_without_id(row) for row in mine])
    return cid


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


class World:
    """`shop` is connected as `shop_id`; W1 (priority 1, Berlin) and W2 (priority 2, Munich) are empty."""

    def __init__(self, db: Database) -> None:
        self.clock = FakeClock()
        self.bell = Bell()
        self.shops: dict[int, FakeChannel] = {}
        self.ctx = Context(db, self.shops.__getitem__, self.clock, self.bell)
        self.db = db
        self.keys = 0
        if not _template:
            self._found()
            _template.update(_read(db))
            self.bell.rung.clear()
        else:
            self.shop_id = _plant(db)
            self.shops[self.shop_id] = _shop()
        self.shop = self.shops[self.shop_id]

    def _found(self) -> None:
        """Found the company by the use cases themselves."""
        for sku in ("A", "B", "C", "KIT"):
            manage_catalog.add_item(self.ctx, sku, barcode=f"400{sku}", actor="test")
        manage_catalog.set_kit(self.ctx, "KIT", KIT, actor="test")
        for code, priority, city in (("W1", 1, "Berlin"), ("W2", 2, "Munich")):
            manage_catalog.save_warehouse(self.ctx, code, actor="test", priority=priority, country="DE", city=city)
        self.shop_id = self.connect("shop")

    def connect(self, name: str, on_shortage: str = "hold", shop: FakeChannel | None = None) -> int:
        """A further shop with listings L-A, L-B, L-C and L-KIT."""
        shop = shop or FakeChannel()
        cid = add_connection(
            self.ctx, lambda text, _: text, shop.spec or SPEC, name, {}, {}, actor="test", on_shortage=on_shortage
        )
        self.shops[cid] = _shop(shop)
        pull_listings(self.ctx, cid)
        return cid

    def know_empty(self) -> None:
        """The shelves of W1 are known to be empty: their 0 is no guess, and is told to the shops."""
        with self.db.write() as db:
            ensure_balances(db, [(sku, "W1", "") for sku in ("A", "B", "C")], self.clock())

    def stock(self, sku: str, warehouse: str, by: int) -> int:
        self.keys += 1
        return change_stock.adjust_stock(
            self.ctx, sku, warehouse, by, reason="delivery", actor="test", key=f"delivery-{self.keys}"
        )

    def pull(self, *orders: Any, shop_id: int | None = None) -> int:
        """The shop has these versions now, and nothing else; one pull. How many records were new."""
        cid = shop_id or self.shop_id
        self.shops[cid].orders = list(orders)
        with self.db.write() as db:
            db.execute(t.streams.update().where(t.streams.c.stream == "orders").values(cursor=None))
        return pull_orders(self.ctx, cid)

    def document(self, ref: str) -> Mapping[str, Any]:
        """What the channel says of the order now."""
        (found,) = self.rows(t.order_documents, t.order_documents.c.order_id == self.row(ref).id)
        return dict(found.current)

    def arrive(self, *orders: Any, shop_id: int | None = None) -> None:
        """Pulled, ingested and placed."""
        self.pull(*orders, shop_id=shop_id)
        self.work()

    def order(self, ref: str, at: str = "2026-11-23T08:00:00Z", shop_id: int | None = None,
              more: Mapping[str, Any] | None = None, **lines: int) -> str:  # fmt: skip
        """One order of `lines` (SKU=quantity) arrives; its state then."""
        rows = {f"{sku.lower()}1": (f"L-{sku}", quantity) for sku, quantity in lines.items()}
        self.arrive(payload(ref, rows, at, **(more or {})), shop_id=shop_id)
        return self.state(ref)

    def work(self) -> None:
        """Ingest, join and place until there is nothing to do."""
        for _ in range(100):
            if not ingest_inbox(self.ctx) + join_refunds(self.ctx) + place_orders(self.ctx):
                return
        raise AssertionError("ingesting and placing never come to rest")

    def send(self, shop_id: int | None = None) -> int:
        return send_outbox(self.ctx, shop_id or self.shop_id)

    def send_all(self, shop_id: int | None = None) -> None:
        """Until nothing is due any more."""
        while self.send(shop_id):
            pass

    # What can be seen afterwards.

    def rows(self, table: Any, *where: Any) -> list[Row[Any]]:
        with self.db.read() as db:
            return list(db.execute(select(table).where(*where).order_by(*table.primary_key.columns)))

    def row(self, ref: str) -> Row[Any]:
        (found,) = self.rows(t.orders, t.orders.c.channel_ref == ref)
        return found

    def state(self, ref: str) -> str:
        return str(self.row(ref).state)

    def pieces(self, ref: str) -> dict[str, tuple[int, int, int]]:
        """SKU -> (wanted, reserved, shipped), summed over the lines."""
        p = t.order_pieces.c
        query = select(p.sku, func.sum(p.wanted), func.sum(p.reserved), func.sum(p.shipped)).group_by(p.sku)
        with self.db.read() as db:
            found = db.execute(query.where(p.order_id == self.row(ref).id)).all()
        return {sku: (int(wanted), int(reserved), int(shipped)) for sku, wanted, reserved, shipped in found}

    def lines(self, ref: str) -> dict[str, tuple[str | None, str, int]]:
        """Line ref -> (SKU, ordered as first seen, wanted base units now)."""
        rows = self.rows(t.order_lines, t.order_lines.c.order_id == self.row(ref).id)
        return {row.channel_ref: (row.sku, row.ordered, row.wanted) for row in rows}

    def balance(self, sku: str, warehouse: str) -> tuple[int, int]:
        """(on hand, reserved)"""
        b = t.stock_balances.c
        found = self.rows(t.stock_balances, b.sku == sku, b.warehouse == warehouse)
        return (found[0].on_hand, found[0].reserved) if found else (0, 0)

    def lists(self, ref: str, *status: str) -> list[Row[Any]]:
        """The order's pick lists, by id."""
        found = self.rows(t.fulfillment_orders, t.fulfillment_orders.c.order_id == self.row(ref).id)
        return [row for row in found if not status or row.status in status]

    def list_lines(self, list_id: int) -> dict[str, Row[Any]]:
        rows = self.rows(t.fulfillment_lines, t.fulfillment_lines.c.fulfillment_order_id == list_id)
        return {row.sku: row for row in rows}

    def takes(self, ref: str) -> dict[tuple[str, str], int]:
        """(warehouse, SKU) -> pieces that are still to leave."""
        found: dict[tuple[str, str], int] = {}
        for row in self.lists(ref):
            for line in self.rows(t.fulfillment_lines, t.fulfillment_lines.c.fulfillment_order_id == row.id):
                left = line.quantity - line.shipped - line.cancelled
                if left:
                    found[row.warehouse, line.sku] = found.get((row.warehouse, line.sku), 0) + left
        return found

    def holds(self, state: str = "open") -> list[str]:
        return sorted(row.fingerprint for row in self.rows(t.holds, t.holds.c.state == state))

    def events(self, ref: str) -> list[str]:
        return [row.kind for row in self.rows(t.order_events, t.order_events.c.order_id == self.row(ref).id)]

    def event(self, ref: str, kind: str) -> Mapping[str, Any]:
        """What the last event of this kind says."""
        e = t.order_events.c
        return dict(self.rows(t.order_events, e.order_id == self.row(ref).id, e.kind == kind)[-1].data)

    # What people in a warehouse do.

    def pick(self, list_id: int, picker: str = "bob") -> None:
        """Take the list and pick all of it."""
        start_picking(self.ctx, list_id, picker)
        for sku, line in self.list_lines(list_id).items():
            left = line.quantity - line.cancelled - line.picked
            if left:
                pick_scan(self.ctx, list_id, sku, picker, left)
        pack_order(self.ctx, list_id, picker)

    def ship(self, list_id: int, key: str, contents: Mapping[int, int] | None = None) -> int:
        return ship_parcel(self.ctx, list_id, Parcel(key, "DHL", f"T-{key}", contents=contents), "bob")

    def ship_all(self, ref: str) -> None:
        for row in self.lists(ref, "open", "picking", "packed"):
            self.ship(row.id, f"{ref}-{row.id}")

    def half_a_kit(self) -> None:
        """o1 asks for one kit, and of its parts only A left."""
        for sku in KIT:
            self.stock(sku, "W1", 9)
        self.order("o1", KIT=1)
        (work,) = self.lists("o1")
        self.ship(work.id, "p1", {self.list_lines(work.id)["A"].id: 1})
        self.send_all()

    # What must be true at any time.

    def check(self) -> None:
        """The promises of the hub that can be read off its tables."""
        report = audit_stock(self.ctx)
        assert report.mismatches == (), report.mismatches
        assert [tuple(r) for r in self._twice()] == []
        over = ("shipped", "cancelled", "refused", "closed")
        for row in self.rows(t.orders, t.orders.c.state.in_(over)):
            assert self.takes_of(row.id) == 0, f"order {row.channel_ref} is {row.state} and still on a pick list"

    def takes_of(self, order_id: int) -> int:
        f = t.fulfillment_lines.c
        with self.db.read() as db:
            return int(
                db.scalar(select(func.sum(f.quantity - f.shipped - f.cancelled)).where(f.order_id == order_id)) or 0
            )

    def _twice(self) -> list[Row[Any]]:
        o = t.orders.c
        query = select(o.connection_id, o.channel_ref).group_by(o.connection_id, o.channel_ref)
        with self.db.read() as db:
            return list(db.execute(query.having(func.count() > 1)))
