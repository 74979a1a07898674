"""Seller-wide chaos: every channel at once, all faults on, judged by the shops' own books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from bench.forms import scaled
from bench.places import Server
from demo.fleet import FLEET, KNOWN_CARRIERS
from demo.run import Options, once
from hub.store.database import Database

WORKERS, PER_S = 2, 9.0
MORE_AN_ORDER = 0.1
"""Pieces of each plain thing that every warehouse has more for each order: nothing but the scarce things runs out."""
SETTLE_S, SETTLE_AN_ORDER_S = 180.0, 0.5


def chaos(server: Server, broker: str, orders: int, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """One run of so many orders over the whole fleet in the scaled form.

    Returns: the counts of docs/demo.md, `connections`, `workers`, `deadlocks` (ties that the database had to break),
             `wrong` (what is not well, in words) and `ok`.
    """
    options = Options(
        orders, PER_S, seed, WORKERS, FLEET, KNOWN_CARRIERS, more=round(MORE_AN_ORDER * orders),
        settle_s=SETTLE_S + SETTLE_AN_ORDER_S * orders,
    )  # fmt: skip
    with scaled(server, broker) as hub:
        result = once(hub, options, say)
        deadlocks = _deadlocks(hub.db)
    wrong = result.pop("wrong") + ([f"deadlocks = {deadlocks}"] if deadlocks else [])
    counts = {"connections": len(FLEET), "workers": WORKERS, **result, "deadlocks": deadlocks}
    return {**counts, "wrong": wrong, "ok": not wrong}


def _deadlocks(db: Database) -> int:
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with db.read() as connection:
        return int(connection.execute(text(query)).scalar_one())
