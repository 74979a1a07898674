"""What an order costs as the company grows: more SKUs, more orders that are over. CPU of hub and database together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from bench.company import Size
from bench.registry import Figure
from bench.speed import Bench, Plan, bench, plan_of
from hub.store import bulk
from hub.store import tables as t
from hub.store.database import Database


def skus(quick: bool) -> Figure:
    """Cost of an order at 1,000,000 balances over its cost at 10,000."""
    plan = plan_of("pg", quick)
    large, small = bench("pg", plan.size), bench("pg", Size(1_000))
    sizes = {"large": large.size.skus * large.size.places, "small": small.size.skus * small.size.places}
    return _ratio(large, large.copy(), small, small.copy(), plan, sizes)


def orders(quick: bool) -> Figure:
    """Cost of an order after 1,000,000 orders over its cost after 50,000."""
    plan = plan_of("pg", quick)
    stage = bench("pg", Size(1_000))
    many, few = stage.copy(), stage.copy()
    sizes = {"large": 20_000, "small": 2_000} if quick else {"large": 1_000_000, "small": 50_000}
    _had(many, sizes["large"])
    _had(few, sizes["small"])
    return _ratio(stage, many, stage, few, plan, sizes)


def _ratio(one: Bench, url: str, other: Bench, other_url: str, plan: Plan, sizes: Mapping[str, int]) -> Figure:
    one.hub(url, plan.orders, 1)
    other.hub(other_url, plan.orders, 1)
    pairs = [(one.hub(url, plan.orders, 1), other.hub(other_url, plan.orders, 1)) for _ in range(plan.rounds)]
    wall = sorted(large.seconds / small.seconds for large, small in pairs)[len(pairs) // 2]
    return Figure(
        tuple(large.cpu_us / small.cpu_us for large, small in pairs), {"by_wall_clock": round(wall, 3), **sizes}
    )


def _had(url: str, count: int) -> None:
    """Orders that are over: one line each, shipped a while ago, with all that was written on the way."""
    db = Database(url, pool_size=1)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET synchronous_commit = off")
        for table, values in _PAST.items():
            connection.exec_driver_sql(_insert(table, values, count))
            if "id" in values:
                connection.exec_driver_sql(f"SELECT setval('{table.name}_id_seq', {count})")
        connection.exec_driver_sql("VACUUM ANALYZE")
    db.close()


def _insert(table: Table, values: Mapping[str, str], count: int) -> str:
    """One row for each number n; a column that is not named has its declared default."""
    row = {name: _literal(value) for name, value in bulk.blank(table).items() if name != "id"} | dict(values)
    names, what = ", ".join(row), ", ".join(row.values())
    return f"INSERT INTO {table.name} ({names}) SELECT {what} FROM generate_series(1, {count}) AS n"


def _literal(value: Any) -> str:
    """A declared default as SQL."""
    if value is None:
        return "NULL"
    return (
        str(value).lower()
        if isinstance(value, (bool, int))
        else f"'{value or ''}'"
        if isinstance(value, str)
        else "'[]'"
    )


_THEN = "now() - interval '30 days'"
_REF = "(40000000 + mod(n, 1000))::text"
_SKU = "'SKU-' || lpad(mod(n, 1000)::text, 7, '0')"
_PAST: Mapping[Table, Mapping[str, str]] = {
    t.orders: {
        "id": "n", "connection_id": "1", "channel_ref": "'past-' || n", "number": "'#' || n", "state": "'shipped'",
        "digest": "md5(n::text)", "created_at": _THEN, "updated_at": _THEN,
    },
    t.order_documents: {"order_id": "n", "first": "'{}'", "current": "'{}'"},
    t.order_lines: {
        "id": "n", "order_id": "n", "channel_ref": "'line'", "listing_ref": _REF, "sku": _SKU,
        "ordered": "'1'", "wanted": "1", "told": "1",
    },
    t.order_pieces: {"id": "n", "order_id": "n", "line_id": "n", "sku": _SKU, "wanted": "1", "shipped": "1"},
    t.routing_decisions: {
        "id": "n", "order_id": "n", "attempt": "1", "outcome": "'routed'", "ruleset_version": "0",
        "snapshot_hash": "''", "snapshot": "'{}'", "demand": "'{}'", "decision": "'{}'", "created_at": _THEN,
    },
    t.fulfillment_orders: {
        "id": "n", "order_id": "n", "warehouse": "'EWR'", "decision_id": "n", "status": "'shipped'",
        "created_at": _THEN, "updated_at": _THEN,
    },
    t.fulfillment_lines: {
        "id": "n", "fulfillment_order_id": "n", "order_id": "n", "line_id": "n", "piece_id": "n", "sku": _SKU,
        "quantity": "1", "picked": "1", "shipped": "1",
    },
    t.stock_ledger: {
        "sku": _SKU, "warehouse": "'EWR'", "kind": "'reserve'", "cause": "'past:' || n", "line": "n::text",
        "order_id": "n", "at": _THEN,
    },
    t.order_events: {"order_id": "n", "kind": "'order_imported'", "data": "'{}'", "at": _THEN},
    t.inbox: {
        "connection_id": "1", "source": "'webhook'", "ref": "'past-' || n", "dedupe_key": "'past-' || n", "raw": "''",
        "digest": "''", "state": "'done'", "received_at": _THEN, "done_at": _THEN, "order_id": "n",
    },
}  # fmt: skip
