"""Reads back what a channel shows, says why it differs, and heals it under a cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from hub.ports.channel import Can, StockLine
from hub.rules.ats import Offer
from hub.store import pushes
from hub.store.audit import record
from hub.store.available import listing_offers, read_listings
from hub.store.tables import stock_pushes, streams
from hub.usecases.context import Context
from hub.usecases.streams import make_due, running

CAP = 500
"""Most corrections of one sweep; the rest waits for the next."""

Cause = Literal["lag", "doubted", "edited_there", "never_sent", "gone"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One listing whose channel shows `seen` where `ours` should stand. `cause` says why:

    lag: a push is under way; doubted: its 0 waits for a person, whom no sweep forestalls; edited_there: somebody (or an
    order we have not seen) changed it; never_sent: no push yet; gone: the channel no longer has the listing.
    """

    listing_ref: str
    sku: str
    seen: int | None
    ours: int
    cause: Cause


def reconcile_stock(ctx: Context, connection_id: int) -> int:
    """Compare all listings of one connection with ATS; returns how many corrections were asked for.

    Raises: Busy, and what the channel raises, after it was noted.
    """
    with running(ctx, connection_id, "reconcile_stock"):
        if Can.READ_STOCK not in ctx.channel(connection_id).spec.can:
            return _send_all(ctx, connection_id)
        drifts = find_drift(ctx, connection_id)
        healed = [drift for drift in drifts if drift.cause in ("edited_there", "never_sent")][:CAP]
        _heal(ctx, connection_id, drifts, healed)
    if healed:
        ctx.doorbell.ring("orders.pull", connection_id)
        ctx.doorbell.ring("stock.push", connection_id)
    return len(healed)


def _send_all(ctx: Context, connection_id: int) -> int:
    """A channel that cannot be read is told every number again."""
    now = ctx.clock()
    with ctx.db.write() as db:
        refs = [row.listing_ref for row in read_listings(db, connection_id)]
        pushes.lock(db, connection_id, refs)  # before the streams, as everybody who changes both
        pushes.mark_listings(db, connection_id, refs, now)
        make_due(db, connection_id, ["stock"], now)
    ctx.doorbell.ring("stock.push", connection_id)
    return len(refs)


def find_drift(ctx: Context, connection_id: int) -> list[Drift]:
    """Every listing that shows another number than it should, with the cause; changes nothing."""
    with ctx.db.read() as db:
        rows = read_listings(db, connection_id)
    lines = [StockLine(row.listing_ref, 0, "", row.offered_sku or row.sku, None, row.place) for row in rows]
    seen = {reading.listing_ref: reading.available for reading in ctx.channel(connection_id).read_stock(lines)}
    with ctx.db.read() as db:
        offers = listing_offers(db, rows, ctx.clock())
        states = _push_states(db, connection_id)
    found = (_compare(row, offers[connection_id, row.listing_ref], seen, states.get(row.listing_ref)) for row in rows)
    return [drift for drift in found if drift is not None]


def _push_states(db: Connection, connection_id: int) -> dict[str, Row[Any]]:
    query = select(stock_pushes).where(stock_pushes.c.connection_id == connection_id)
    return {row.listing_ref: row for row in db.execute(query)}


def _compare(row: Row[Any], offer: Offer, seen: Mapping[str, int | None], state: Row[Any] | None) -> Drift | None:
    shown, ours = seen.get(row.listing_ref), offer.publish(state.sent_value if state else None)
    if ours is None or shown == ours:
        return None
    if row.listing_ref not in seen or shown is None:
        cause: Cause = "gone"
    elif state is None:
        cause = "never_sent"
    elif ours <= 0 and state.doubted_seq == state.seq > state.sent_seq:
        cause = "doubted"
    else:
        cause = "lag" if state.seq > max(state.sent_seq, state.doubted_seq) and not state.dead else "edited_there"
    return Drift(row.listing_ref, row.sku, shown, ours, cause)


def _heal(ctx: Context, connection_id: int, drifts: Sequence[Drift], healed: Sequence[Drift]) -> None:
    now = ctx.clock()
    refs = [drift.listing_ref for drift in healed]
    with ctx.db.write() as db:
        pushes.lock(db, connection_id, refs)  # before the streams, as everybody who changes both
        which = (streams.c.connection_id == connection_id, streams.c.stream == "reconcile_stock")
        db.execute(streams.update().where(*which).values(total=len(drifts)))
        if not healed:
            return
        pushes.mark_listings(db, connection_id, refs, now)
        make_due(db, connection_id, ["orders", "stock"], now)
        for drift in healed:
            _note(db, connection_id, drift, now)


def _note(db: Connection, connection_id: int, drift: Drift, now: datetime) -> None:
    record(
        db, now, "hub", "stock.healed", f"listing:{connection_id}:{drift.listing_ref}",
        sku=drift.sku, seen=drift.seen, ours=drift.ours, cause=drift.cause,
    )  # fmt: skip
