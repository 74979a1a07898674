"""What the demo prints while it runs: a line per order, and after half a minute a summary with the next commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row, select

from demo import counts
from demo.world import World
from hub.pages.i18n import SOURCE, Voice
from hub.pages.labels import label
from hub.pages.route_words import why_text
from hub.store.tables import connections, order_events, orders

SUMMARY_S = 30.0
LOOK_S = 0.5
ENGLISH = Voice(SOURCE)


def watch(stage: World, started: float, say: Callable[[str], None], summary: Callable[[], None]) -> None:
    """Print until the process is interrupted."""
    seen, told = 0, False
    while True:
        time.sleep(LOOK_S)
        rows = _news(stage, seen)
        for row in rows:
            seen = max(seen, row.id)
            text = line(row)
            if text:
                say(text)
        if not told and time.monotonic() - started > SUMMARY_S:
            told = True
            for text in summary_lines(stage):
                say(text)
            summary()


def _news(stage: World, after: int) -> list[Row[Any]]:
    e = order_events.c
    query = (
        select(e.id, e.kind, e.data, orders.c.number, connections.c.channel)
        .join(orders, orders.c.id == e.order_id)
        .join(connections, connections.c.id == orders.c.connection_id)
        .where(e.id > after)
        .order_by(e.id)
        .limit(500)
    )
    with stage.context.db.read() as db:
        return list(db.execute(query))


def line(row: Row[Any]) -> str:
    """One event in words; empty for events that are not worth a line."""
    words = _WORDS.get(row.kind)
    return f"{row.channel:<12} {row.number:<16} {words(row.data)}" if words else ""


def _routed(data: Mapping[str, Any]) -> str:
    takes = data["takes"]
    pieces = sum(take["quantity"] for take in takes)
    places = ", ".join(sorted({take["warehouse"] for take in takes}))
    return f"→ reserved {pieces} → {places}: {why_text(ENGLISH, data['why'], data.get('words', {}))}"


def _short(data: Mapping[str, Any]) -> str:
    return "→ short of " + ", ".join(f"{row['missing']} × {row['sku']}" for row in data["missing"])


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "order_routed": _routed,
    "order_short": _short,
    "order_refused": lambda data: "→ refused: the channel is told, nothing is oversold",
    "order_held": lambda data: (
        f"→ held: {ENGLISH.gettext(label('hold', str(data.get('kind', ''))))} {data.get('value', '')}"
    ),
    "hold_released": lambda data: "→ mended, runs again",
    "order_cancelled": lambda data: "→ cancelled at the channel, nothing of it is reserved",
    "parcel_shipped": lambda data: f"→ shipped from {data['warehouse']} with {data['carrier']} {data['tracking_no']}",
}


def summary_lines(stage: World) -> list[str]:
    """The state of things in a few lines."""
    result = counts.count(stage)
    faults = ", ".join(f"{kind} {number}" for kind, number in result["faults"].items() if number)
    return [
        "",
        f"── after {SUMMARY_S:.0f} s: {result['placed']} orders placed in the shops, {result['imported']} imported, "
        f"{result['routed']} routed, {result['shipped']} shipped",
        f"   refused because short: {result['refused_short']} (each one an oversell prevented), "
        f"held: {result['held']}, cancelled: {result['cancelled']}",
        f"   oversold units: {result['oversold_units']}, orders doubled: {result['duplicated']}, "
        f"ledger mismatches: {result['ledger_mismatches']}",
        f"   faults so far: {faults or 'none'}",
        "",
    ]
