"""A company of a given size, written by a few statements: shops, items, listings, places, stock, and its mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bench.payloads import Mix, orders
from connectors.kit import registry
from hub.ports.channel import Channel, RawRecord
from hub.ports.channel import Connection as Shop
from hub.ports.clock import utc_now
from hub.ports.doorbell import SilentDoorbell
from hub.store import bulk
from hub.store import tables as t
from hub.store.database import Database
from hub.store.inbox import Arrival, digest_of
from hub.usecases.context import Context

PLACES = (
    ("EWR", "07105", "NJ", "Newark"), ("LAX", "90058", "CA", "Los Angeles"), ("ORD", "60609", "IL", "Chicago"),
    ("MIA", "33178", "FL", "Miami"), ("DFW", "75261", "TX", "Dallas"), ("PHX", "85043", "AZ", "Phoenix"),
    ("ATL", "30336", "GA", "Atlanta"), ("SEA", "98032", "WA", "Seattle"), ("DEN", "80216", "CO", "Denver"),
    ("BOS", "02118", "MA", "Boston"),
)  # fmt: skip
SETTINGS = {"shop_url": "https://bench.example", "location_id": "1"}
SECRETS = {"access_token": "bench", "webhook_secret": "bench"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a company is. `shops` sell every SKU, each by one listing; `places` keep `pieces` of each SKU."""

    skus: int
    places: int = 10
    shops: int = 1
    pieces: int = 1_000_000

    @property
    def mix(self) -> Mix:
        return Mix(self.skus)


class Shops:
    """The channel objects of the bench's shops: the product's own connector for Shopify, which is never called."""

    def __init__(self) -> None:
        self._known: dict[int, Channel] = {}

    def __call__(self, connection_id: int) -> Channel:
        found = self._known.get(connection_id)
        if found is None:
            shop = Shop(connection_id, f"bench-{connection_id}", "shopify", SETTINGS, SECRETS)
            found = self._known[connection_id] = registry.build(shop)
        return found


def context(db: Database) -> Context:
    """What the use cases are given in the bench."""
    return Context(db, Shops(), utc_now, SilentDoorbell(), "bench")


def found(db: Database, size: Size) -> None:
    """Write the company into an empty, migrated database."""
    now = utc_now() - timedelta(hours=1)
    with db.write() as connection:
        _rows(connection, t.warehouses, [_place(at, now) for at in range(size.places)])
        _rows(connection, t.connections, [_shop(at + 1, now) for at in range(size.shops)])
        streams = [{"connection_id": at + 1, "stream": "stock", "due_at": now} for at in range(size.shops)]
        _rows(connection, t.streams, streams)
        for statement in _goods(db.is_sqlite, size):
            connection.execute(text(statement), {"now": now.replace(tzinfo=None) if db.is_sqlite else now})
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _rows(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(table.insert(), rows)


def _place(at: int, now: datetime) -> dict[str, Any]:
    code, postal_code, region, city = PLACES[at % len(PLACES)]
    return {
        "code": code if at < len(PLACES) else f"{code}{at}", "title": city, "priority": 1, "country": "US",
        "region": region, "city": city, "postal_code": postal_code, "ships_to": [], "created_at": now,
    }  # fmt: skip


def _shop(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number, "name": f"bench-{number}", "channel": "shopify", "settings": SETTINGS, "secrets": {},
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def _goods(sqlite: bool, size: Size) -> tuple[str, ...]:
    """Items, listings, pushes that were all sent, balances, and the ledger rows that explain them."""
    series = (
        "(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {n} - 1) SELECT i FROM s)"
        if sqlite
        else "(SELECT i FROM generate_series(0, {n} - 1) AS s(i))"
    )
    items = f"{series.format(n=size.skus)} AS n"
    digits = "substr('0000000' || n.i, -7)" if sqlite else "lpad(n.i::text, 7, '0')"
    sku, shops = f"'SKU-' || {digits}", "connection AS c"
    ref = "CAST(40000000 + n.i AS TEXT)"
    each_place = f"{items} CROSS JOIN warehouse AS w"
    return (
        f"INSERT INTO item (sku, title, barcode, tags, weight_g, value, created_at) "
        f"SELECT {sku}, 'Item', '', '[]', 300, 0, :now FROM {items}",
        f"INSERT INTO listing (connection_id, listing_ref, sku, units, title, barcode, place, buffer, stocked, "
        f"seen_at) SELECT c.id, {ref}, {sku}, 1, '', '', '{{}}', 0, true, :now FROM {items} CROSS JOIN {shops}",
        f"INSERT INTO stock_push (connection_id, listing_ref, seq, sent_seq, doubted_seq, zero_seq, sent_value, "
        f"sent_at, changed_at, due_at, attempts, error, dead, latency_ms) "
        f"SELECT c.id, {ref}, 1, 1, 0, 0, 0, :now, :now, :now, 0, '', false, '[]' "
        f"FROM {items} CROSS JOIN {shops}",
        f"INSERT INTO stock_balance (sku, warehouse, lot, on_hand, reserved, damaged, quality_hold, safety, incoming, "
        f"in_transit, version, updated_at) SELECT {sku}, w.code, '', {size.pieces}, 0, 0, 0, 0, 0, 0, 1, :now "
        f"FROM {each_place}",
        f"INSERT INTO stock_ledger (sku, warehouse, lot, kind, on_hand, reserved, cause, line, reason, actor, at) "
        f"SELECT {sku}, w.code, '', 'receive', {size.pieces}, 0, 'opening', '1', '', 'bench', :now FROM {each_place}",
    )  # fmt: skip


def arrive(db: Database, seed: int, start: int, count: int, mix: Mix, connection_id: int = 1) -> None:
    """`count` webhooks, numbered from `start`, lie in the inbox, as the web server leaves them."""
    arrive_raw(db, list(orders(seed, start, count, mix)), connection_id)


def arrive_raw(db: Database, messages: Sequence[tuple[str, bytes]], connection_id: int = 1) -> None:
    """These (ref, body) lie in the inbox."""
    now = datetime.now(UTC)
    rows = [_message(connection_id, ref, raw, now) for ref, raw in messages]
    with db.write() as connection:
        bulk.insert(connection, t.inbox, bulk.columns_of(rows))


def _message(connection_id: int, ref: str, raw: bytes, now: datetime) -> dict[str, Any]:
    arrival = Arrival(f"event:{ref}:0", RawRecord(ref, raw, None, None, "order", "application/json"), "webhook")
    return {
        "connection_id": connection_id, "source": arrival.source, "kind": "order", "ref": ref,
        "dedupe_key": arrival.key, "topic": "orders/create", "content_type": "application/json", "raw": raw,
        "digest": digest_of(raw), "received_at": now, "state": "new", "attempts": 0, "error": "",
    }  # fmt: skip
