"""How well changes of stock are drawn together before a channel is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from random import Random

from bench.company import Shops, Size, context, found
from bench.payloads import sku_of
from bench.places import migrated, servers
from bench.registry import Figure
from bench.speed import SEED
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Channel, ConnectorSpec, StockAnswer, StockLine
from hub.store import pushes
from hub.store.stock import Move, apply_moves, lock_balances
from hub.usecases.context import Context
from hub.usecases.push_stock import push_stock

SHOPS, BATCH = 5, 500


class Counting(BaseChannel):
    """A channel that shows whatever it is told, and counts the calls."""

    def __init__(self, spec: ConnectorSpec) -> None:
        self.spec, self.calls = spec, 0

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        self.calls += 1
        return tuple(StockAnswer(line.listing_ref, True) for line in lines)


def calls_per_change(quick: bool) -> Figure:
    """Channel calls made for 100,000 changes of balances over five channels, over calls at perfect coalescing.

    Changes come in waves; after each wave the channels are told. At best, each wave tells each changed listing once in
    calls that are as full as the channel allows.
    """
    changes, skus, waves = (5_000, 200, 5) if quick else (100_000, 2_000, 20)
    with servers("sqlite") as server:
        db = migrated(server.create())
        found(db, Size(skus, places=2, shops=SHOPS))
        spec = Shops()(1).spec
        shops = {number: Counting(spec) for number in range(1, SHOPS + 1)}

        def shop_of(connection_id: int) -> Channel:
            return shops[connection_id]

        ctx = replace(context(db), channel=shop_of)
        ratios = _waves(ctx, list(shops.values()), changes // waves, skus, waves, spec.max_stock_lines)
        db.close()
    beside = {"changes": changes, "calls": sum(shop.calls for shop in shops.values())}
    return Figure(tuple(ratios), beside)


def _waves(ctx: Context, shops: Sequence[Counting], each: int, skus: int, waves: int, limit: int) -> list[float]:
    draw, ratios = Random(SEED), []
    for wave in range(waves):
        before = sum(shop.calls for shop in shops)
        changed = [draw.randrange(skus) for _ in range(each)]
        for start in range(0, each, BATCH):
            _change(ctx, changed[start : start + BATCH], f"wave:{wave}:{start}")
        for connection_id in range(1, SHOPS + 1):
            while push_stock(ctx, connection_id):
                pass
        best = SHOPS * ceil(len(set(changed)) / limit)
        ratios.append((sum(shop.calls for shop in shops) - before) / best)
    return ratios


def _change(ctx: Context, items: Sequence[int], cause: str) -> None:
    """One transaction of a warehouse: a piece less of each item."""
    now = ctx.clock()
    moves = [Move("adjust", sku_of(item), "EWR", cause, str(at), on_hand=-1) for at, item in enumerate(items)]
    with ctx.db.write() as db:
        lock_balances(db, {move.sku for move in moves})
        apply_moves(db, moves, now)
        pushes.mark_skus(db, {move.sku for move in moves}, now)
