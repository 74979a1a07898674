"""All figures of the bench, in the order in which they are measured and told."""

from __future__ import annotations

from functools import partial

from bench import growth, routing
from bench.coalescing import calls_per_change
from bench.latency import p99_ms_at_half_load
from bench.oversold import oversold_units
from bench.registry import Key, at_least, at_most
from bench.speed import cpu_us_per_order, hot_over_uniform, hub_over_raw, orders_per_s, scaling_2_workers

SPEED = (
    Key("pg.hub_over_raw", "orders a second of the hub over those of the bare database, PostgreSQL", at_least(0.50),
        partial(hub_over_raw, "pg")),
    Key("pg.orders_per_s", "orders a second, from webhook bytes to reserved, PostgreSQL", None,
        partial(orders_per_s, "pg")),
    Key("cpu_us_per_order", "CPU of hub and database, microseconds an order", None, cpu_us_per_order),
    Key("pg.hot_over_uniform", "with 30 % of the lines on one SKU, over none", at_least(0.70), hot_over_uniform),
    Key("pg.scaling_2_workers", "two worker processes over one", at_least(1.3), scaling_2_workers),
    Key("pg.p99_ms_at_half_load", "milliseconds from inbox to reserved, 99 of 100", at_most(250), p99_ms_at_half_load),
    Key("pg.oversold_units", "16 clients after 100 pieces, PostgreSQL", at_most(0), partial(oversold_units, "pg")),
    Key("growth.skus", "cost of an order at 1,000,000 balances over 10,000", at_most(1.3), growth.skus),
    Key("growth.orders", "cost of an order after 1,000,000 over after 50,000", at_most(1.3), growth.orders),
    Key("sqlite.hub_over_raw", "the hub over the bare database, SQLite with full fsync", at_least(0.30),
        partial(hub_over_raw, "sqlite")),
    Key("sqlite.orders_per_s", "orders a second, SQLite", None, partial(orders_per_s, "sqlite")),
    Key("sqlite.oversold_units", "16 clients after 100 pieces, SQLite", at_most(0), partial(oversold_units, "sqlite")),
    Key("push.calls_per_change", "channel calls over calls at perfect coalescing", at_most(1.2), calls_per_change),
)  # fmt: skip
KEYS = (*SPEED, *routing.KEYS)
