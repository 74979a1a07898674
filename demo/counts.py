"""Counts the run by the sandboxes' own books; the hub is asked only for what it imported, promised and reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from connectors.kit.practice.sandbox import FAULTS, BookOrder
from demo.goods import KITS, Good
from demo.world import Shop, World
from hub.store.available import listing_numbers, read_listings
from hub.store.tables import holds, inbox, orders, outbox, routing_decisions, stock_pushes
from hub.usecases.audit_stock import audit_stock

_p = stock_pushes.c
Refs = Mapping[int, Counter[str]]
"""connection id -> how often the hub has each of its orders"""


def count(world: World, received: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The demo's result, all but time and memory; keys as documented in docs/demo.md.

    received: SKU -> pieces that came in after the opening.
    """
    books = {shop.connection_id: shop.sandbox.book() for shop in world.shops}
    every = [order for book in books.values() for order in book]
    with world.context.db.read() as db:
        ours = _imported(db)
        body = {
            "placed": len(every),
            "imported": sum(len(refs) for refs in ours.values()),
            "lost": _lost(books, ours),
            "duplicated": _duplicated(books, ours),
            "oversold_units": oversold_units(every, world.goods, received or {}),
            "held": _number(db, select(func.count()).select_from(orders).where(orders.c.state == "held")),
            "routed": _routed(db),
            "shipped": sum(order.state == "shipped" for order in every),
            "cancelled": sum(order.state == "cancelled" for order in every),
            "refused_short": sum(order.state == "refused" for order in every),
            "stock_drift": sum(len(drift(db, shop, world.context.clock())) for shop in world.shops),
        }
    report = audit_stock(world.context)
    faults = {kind: world.faults.counts[kind] for kind in FAULTS}
    return body | {"ledger_mismatches": len(report.mismatches), "faults": faults}


def _number(db: Connection, query: Any) -> int:
    return int(db.scalar(query) or 0)


def _imported(db: Connection) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for row in db.execute(select(orders.c.connection_id, orders.c.channel_ref)):
        found.setdefault(row.connection_id, Counter())[row.channel_ref] += 1
    return found


def _routed(db: Connection) -> int:
    table = routing_decisions.c
    return _number(db, select(func.count(table.order_id.distinct())).where(table.outcome == "routed"))


def _lost(books: Mapping[int, tuple[BookOrder, ...]], ours: Refs) -> int:
    """Orders in a shop's book that the hub does not have."""
    return sum(order.ref not in ours.get(shop, {}) for shop, book in books.items() for order in book)


def _duplicated(books: Mapping[int, tuple[BookOrder, ...]], ours: Refs) -> int:
    """Orders that the hub has twice or that no book knows, and pieces that a shop was told of twice."""
    known = {shop: {order.ref for order in book} for shop, book in books.items()}
    twice = sum(number - 1 for refs in ours.values() for number in refs.values())
    strange = sum(ref not in known.get(shop, set()) for shop, refs in ours.items() for ref in refs)
    told = sum(max(0, line.shipped - line.ordered) > 0 and line.shipped > line.current
               for book in books.values() for order in book for line in order.lines)  # fmt: skip
    return twice + strange + told


def oversold_units(every: Sequence[BookOrder], stock: Sequence[Good], received: Mapping[str, int]) -> int:
    """Pieces that shops promised or shipped beyond what the warehouses ever had, kits taken apart."""
    promised: Counter[str] = Counter()
    for order in every:
        for line in order.lines:
            units = line.shipped if order.state in ("cancelled", "refused") else max(line.current, line.shipped)
            for sku, count in KITS.get(line.sku, {line.sku: 1}).items():
                promised[sku] += units * count
    had = {good.sku: sum(good.stock) + received.get(good.sku, 0) for good in stock}
    return sum(max(0, units - had[sku]) for sku, units in promised.items() if sku in had)


def drift(db: Connection, shop: Shop, now: datetime) -> list[tuple[str, int, int]]:
    """Listings whose shop shows another number than ATS: (sku, shown, ours)."""
    rows = read_listings(db, shop.connection_id)
    numbers = listing_numbers(db, rows, now)
    shown = shop.sandbox.shown_stock()
    found = []
    for row in rows:
        sku = row.offered_sku or row.sku
        ours = numbers[shop.connection_id, row.listing_ref]
        if shown.get(sku) != ours:
            found.append((sku, shown.get(sku, -1), ours))
    return found


def unfinished(world: World) -> dict[str, int]:
    """What still has to happen before the books can be compared: name -> how many."""
    with world.context.db.read() as db:
        found = {
            "messages": _number(db, select(func.count()).where(inbox.c.state == "new")),
            "to_place": _number(db, select(func.count()).where(orders.c.state == "waiting")),
            "to_ship": _number(db, select(func.count()).where(orders.c.state.in_(("routed", "partial", "unpaid")))),
            "held": _number(db, select(func.count()).where(holds.c.state == "open", holds.c.order_id.is_not(None))),
            "to_tell": _number(db, select(func.count()).where(outbox.c.state == "new")),
            "to_push": _number(db, select(func.count()).where(_p.seq > _p.sent_seq, _p.dead.is_(False))),
            "drift": sum(len(drift(db, shop, world.context.clock())) for shop in world.shops),
        }  # fmt: skip
        ours = _imported(db)
    books = {shop.connection_id: shop.sandbox.book() for shop in world.shops}
    found["not_imported"] = _lost(books, ours)
    found["open_in_shops"] = sum(o.state in ("open", "partial") for book in books.values() for o in book)
    return {name: number for name, number in found.items() if number}


ZEROS = ("lost", "duplicated", "oversold_units", "stock_drift", "ledger_mismatches")


def verdict(result: Mapping[str, Any]) -> list[str]:
    """What is not well, in words; empty when all is."""
    wrong = [f"{name} = {result[name]}" for name in ZEROS if result[name]]
    least = {"outage": 1}
    wrong += [f"fault {kind}: {n} times" for kind, n in result["faults"].items() if n < least.get(kind, 3)]
    done = result["shipped"] + result["cancelled"] + result["refused_short"]
    if done + result["held"] < result["placed"]:
        wrong.append(f"{result['placed'] - done - result['held']} orders did not come to an end")
    return wrong
