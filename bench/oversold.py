"""Sixteen clients after the last hundred pieces: exactly a hundred are sold, round after round."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from bench.company import Size, arrive_raw, context, found
from bench.payloads import Mix, orders, sku_of
from bench.places import migrated, servers
from bench.registry import Figure
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.context import Context
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.place_orders import place_orders

CLIENTS, PIECES, WANTED = 16, 100, 160


def oversold_units(kind: str, quick: bool) -> Figure:
    """Pieces sold beyond those there are, a round; every round must sell exactly all of them."""
    count = 5 if quick else 20
    with servers(kind) as server:
        db = migrated(server.create())
        found(db, Size(skus=count + 1, places=1, pieces=PIECES))
        wide = Database(db.url, pool_size=CLIENTS)
        sold = [_round(wide, number) for number in range(1, count + 1)]
        wide.close()
        db.close()
    over = tuple(float(max(0, each - PIECES)) for each in sold)
    return Figure(over, {"sold_least": min(sold), "sold_most": max(sold)}, also_ok=set(sold) == {PIECES})


def _round(db: Database, item: int) -> int:
    """160 orders for one piece each of one SKU; how many pieces are reserved when everybody is idle."""
    arrive_raw(db, [(f"{item}-{n}", _one_piece(item, n)) for n in range(WANTED)])
    ctx = context(db)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(_client, [ctx] * CLIENTS))
    _client(ctx)  # who had no turn with a hot SKU left its orders
    b = t.stock_balances.c
    with db.read() as connection:
        return int(connection.scalar(select(func.sum(b.reserved)).where(b.sku == sku_of(item))) or 0)


def _client(ctx: Context) -> None:
    idle = 0
    while idle < 2:
        idle = 0 if ingest_inbox(ctx, 7) + place_orders(ctx, 5) else idle + 1


def _one_piece(item: int, number: int) -> bytes:
    """An order whose only line is one piece of the item."""
    ((_, raw),) = orders(item, number, 1, Mix(2))
    order = json.loads(raw)
    order["id"] = order["id"] * 100 + item
    line = order["line_items"][0] | {"quantity": 1, "current_quantity": 1, "sku": sku_of(item)}
    order["line_items"] = [line | {"variant_id": 40_000_000 + item}]
    return json.dumps(order).encode()
