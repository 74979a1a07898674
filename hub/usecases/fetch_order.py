"""Reads one order of a channel at once, by the channel's id or by a number that is known."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from hub.canonical.errors import BadInput, NotFound
from hub.store.audit import record
from hub.store.inbox import pulled, store_arrivals
from hub.store.tables import orders
from hub.usecases.context import Context
from hub.usecases.streams import beside

_o = orders.c


@dataclass(frozen=True, slots=True)
class Fetched:
    """`ref`: the channel's id of the order. new: it says something that the hub had not read yet."""

    ref: str
    new: bool


def fetch_order(ctx: Context, connection_id: int, number: str, *, actor: str) -> Fetched:
    """Ask the channel for one order and keep its answer in the inbox, from where it goes the way of all orders.

    Args:   number: the channel's own id of the order; for an order that is here already its number will do.
    Raises: BadInput: no number. NotFound: the channel knows no such order. And what `beside` and the channel raise.
    """
    wanted = number.strip()
    if not wanted or len(wanted) > 200:
        raise BadInput("write the order's number, as the channel calls it")
    with beside(ctx, connection_id, "refetch"):
        channel = ctx.channel(connection_id)
        found = next(filter(None, map(channel.fetch_order, _refs(ctx, connection_id, wanted))), None)
    if found is None:
        raise NotFound(f"the channel knows no order {wanted}: write the id that stands in its own address or export")
    now = ctx.clock()
    with ctx.db.write() as db:
        new = store_arrivals(db, connection_id, [pulled(found, "refetch")], now)
        record(db, now, actor, "order.fetched", f"connection:{connection_id}", ref=found.ref, new=new)
    ctx.doorbell.ring("inbox.ingest")
    return Fetched(found.ref, bool(new))


def _refs(ctx: Context, connection_id: int, number: str) -> list[str]:
    """The channel's ids that may be meant: of known orders of this number, else what was typed."""
    named = or_(_o.channel_ref == number, _o.number == number, _o.number == f"#{number}")
    with ctx.db.read() as db:
        query = select(_o.channel_ref).where(_o.connection_id == connection_id, named).order_by(_o.id.desc()).limit(5)
        return list(db.scalars(query)) or [number]
