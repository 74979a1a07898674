"""Sends waiting messages to one channel: shipments, answers, acknowledgments; each until it has arrived."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import (
    BadRecord,
    ConnectorFault,
    InvariantBroken,
    NeedsPerson,
    Rejected,
    Retryable,
    StocklineError,
    Throttled,
)
from hub.ports.channel import Can, Channel, Receipt
from hub.ports.failpoints import reach
from hub.rules.backoff import retry_delay_s
from hub.store import outbox
from hub.store.events import add_events
from hub.store.tables import orders
from hub.usecases.answers import read_answer, read_dispatch
from hub.usecases.context import Context
from hub.usecases.fit_parcels import fit_parcels_of
from hub.usecases.settle_needless import mark_put_back, settle_needless_of
from hub.usecases.streams import running

log = logging.getLogger(__name__)


def send_outbox(ctx: Context, connection_id: int, limit: int = 50) -> int:
    """Send up to `limit` due messages, oldest first, an order's messages in their order; returns how many were tried.

    Raises: Busy; what concerns the whole channel (Throttled, ChannelDown, AuthFailed): the rest waits untried.
    """
    with running(ctx, connection_id, "outbox", every=False):
        channel = ctx.channel(connection_id)
        now = ctx.clock()
        with ctx.db.write() as db:
            rows = outbox.lease(db, connection_id, limit, now, ctx.lease_s)
        if rows:
            reach("after_lease")
        for at, row in enumerate(rows):
            failure = _send_one(ctx, channel, row)
            if isinstance(failure, (Retryable, NeedsPerson)):
                _give_back(ctx, rows[at + 1 :], failure)
                raise failure
    return len(rows)


def _send_one(ctx: Context, channel: Channel, row: Row[Any]) -> StocklineError | None:
    """Send and settle one message; returns the error that concerns more than this message."""
    try:
        told = _tell_or_find_told(channel, row)
    except (Rejected, InvariantBroken, BadRecord) as error:
        _settle(ctx, row, "dead", str(error))
        return None
    except (Retryable, NeedsPerson) as error:
        _try_again(ctx, row, error)
        return error
    except ConnectorFault as fault:
        _try_again(ctx, row, fault)
        return None
    except Exception as error:
        log.exception("sending message %s failed", row.id)
        _try_again(ctx, row, InvariantBroken(f"our code failed on it: {type(error).__name__}"))
        return None
    reach("after_channel_call")
    _settle(ctx, row, "sent", told=told)
    return None


NEEDS = {
    "shipment": {Can.PUSH_SHIPMENT},
    "last_parcel": {Can.PUSH_SHIPMENT, Can.LAST_PARCEL},
    "receipt": {Can.SEND_RECEIPT},
}
"""What a channel must be able to do to be told; for answers that depends on the answer."""


def _tell_or_find_told(channel: Channel, row: Row[Any]) -> bool:
    """`_tell`, once more after a no: it may be the echo of our own word.

    A worker that stood still had told it too, or one that died: whoever looks again finds it done.
    """
    try:
        return _tell(channel, row)
    except Rejected:
        return _tell(channel, row)


def _tell(channel: Channel, row: Row[Any]) -> bool:
    """Returns whether the channel was called: what it cannot be told is settled without."""
    if row.topic == "answer":
        answer = read_answer(row.body)
        if (Can.ACCEPT_ORDER if answer.accepted else Can.REFUSE_ORDER) not in channel.spec.can:
            return False
        channel.answer_order(answer, key=row.key)
    elif not NEEDS[row.topic] <= channel.spec.can:
        return False
    elif row.topic == "receipt":
        channel.send_receipt(Receipt(row.body["key"], row.body["body"]))
    else:
        channel.push_shipment(read_dispatch(row.body), key=row.key)
    return True


def _settle(ctx: Context, row: Row[Any], state: str, error: str = "", *, told: bool = True) -> None:
    now = ctx.clock()
    with ctx.db.write() as db:
        reach("before_settle")
        _lock_order(db, row, state)
        if not outbox.settle(db, row.id, state=state, now=now, error=error, tries=row.attempts + 1):
            return
        if state == "dead":
            _note_dead(db, row, error, now)
        elif told:
            _note(db, row, "channel_told", error, now)
        if row.topic == "answer" and state == "sent" and not row.body["accepted"]:
            mark_put_back(db, row, now)


def _lock_order(db: Connection, row: Row[Any], state: str) -> None:
    """Some dead letters have their order looked at: it is locked before the message, as by whoever changes both."""
    if state == "dead" and row.topic in ("answer", "shipment"):
        db.execute(select(orders.c.id).where(orders.c.id == row.order_id).with_for_update())


def _note_dead(db: Connection, row: Row[Any], error: str, now: datetime) -> None:
    """A refusal whose order ended at the channel meanwhile is needless, and no dead letter.

    A parcel that says more than its order still wants, as it was edited meanwhile, is told anew.
    """
    _note(db, row, "channel_refused_message", error, now)
    if row.topic == "answer":
        add_events(db, settle_needless_of(db, row.order_id, now), now)
    if row.topic == "shipment":
        add_events(db, fit_parcels_of(db, row.order_id, now), now)


def _note(db: Connection, row: Row[Any], kind: str, error: str, now: datetime) -> None:
    if row.order_id is not None:
        add_events(db, [(row.order_id, kind, {"topic": row.topic, "error": error})], now)


def _try_again(ctx: Context, row: Row[Any], error: StocklineError) -> None:
    """Count the try and put the message off; the last try makes a dead letter.

    A person's matter does not count, and neither does a channel that did not want to hear it yet.
    """
    now = ctx.clock()
    tries = row.attempts + (0 if isinstance(error, (NeedsPerson, Throttled)) else 1)
    asked = error.retry_after if isinstance(error, Retryable) else None
    delay = retry_delay_s(max(1, tries), asked, 0.5)
    due = now + timedelta(seconds=delay or 0)
    state = "dead" if delay is None else "new"
    with ctx.db.write() as db:
        _lock_order(db, row, state)
        if outbox.settle(db, row.id, state=state, now=now, error=str(error), tries=tries, due=due) and state == "dead":
            _note_dead(db, row, str(error), now)


def _give_back(ctx: Context, rows: Sequence[Row[Any]], error: StocklineError) -> None:
    asked = error.retry_after if isinstance(error, Retryable) else None
    with ctx.db.write() as db:
        outbox.release(db, [row.id for row in rows], ctx.clock() + timedelta(seconds=asked or 1.0))
