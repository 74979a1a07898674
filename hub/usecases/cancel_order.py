"""Cancels an order: at once while nobody has it in hand, else by asking the warehouse, whose answer decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import Conflict, NotFound
from hub.canonical.order_json import order_from_dict
from hub.rules.lifecycle import OVER
from hub.store import outbox, pushes
from hub.store.audit import record
from hub.store.cancel_requests import open_requests
from hub.store.catalog import read_catalog
from hub.store.events import add_events
from hub.store.tables import cancel_requests, order_documents, order_pieces, orders
from hub.usecases.amend_orders import amend_orders, release_holds
from hub.usecases.answers import answer_body
from hub.usecases.ask_warehouses import answer_by, in_hand
from hub.usecases.context import Context
from hub.usecases.pick_orders import resettle
from hub.usecases.release_excess import release_excess
from hub.usecases.tell_parcel import tell_last_parcels

_c = cancel_requests.c
BY_SILENCE = "hub"


def ask_cancel(ctx: Context, order_id: int, reason: str, actor: str) -> Literal["cancelled", "asked"]:
    """Somebody here wants an order cancelled.

    Nothing of it may be picked, packed or shipped while a warehouse that has it in hand is being asked.

    Returns: "cancelled": nothing of it is reserved any more, the channel is told; "asked": a warehouse must agree.
    Raises:  NotFound; Conflict: the order is over, or is being asked about already.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, order_id)
        if row.state in OVER:
            raise Conflict(f"order {row.number} is {row.state}: what has left comes back as a return")
        if open_requests(db, [order_id]):
            raise Conflict(f"somebody asked for this before: order {row.number} waits for the warehouse's answer")
        hands = in_hand(db, [order_id]).get(order_id, ())
        values = {"order_id": order_id, "kind": "cancel", "asked_by": actor, "reason": reason[:500], "created_at": now}
        end = answer_by(hands, now) if hands else now
        number = db.execute(cancel_requests.insert().values(values | {"answer_by": end}).returning(_c.id)).scalar_one()
        if hands:
            words = {"warehouses": sorted({line.warehouse for line in hands}), "reason": reason[:500]}
            add_events(db, [(order_id, "cancel_asked", words)], now, actor)
        else:
            _cancel(db, row, int(number), reason, actor, now)
            _close(db, int(number), "accepted", actor, "", now)
        record(db, now, actor, "order.cancel_asked", f"order:{order_id}", reason=reason[:500])
    ctx.doorbell.ring("outbox.send", row.connection_id)
    return "asked" if hands else "cancelled"


def answer_cancel(ctx: Context, order_id: int, accept: bool, actor: str, note: str = "") -> None:
    """The warehouse's answer to a cancellation or a cut that waits.

    Accepted: the pieces in hand are free again (their picker puts them back), the order is what was asked for.
    Refused: the order goes on. A channel that asked knows no word for that, so nothing is told to it, and the timeline
    says so: "accepted" once more would be another promise.

    Raises: NotFound: no such order, or nothing waits for an answer.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, order_id)
        request = open_requests(db, [order_id]).get(order_id)
        if request is None:
            raise NotFound(f"nothing is asked about order {row.number}: it was answered, or overtaken by the channel")
        _answer(db, row, request, accept, actor, note, now)
    ctx.doorbell.ring("outbox.send", row.connection_id)
    ctx.doorbell.ring("orders.place")


def expire_requests(ctx: Context, limit: int = 100) -> int:
    """Who did not answer in time has agreed; returns how many. Safe to run at any time, anywhere."""
    now = ctx.clock()
    late = select(_c.order_id).where(_c.state == "asked", _c.answer_by <= now).order_by(_c.id).limit(limit)
    with ctx.db.read() as db:
        ids = db.scalars(late).all()
    return sum(_expire(ctx, order_id, now) for order_id in ids)


def _expire(ctx: Context, order_id: int, now: datetime) -> int:
    with ctx.db.write() as db:
        row = _locked(db, order_id)
        request = open_requests(db, [order_id]).get(order_id)
        if request is None or request.answer_by is None or request.answer_by > now:
            return 0
        _answer(db, row, request, True, BY_SILENCE, "nobody answered in time", now)
    ctx.doorbell.ring("outbox.send", row.connection_id)
    ctx.doorbell.ring("orders.place")
    return 1


def _answer(
    db: Connection, row: Row[Any], request: Row[Any], accept: bool, actor: str, note: str, now: datetime
) -> None:
    _close(db, request.id, "accepted" if accept else "refused", actor, note, now)
    kind = f"{request.kind}_{'agreed' if accept else 'refused'}"
    by_channel = request.document is not None
    words: dict[str, Any] = ({"note": note[:500]} if note else {}) | (
        {"told": False} if by_channel and not accept else {}
    )
    add_events(db, [(row.id, kind, words)], now, actor)
    if accept and by_channel:
        _amend(db, row, request, now)
    elif accept:
        _cancel(db, row, request.id, request.reason, actor, now)


def _locked(db: Connection, order_id: int) -> Row[Any]:
    row = db.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no order {order_id}")
    return row


def _close(db: Connection, request_id: int, state: str, actor: str, note: str, now: datetime) -> None:
    values = {"state": state, "answer": note[:500], "answered_by": actor, "answered_at": now}
    db.execute(cancel_requests.update().where(_c.id == request_id).values(values))


def _amend(db: Connection, row: Row[Any], request: Row[Any], now: datetime) -> None:
    """What the channel asked for becomes the order."""
    order = order_from_dict(request.document)
    catalog = read_catalog(db, [(row.connection_id, line.listing_ref, line.sku) for line in order.lines])
    sold: list[pushes.Sold] = []
    amend_orders(db, {(row.connection_id, row.channel_ref): (row, order)}, catalog, now, sold, agreed=True)
    pushes.note_sold(db, sold, now)


def _cancel(db: Connection, row: Row[Any], request_id: int, reason: str, actor: str, now: datetime) -> None:
    """We called it off ourselves: nothing more is wanted, and the channel hears that we do not deliver.

    Of an order of which something left it hears first that the last parcel was the last: what is on its way is told.
    """
    here = order_pieces.c.order_id == row.id
    db.execute(order_pieces.update().where(here).values(wanted=order_pieces.c.shipped))
    release_excess(db, {row.id: f"cancel:{row.id}:{request_id}"}, now, "cancelled")
    release_holds(db, row.id, set(), now, actor)
    values = {"answered": "refused", "updated_at": now}
    if row.state != "partial":
        values |= {"state": "cancelled"}
    db.execute(orders.update().where(orders.c.id == row.id).values(values))
    resettle(db, row.id, now)
    add_events(db, [(row.id, "order_called_off", {"reason": reason[:500]})], now, actor)
    tell_last_parcels(db, [row.id], now)
    _tell(db, row, request_id, reason or "cancelled", now)


def _tell(db: Connection, row: Row[Any], request_id: int, reason: str, now: datetime) -> None:
    """Put into the outbox that we do not deliver; it is sent where the channel can hear it."""
    document = db.scalar(select(order_documents.c.current).where(order_documents.c.order_id == row.id))
    body = answer_body(document or {}, False, reason, now)
    message = {"connection_id": row.connection_id, "topic": "answer", "order_id": row.id,
               "key": f"answer:{row.id}:cancel:{request_id}", "body": body}  # fmt: skip
    outbox.put(db, [message], now)
