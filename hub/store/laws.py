"""The laws of stock as queries: each gives the rows that break it, as (sku, warehouse, lot, ref, ours, theirs)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, literal, select

from hub.store.stock import STATES
from hub.store.tables import leases, outbox, stock_pushes, streams

_SUMS = ", ".join(f"sum({state}) AS {state}" for state in STATES)
_OURS = ", ".join(f"b.{state} AS our_{state}" for state in STATES)
_THEIRS = ", ".join(f"coalesce(l.{state}, 0) AS their_{state}" for state in STATES)
_DIFFER = " OR ".join(f"b.{state} <> coalesce(l.{state}, 0)" for state in STATES)

BALANCE_IS_LEDGER = f"""
    SELECT b.sku, b.warehouse, b.lot, {_OURS}, {_THEIRS}
    FROM stock_balance b LEFT JOIN (
        SELECT sku, warehouse, lot, {_SUMS} FROM stock_ledger GROUP BY sku, warehouse, lot
    ) l ON l.sku = b.sku AND l.warehouse = b.warehouse AND l.lot = b.lot
    WHERE {_DIFFER} ORDER BY b.sku, b.warehouse, b.lot"""
"""The only law whose rows tell all states: our_STATE stands where their_STATE should."""

PROMISED = """
    SELECT sku, warehouse, lot, sum(open) AS open FROM (
        SELECT l.sku, o.warehouse, l.lot, l.quantity - l.shipped - l.cancelled AS open
        FROM fulfillment_line l JOIN fulfillment_order o ON o.id = l.fulfillment_order_id
        WHERE l.shipped + l.cancelled < l.quantity
        UNION ALL
        SELECT l.sku, t.source, l.lot, l.quantity - l.shipped
        FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
        WHERE t.state IN ('ready', 'in_transit') AND l.shipped < l.quantity
    ) x GROUP BY sku, warehouse, lot"""
"""What pick lists and transfers still have to take from each balance."""

UNDER_WAY = """
    SELECT l.sku, t.destination AS warehouse, l.lot, sum(l.shipped - l.received - l.lost) AS open
    FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
    WHERE t.state = 'in_transit' GROUP BY l.sku, t.destination, l.lot"""
"""What transfers still have to bring to each balance."""

EXPECTED = """
    SELECT sku, warehouse, '' AS lot, sum(quantity - received - missing) AS open FROM expected_receipt
    WHERE state = 'open' AND received + missing < quantity GROUP BY sku, warehouse"""
"""What suppliers still have to bring to each balance; the lot is known when it is here."""


def _is(state: str, claims: str) -> str:
    """A state of every balance is the sum of the claims on it, and no claim is without its balance."""
    same = "c.sku = b.sku AND c.warehouse = b.warehouse AND c.lot = b.lot"
    return f"""
    SELECT b.sku, b.warehouse, b.lot, '' AS ref, b.{state} AS ours, coalesce(c.open, 0) AS theirs
    FROM stock_balance b LEFT JOIN ({claims}) c ON {same}
    WHERE b.{state} <> coalesce(c.open, 0)
    UNION ALL
    SELECT c.sku, c.warehouse, c.lot, '' AS ref, 0 AS ours, c.open AS theirs FROM ({claims}) c
    WHERE c.open <> 0 AND NOT EXISTS (SELECT 1 FROM stock_balance b WHERE {same})"""


LAWS = {
    "ledger_has_balance": """
        SELECT l.sku, l.warehouse, l.lot, '' AS ref, 0 AS ours, sum(l.on_hand) AS theirs FROM stock_ledger l
        WHERE NOT EXISTS (SELECT 1 FROM stock_balance b
                          WHERE b.sku = l.sku AND b.warehouse = l.warehouse AND b.lot = l.lot)
        GROUP BY l.sku, l.warehouse, l.lot""",
    "reserved_is_pick_lists": _is("reserved", PROMISED),
    "in_transit_is_transfers": _is("in_transit", UNDER_WAY),
    "incoming_is_expected": _is("incoming", EXPECTED),
    "never_oversold": """
        SELECT sku, warehouse, lot, '' AS ref, reserved AS ours, on_hand AS theirs FROM stock_balance
        WHERE reserved + damaged + quality_hold > on_hand OR reserved < 0""",
    "pieces_are_pick_lists": """
        SELECT p.sku, '' AS warehouse, '' AS lot, 'piece:' || p.id AS ref, p.reserved + p.shipped AS ours,
               coalesce(f.open, 0) + coalesce(f.shipped, 0) AS theirs
        FROM order_piece p LEFT JOIN (
            SELECT piece_id, sum(quantity - shipped - cancelled) AS open, sum(shipped) AS shipped
            FROM fulfillment_line GROUP BY piece_id
        ) f ON f.piece_id = p.id
        WHERE p.reserved <> coalesce(f.open, 0) OR p.shipped <> coalesce(f.shipped, 0)""",
    "never_more_than_wanted": """
        SELECT p.sku, '' AS warehouse, '' AS lot, 'order:' || p.order_id AS ref, p.reserved + p.shipped AS ours,
               p.wanted AS theirs FROM order_piece p
        WHERE p.reserved > 0 AND p.reserved + p.shipped > p.wanted""",
    "finished_lists_are_empty": """
        SELECT l.sku, o.warehouse, l.lot, 'list:' || o.id AS ref, l.quantity - l.shipped - l.cancelled AS ours,
               0 AS theirs
        FROM fulfillment_line l JOIN fulfillment_order o ON o.id = l.fulfillment_order_id
        WHERE o.status IN ('shipped', 'cancelled') AND l.shipped + l.cancelled < l.quantity""",
    "done_orders_hold_nothing": """
        SELECT p.sku, '' AS warehouse, '' AS lot, 'order:' || p.order_id AS ref, p.reserved AS ours, 0 AS theirs
        FROM order_piece p JOIN orders o ON o.id = p.order_id
        WHERE o.state IN ('cancelled', 'refused', 'closed', 'shipped') AND p.reserved > 0""",
    "lists_have_orders": """
        SELECT l.sku, f.warehouse, l.lot, 'list:' || f.id AS ref, l.quantity - l.shipped - l.cancelled AS ours,
               0 AS theirs
        FROM fulfillment_line l JOIN fulfillment_order f ON f.id = l.fulfillment_order_id
        WHERE l.shipped + l.cancelled < l.quantity
          AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = f.order_id)""",
    "soft_lists_end": """
        SELECT l.sku, f.warehouse, l.lot, 'list:' || f.id AS ref, l.quantity - l.shipped - l.cancelled AS ours,
               0 AS theirs
        FROM fulfillment_line l JOIN fulfillment_order f ON f.id = l.fulfillment_order_id
        JOIN orders o ON o.id = f.order_id
        WHERE ((f.status = 'soft' AND o.soft_until IS NULL)
               OR (f.status = 'kept' AND o.state NOT IN ('held', 'waiting', 'unpaid')))
          AND l.shipped + l.cancelled < l.quantity""",
    "bookings_have_lists": """
        SELECT '' AS sku, c.warehouse, '' AS lot, 'order:' || c.order_id AS ref, 1 AS ours, 0 AS theirs
        FROM capacity_booking c
        WHERE NOT EXISTS (SELECT 1 FROM fulfillment_order f
                          WHERE f.order_id = c.order_id AND f.warehouse = c.warehouse AND f.ships_on = c.day
                            AND f.status <> 'cancelled')""",
    "booked_is_bookings": """
        SELECT '' AS sku, d.warehouse, '' AS lot, 'day:' || d.day AS ref, d.booked AS ours, coalesce(c.n, 0) AS theirs
        FROM capacity_day d LEFT JOIN (
            SELECT warehouse, day, count(*) AS n FROM capacity_booking GROUP BY warehouse, day
        ) c ON c.warehouse = d.warehouse AND c.day = d.day
        WHERE d.booked <> coalesce(c.n, 0)""",
}
"""Law -> query of what breaks it. `ref` names the thing where it is no balance: piece:, order:, list:, day:."""

LONGEST_LEASE = timedelta(hours=2)
"""Twice what an installation may set: a lease that ends later was taken by a clock that was wrong."""


def endless_leases(now: datetime) -> Iterator[Select[Any]]:
    """What is leased for ever, in the form of the other laws."""
    s, p, o, n = streams.c, stock_pushes.c, outbox.c, leases.c
    for ends, ref in (
        (s.leased_until, literal("stream:") + cast(s.connection_id, String) + ":" + s.stream),
        (p.leased_until, literal("push:") + cast(p.connection_id, String) + ":" + p.listing_ref),
        (o.leased_until, literal("message:") + cast(o.id, String)),
        (n.until, literal("lease:") + n.name),
    ):
        columns: list[Any] = [literal("").label(name) for name in ("sku", "warehouse", "lot")]
        columns += [ref.label("ref"), literal(1).label("ours"), literal(0).label("theirs")]
        yield select(*columns).where(ends > now + LONGEST_LEASE)
