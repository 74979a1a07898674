"""Erases what the hub knows of buyers whom their platform asks to forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from hub.rules.personal import without_person
from hub.store.audit import record
from hub.store.refunds import messages_of
from hub.store.tables import cancel_requests, forget_requests, inbox, mapping_versions, order_documents, orders, outbox
from hub.usecases.context import Context

AT_ONCE = 1000
OVER = ("shipped", "cancelled", "refused", "closed")
"""An order in another state still needs its address: the request waits for it."""

_c, _f, _o, _d = cancel_requests.c, forget_requests.c, orders.c, order_documents.c
_buyer = _d.current[("buyer", "channel_ref")].as_string()


def forget_buyers(ctx: Context) -> int:
    """Serve the requests that wait; returns how many orders lost their buyer.

    An order keeps its lines, amounts and times, and its country and region. What of the messages about it and its
    refunds was stored is deleted, or loses the buyer where it is what a channel was told. The request itself goes with
    the last order.
    """
    after, changed = (0, ""), 0
    while True:
        with ctx.db.write() as db:
            rows = _waiting(db, after)
            for connection_id in sorted({row.connection_id for row in rows}):
                names = [row.name for row in rows if row.connection_id == connection_id]
                changed += _forget(db, ctx, connection_id, names)
        if len(rows) < AT_ONCE:
            return changed
        after = (rows[-1].connection_id, rows[-1].name)


def _waiting(db: Connection, after: tuple[int, str]) -> Sequence[Any]:
    later = (_f.connection_id > after[0]) | ((_f.connection_id == after[0]) & (_f.name > after[1]))
    query = select(_f.connection_id, _f.name).where(later).order_by(_f.connection_id, _f.name)
    return db.execute(query.limit(AT_ONCE)).all()


def _forget(db: Connection, ctx: Context, connection_id: int, names: Sequence[str]) -> int:
    """Erase these buyers of one connection; how many orders were changed."""
    query = select(_o.id, _o.state, _buyer.label("name")).join(order_documents, _d.order_id == _o.id)
    found = db.execute(
        query.where(_o.connection_id == connection_id, _buyer.in_(names)).order_by(_o.id).with_for_update(of=orders)
    ).all()
    waiting = {row.name for row in found if row.state not in OVER}
    over = [row.id for row in found if row.state in OVER]
    _erase(db, over)
    served = [name for name in names if name not in waiting]
    db.execute(forget_requests.delete().where(_f.connection_id == connection_id, _f.name.in_(served)))
    if over:
        tried = mapping_versions.c.connection_id == connection_id  # what a dry run found quotes from orders
        db.execute(mapping_versions.update().where(tried).values(tried={}))
        record(db, ctx.clock(), "hub", "buyer.forgotten", f"connection:{connection_id}", orders=len(over))
    return len(over)


def _erase(db: Connection, order_ids: Sequence[int]) -> None:
    """Of the orders themselves; then of what was said about them."""
    for row in db.execute(select(order_documents).where(_d.order_id.in_(order_ids))).all():
        bare = {"first": without_person(row.first), "current": without_person(row.current)}
        db.execute(order_documents.update().where(_d.order_id == row.order_id).values(bare))
    nowhere = {"postal_code": None, "city": None, "district": None}
    db.execute(orders.update().where(_o.id.in_(order_ids)).values(nowhere))
    for row in db.execute(select(_c.id, _c.document).where(_c.order_id.in_(order_ids))).all():
        if row.document:
            waiting = {"document": without_person(row.document)}
            db.execute(cancel_requests.update().where(_c.id == row.id).values(waiting))
    _erase_messages(db, order_ids)


def _erase_messages(db: Connection, order_ids: Sequence[int]) -> None:
    settled = inbox.c.state.in_(("done", "ignored"))
    db.execute(inbox.delete().where(inbox.c.order_id.in_(order_ids), settled))
    refunds = sorted(messages_of(db, order_ids))
    db.execute(inbox.delete().where(inbox.c.id.in_(refunds), inbox.c.kind == "refund", settled))
    for row in db.execute(select(outbox.c.id, outbox.c.body).where(outbox.c.order_id.in_(order_ids))).all():
        if isinstance(row.body.get("order"), dict):
            body = {**row.body, "order": without_person(row.body["order"])}
            db.execute(outbox.update().where(outbox.c.id == row.id).values(body=body))
