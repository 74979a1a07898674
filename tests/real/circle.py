"""A hub with one warehouse and one connection to a real shop; its use cases are run by hand, without workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from connectors.kit import registry
from hub.ports.channel import Channel, Connection
from hub.ports.clock import utc_now
from hub.store.database import Database
from hub.store.tables import fulfillment_lines, fulfillment_orders, order_documents, orders, stock_balances
from hub.usecases.change_stock import adjust_stock
from hub.usecases.connect import add_connection
from hub.usecases.context import Context
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_catalog import add_item, save_warehouse
from hub.usecases.pick_orders import pick_scan
from hub.usecases.place_orders import place_orders
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.reconcile_stock import reconcile_stock
from hub.usecases.send_outbox import send_outbox
from hub.usecases.ship_parcel import Parcel, ship_parcel

ACTOR = "system:0"
ROUNDS = 3
_f, _l = fulfillment_orders.c, fulfillment_lines.c


class Circle:
    """`connection_id` is the connection to the shop; `channel` speaks with it."""

    def __init__(
        self, db: Database, channel: str, settings: Mapping[str, str], secrets: Mapping[str, str],
        stock: Mapping[str, int], *, on_shortage: str = "hold",
    ) -> None:  # fmt: skip
        self.channel: Channel = registry.build(Connection(1, "real", channel, settings, secrets))
        self._ahead = timedelta(0)
        self.ctx = Context(db=db, channel=lambda _: self.channel, clock=lambda: utc_now() + self._ahead)
        words = {"title": "Berlin", "country": "DE", "city": "Berlin", "postal_code": "10115", "priority": 1}
        save_warehouse(self.ctx, "BER", actor=ACTOR, **words)
        for sku, pieces in stock.items():
            add_item(self.ctx, sku, title=sku, barcode="", actor=ACTOR)
            adjust_stock(
                self.ctx, sku, "BER", pieces, reason="delivery", actor=ACTOR, key=f"first:{sku}", kind="receive"
            )
        spec = registry.spec(channel)
        self.connection_id = add_connection(
            self.ctx, lambda text, _: text, spec, "real", settings, secrets, actor=ACTOR, on_shortage=on_shortage
        )
        pull_listings(self.ctx, self.connection_id)
        self.push()

    def pull(self) -> None:
        """Orders come in and are placed."""
        pull_orders(self.ctx, self.connection_id)
        self.work()

    def work(self) -> None:
        while ingest_inbox(self.ctx):
            pass
        while place_orders(self.ctx):
            pass

    def push(self) -> None:
        """Numbers, parcels and answers go out."""
        while push_stock(self.ctx, self.connection_id):
            pass
        while send_outbox(self.ctx, self.connection_id):
            pass

    def heal(self) -> int:
        """Compare the shop's numbers with ours and mend them; gives how many were wrong.

        A number that nobody expected is first answered as stale: orders are pulled, and a moment later it goes again;
        an order that took its own part in that costs one more round.
        """
        found = reconcile_stock(self.ctx, self.connection_id)
        for _ in range(ROUNDS):
            self.push()
            self._ahead += timedelta(seconds=5)
            self.pull()
        return found

    def order(self, ref: str) -> Any:
        """The hub's row of the order that the shop calls `ref`."""
        with self.ctx.db.read() as db:
            return db.execute(select(orders).where(orders.c.channel_ref == ref)).one()

    def document(self, ref: str) -> dict[str, Any]:
        """The canonical order as last seen."""
        with self.ctx.db.read() as db:
            which = order_documents.c.order_id == self.order(ref).id
            found: dict[str, Any] = db.execute(select(order_documents.c.current).where(which)).scalar_one()
            return found

    def ship(self, ref: str, takes: Mapping[str, int], tracking: str) -> None:
        """Pick so many pieces of each SKU of the order's one pick list, and ship them in one parcel."""
        with self.ctx.db.read() as db:
            mine = (_f.order_id == self.order(ref).id, _f.status.in_(("open", "picking", "packed")))
            work = db.execute(select(_f.id).where(*mine)).scalar_one()
            rows = db.execute(select(_l.sku, _l.id).where(_l.fulfillment_order_id == work))
            lines = {row.sku: row.id for row in rows}
        for sku, pieces in takes.items():
            pick_scan(self.ctx, work, sku, "user:1", pieces)
        contents = {lines[sku]: pieces for sku, pieces in takes.items()}
        ship_parcel(self.ctx, work, Parcel(f"parcel:{tracking}", "DHL", tracking, contents=contents), "user:1")

    def ats(self, sku: str) -> int:
        """What may be sold, over all warehouses."""
        free = stock_balances.c.on_hand - stock_balances.c.reserved
        with self.ctx.db.read() as db:
            return int(db.scalar(select(func.sum(free)).where(stock_balances.c.sku == sku)) or 0)
