"""What must hold after all kills: by the shops' own books, by the tables, by the real `stockline audit`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from sqlalchemy import select, text

from connectors.kit.practice.sandbox import BookLine, BookOrder
from demo import counts
from hub.ports.clock import utc_now
from hub.store.database import Database
from hub.store.tables import streams
from tests.kill.processes import ROOT
from tests.kill.stage import Environment, Stage

NOTHING = {
    "order without its document": """
        SELECT o.id FROM orders o LEFT JOIN order_document d ON d.order_id = o.id WHERE d.order_id IS NULL""",
    "order without lines": """
        SELECT o.id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id)""",
    "wanted line without pieces": """
        SELECT l.id FROM order_line l WHERE l.wanted > 0 AND l.sku IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM order_piece p WHERE p.line_id = l.id)""",
    "order that went on without a decision": """
        SELECT o.id FROM orders o WHERE o.state IN ('routed', 'partial', 'shipped', 'refused')
        AND NOT EXISTS (SELECT 1 FROM routing_decision d WHERE d.order_id = o.id)""",
    "pick list without lines": """
        SELECT f.id FROM fulfillment_order f
        WHERE NOT EXISTS (SELECT 1 FROM fulfillment_line l WHERE l.fulfillment_order_id = f.id)""",
    "parcel without contents": """
        SELECT s.id FROM shipment s WHERE NOT EXISTS (SELECT 1 FROM shipment_line l WHERE l.shipment_id = s.id)""",
    "parcel whose stock did not leave": """
        SELECT s.id FROM shipment s WHERE (SELECT sum(quantity) FROM shipment_line l WHERE l.shipment_id = s.id)
        <> (SELECT -sum(g.on_hand) FROM stock_ledger g WHERE g.kind = 'ship' AND g.cause = 'shipment:' || s.key)""",
    "take that was reserved twice or not at all": """
        SELECT d.id FROM routing_decision d WHERE
        (SELECT coalesce(sum(l.quantity), 0) FROM fulfillment_order f JOIN fulfillment_line l
            ON l.fulfillment_order_id = f.id WHERE f.decision_id = d.id)
        <> (SELECT coalesce(sum(g.reserved), 0) FROM stock_ledger g
            WHERE g.kind = 'reserve' AND g.cause = 'decision:' || CAST(d.id AS TEXT))""",
    "message that waits": "SELECT id FROM inbox WHERE state = 'new'",
    "message that crashed us": "SELECT id FROM inbox WHERE state = 'dead'",
    "message that was not sent": "SELECT id, error FROM outbox WHERE state = 'new'",
    "dead letter, but for parcels that crossed a cancellation": """
        SELECT m.id, m.error FROM outbox m WHERE m.state = 'dead' AND NOT EXISTS (
            SELECT 1 FROM order_event e WHERE e.order_id = m.order_id AND e.kind = 'too_late_to_take_back')""",
    "listing given up": "SELECT listing_ref FROM stock_push WHERE dead OR seq > sent_seq",
    "paused connection": "SELECT id FROM connection WHERE state <> 'active'",
    "leased message": "SELECT id FROM outbox WHERE leased_until IS NOT NULL",
    "leased listing": "SELECT connection_id, listing_ref FROM stock_push WHERE leased_until IS NOT NULL",
    "lease of a process that is gone": "SELECT name, owner FROM lease",
}
"""Queries that must find nothing once the hub has come to rest and was stopped."""


def by_the_books(stage: Stage) -> dict[str, Any]:
    """The demo's zeros, with what was received counted as stock."""
    result = counts.count(stage.world, stage.received)
    assert {name: result[name] for name in counts.ZEROS} == dict.fromkeys(counts.ZEROS, 0)
    assert result["imported"] == result["placed"] > 0
    assert result["shipped"] > 0, "the run must contain sales"
    return result


def every_accepted_webhook_is_kept(stage: Stage) -> None:
    """What got its 2xx lies in the inbox, each under its own event."""
    with stage.world.context.db.read() as db:
        kept = {(row[0], row[1]) for row in db.execute(text("SELECT connection_id, dedupe_key FROM inbox"))}
    assert stage.accepted, "no webhook was accepted at all"
    missing = []
    for connection_id, delivery in stage.accepted:
        channel = stage.world.context.channel(connection_id)
        notice = channel.read_webhook({name.lower(): value for name, value in delivery.headers.items()}, delivery.body)
        keys = [f"event:{notice.event_id}:{at}" for at in range(len(notice.records))]
        keys += [f"event:{notice.event_id}:refetch:{ref}" for ref in notice.refetch]
        missing += [key for key in keys if (connection_id, key) not in kept]
    assert missing == [], f"{len(missing)} webhooks: {missing[:5]}"


def every_parcel_was_told_once(stage: Stage) -> None:
    """Line by line, the shops were told exactly what left; no tracking number came twice.

    A shop whose buyer cancelled or lowered an order while its parcel left may refuse to hear of what is too much.
    """
    told = _told(stage.world.context.db)
    wrong = []
    for shop in stage.world.shops:
        for order in shop.sandbox.book():
            ours = told.pop((shop.connection_id, order.ref), {})
            twice = len(set(order.trackings)) != len(order.trackings)
            if twice or not all(_agree(order, line, ours.get(line.line_ref, 0)) for line in order.lines):
                wrong.append((shop.name, order, ours))
    assert told == {}, "parcels of orders that no shop knows"
    assert wrong == [], f"{len(wrong)} orders: {wrong[:5]}"
    complaints = [words for shop in stage.world.shops for words in getattr(shop.sandbox, "complaints", ())]
    assert complaints == []


def _agree(order: BookOrder, line: BookLine, told: int) -> bool:
    wanted = 0 if order.state == "cancelled" else line.current
    return line.shipped == told or wanted <= line.shipped < told


def _told(db: Database) -> dict[tuple[int, str], dict[str, int]]:
    query = """SELECT o.connection_id, o.channel_ref, l.channel_ref, l.told / l.units FROM order_line l
               JOIN orders o ON o.id = l.order_id WHERE l.told > 0"""
    found: dict[tuple[int, str], dict[str, int]] = {}
    with db.read() as connection:
        for connection_id, order_ref, line_ref, units in connection.execute(text(query)):
            found.setdefault((connection_id, order_ref), {})[line_ref] = int(units)
    return found


def nothing_is_left(db: Database) -> None:
    """Nothing partial, nothing waiting, nothing leased; the hub must be at rest and stopped.

    A stream that died in a run before its time keeps the date of its lease until then; it must have run out.
    """
    with db.read() as connection:
        rows = {what: [tuple(row) for row in connection.execute(text(query)).fetchmany(5)]
                for what, query in NOTHING.items()}  # fmt: skip
        stands = select(streams.c.connection_id, streams.c.stream).where(streams.c.leased_until > utc_now())
        rows["leased stream"] = [tuple(row) for row in connection.execute(stands)]
    assert {what: found for what, found in rows.items() if found} == {}


def audit(environment: Environment) -> dict[str, Any]:
    """What the real `stockline audit --json` says."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli.main", "audit", "--json"], cwd=ROOT, env=os.environ | dict(environment),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["mismatches"] == 0 and report["details"] == []
    assert report["ledger_rows"] > 100
    return report
