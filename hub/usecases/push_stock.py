"""Pushes absolute stock: lease waiting listings, read what they may show now, call the channel, settle by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.told import told
from hub.ports.channel import ConnectorSpec, StockAnswer, StockLine
from hub.ports.failpoints import reach
from hub.rules.ats import Offer
from hub.rules.backoff import retry_delay_s
from hub.rules.catch_up import is_behind, may_tell
from hub.store import pushes
from hub.store.audit import record
from hub.store.available import listing_offers, read_listings, read_unlinked
from hub.store.orders_in import read_orders_in
from hub.store.tables import connections
from hub.usecases.context import Context
from hub.usecases.streams import make_due, running
from hub.usecases.watch_zeros import doubtful_zeros

ORDERS_WAIT_S = 10.0
"""How long a listing waits while the orders of its channel are not all here."""
STALE_WAIT_S = 1.0
"""How long a listing waits after the channel showed an unexpected number: its orders are pulled meanwhile."""
ASKS = told("its 0 is not told until a person says that it is meant (mass-zero breaker)")
"""What stands at a listing whose 0 waits."""


def push_stock(ctx: Context, connection_id: int) -> int:
    """Push one batch of waiting listings; returns how many were in it. After a full one others have their turn.

    Raises: Busy, and what the channel raises, after it was noted; leased listings are then free again.
    """
    with running(ctx, connection_id, "stock", every=False):
        count = push_batch(ctx, connection_id)
    if count >= ctx.channel(connection_id).spec.max_stock_lines:
        ctx.doorbell.ring("stock.push", connection_id)
    return count


def push_batch(ctx: Context, connection_id: int, only: Sequence[str] | None = None) -> int:
    """One call of the channel: waiting listings, or those of `only`; returns how many were leased for it.

    Raises: what the channel raises; leased listings are then free again.
    """
    channel = ctx.channel(connection_id)
    leased_at = ctx.clock()
    lines, versions = _prepare(ctx, connection_id, channel.spec, leased_at, only)
    if not lines:
        return len(versions)
    reach("after_lease")
    try:
        answers = channel.push_stock(lines)
    except Exception:
        _give_back(ctx, connection_id, versions)
        raise
    reach("after_channel_call")
    if _settle(ctx, connection_id, lines, answers, versions, leased_at):
        ctx.doorbell.ring("orders.pull", connection_id)
    return len(versions)


Versions = dict[str, Row[Any]]
"""listing_ref -> what was leased (seq, sent_value, attempts)"""


def _prepare(
    ctx: Context, connection_id: int, spec: ConnectorSpec, now: datetime, only: Sequence[str] | None
) -> tuple[list[StockLine], Versions]:  # fmt: skip
    with ctx.db.write() as db:
        leased = pushes.lease(db, connection_id, spec.max_stock_lines, now, ctx.lease_s, only)
        versions = {row.listing_ref: row for row in leased}
        rows = read_listings(db, connection_id, list(versions))
        offers = {ref: found for (_, ref), found in listing_offers(db, rows, now).items()}
        last = read_unlinked(db, connection_id, [ref for ref, row in versions.items() if row.ends])
        zeros = {row.listing_ref: 0 for row in last}
        gone = [pushes.Sent(ref, row.seq, 0, row.latency_ms or ())
                for ref, row in versions.items() if ref not in offers and ref not in zeros]  # fmt: skip
        pushes.settle_sent(db, connection_id, gone, now, now)
        numbers = _hold_back(db, connection_id, versions, offers)
        numbers = _leave_doubtful(db, connection_id, versions, numbers, offers, now)
        numbers |= zeros  # a person named each of them: no breaker asks again
        numbers = _wait_for_orders(db, connection_id, versions, numbers, spec.stock_mode, now)
    return [_line(connection_id, row, versions[row.listing_ref], numbers[row.listing_ref])
            for row in (*rows, *last) if row.listing_ref in numbers], versions  # fmt: skip


def _hold_back(db: Connection, connection_id: int, versions: Versions, offers: Mapping[str, Offer]) -> dict[str, int]:
    """What to tell the channel, by listing; the others are settled with the reason why nothing is told."""
    numbers, held = dict[str, int](), []
    for ref, found in offers.items():
        value = found.publish(versions[ref].sent_value)
        if value is None or (found.frozen and value == versions[ref].sent_value):
            held.append((ref, versions[ref].seq, _why_held(found)))
        else:
            numbers[ref] = value
    pushes.settle_held(db, connection_id, held)
    return numbers


def _wait_for_orders(
    db: Connection, connection_id: int, versions: Versions, numbers: dict[str, int], mode: str, now: datetime
) -> dict[str, int]:  # fmt: skip
    """What may be told although the channel's own orders may not all be here; the rest waits for them, untried."""
    orders = read_orders_in(db, connection_id)
    behind = orders is not None and is_behind(orders, now)
    goes = {ref: number for ref, number in numbers.items() if may_tell(number, behind, mode == "compare_and_set")}
    why = "not told yet: the orders of this channel are read first"
    due = now + timedelta(seconds=ORDERS_WAIT_S)
    for ref in sorted(numbers.keys() - goes.keys()):
        pushes.settle_unsent(db, connection_id, ref, tries=versions[ref].attempts, why=why, due=due)
    return goes


def _why_held(found: Offer) -> str:
    if found.source == "unknown":
        return "not told: nobody ever counted it; count its stock, even as 0"
    return f"not raised: the numbers of {', '.join(found.frozen)} are too old; count or import them"


def _line(connection_id: int, row: Row[Any], version: Row[Any], available: int) -> StockLine:
    return StockLine(
        listing_ref=row.listing_ref,
        available=available,
        key=f"stock:{connection_id}:{row.listing_ref}:{version.seq}:{available}",
        sku=row.offered_sku or row.sku,
        last_sent=version.sent_value,
        place={str(name): str(value) for name, value in row.place.items()},
    )


def _leave_doubtful(
    db: Connection, connection_id: int, versions: Versions, numbers: dict[str, int], offers: Mapping[str, Offer],
    now: datetime,
) -> dict[str, int]:  # fmt: skip
    """What may be told where a batch would zero a large part of a shop: those zeros wait for a person, not the rest."""
    if _confirmed(db, connection_id):
        return numbers
    before = {ref: versions[ref].sent_value or 0 for ref in numbers}
    gone = {ref: offers[ref].gone for ref, number in numbers.items() if before[ref] > 0 >= number}
    doubt = doubtful_zeros(db, connection_id, before, numbers, gone, versions, now)
    pushes.settle_doubted(db, connection_id, {ref: versions[ref].seq for ref in doubt.refs}, ASKS)
    if doubt.reason:
        words = {"reason": doubt.reason, "listings": len(doubt.refs)}
        record(db, now, "hub", "stock.breaker", f"connection:{connection_id}", **words)
    return {ref: number for ref, number in numbers.items() if ref not in doubt.refs}


def _confirmed(db: Connection, connection_id: int) -> bool:
    """Whether a person said that the zeros are meant (the connection's setting `allow_mass_zero`)."""
    settings = db.scalar(select(connections.c.settings).where(connections.c.id == connection_id))
    return bool(settings and settings.get("allow_mass_zero") == "yes")


def _give_back(ctx: Context, connection_id: int, versions: Versions) -> None:
    with ctx.db.write() as db:
        for ref, row in sorted(versions.items()):
            pushes.settle_unsent(db, connection_id, ref, tries=row.attempts, why="the call failed", due=ctx.clock())


def _settle(
    ctx: Context, connection_id: int, lines: Sequence[StockLine], answers: Sequence[StockAnswer], versions: Versions,
    leased_at: datetime,
) -> bool:  # fmt: skip
    """Write what the channel said of each line; returns whether any showed a number that we did not expect."""
    now = ctx.clock()
    shown = {line.listing_ref: line.available for line in lines}
    ok = {answer.listing_ref: versions[answer.listing_ref] for answer in answers if answer.ok}
    sent = [pushes.Sent(ref, row.seq, shown[ref], pushes.measured(row, now)) for ref, row in ok.items()]
    stale = any(answer.stale for answer in answers)
    with ctx.db.write() as db:
        pushes.lock(db, connection_id, [answer.listing_ref for answer in answers])
        pushes.settle_sent(db, connection_id, sent, now, leased_at)
        for answer in sorted(answers, key=lambda a: a.listing_ref):
            if not answer.ok:
                _settle_unsent(db, connection_id, answer, versions[answer.listing_ref], now)
        if stale:
            make_due(db, connection_id, ["orders"], now)
        reach("before_settle")
    return stale


def _settle_unsent(db: Connection, connection_id: int, answer: StockAnswer, row: Row[Any], now: datetime) -> None:
    if answer.stale:
        due, tries, dead = now + timedelta(seconds=STALE_WAIT_S), row.attempts, False
    else:
        tries = row.attempts + 1
        delay = retry_delay_s(tries) if answer.retry else None
        due, dead = now + timedelta(seconds=delay or 0), delay is None
    why = answer.why or ("the channel showed another number than the hub last wrote" if answer.stale else "")
    pushes.settle_unsent(
        db, connection_id, answer.listing_ref, tries=tries, why=why, due=due, seen=answer.seen, given_up=dead
    )
