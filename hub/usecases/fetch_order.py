"""Reads one order of a channel at once, by the channel's id or by a number that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select

from hub.canonical.errors import BadInput, NotFound
from hub.canonical.told import told
from hub.ports.channel import Can, Channel, RawRecord
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

    Args:   number: the channel's own id of the order, or the number that its buyer sees where the channel can be asked
                    by it; of an order that is here already its number will do everywhere.
    Raises: BadInput: no number. NotFound: the channel knows no such order. And what `beside` and the channel raise.
    """
    wanted = number.strip()
    if not wanted or len(wanted) > 200:
        raise BadInput("write the order's number, as the channel calls it")
    with beside(ctx, connection_id, "refetch"):
        channel = ctx.channel(connection_id)
        found = next(filter(None, _asked(channel, _refs(ctx, connection_id, wanted), wanted)), None)
    if found is None:
        which = channel.spec.order_ref or told("the id that stands in its own address or export")
        raise NotFound(f"the channel knows no order {wanted}: write {which}")
    now = ctx.clock()
    with ctx.db.write() as db:
        new = store_arrivals(db, connection_id, [pulled(found, "refetch")], now)
        record(db, now, actor, "order.fetched", f"connection:{connection_id}", ref=found.ref, new=new)
    ctx.doorbell.ring("inbox.ingest")
    return Fetched(found.ref, bool(new))


def _asked(channel: Channel, known: Iterable[str], wanted: str) -> Iterator[RawRecord | None]:
    """What the channel says of each way to mean an order, one after the other: people type what buyers see."""
    yield from map(channel.fetch_order, known)
    if Can.FIND_ORDER in channel.spec.can:
        yield channel.find_order(wanted)
    yield channel.fetch_order(wanted)


def _refs(ctx: Context, connection_id: int, number: str) -> list[str]:
    """The channel's ids of known orders of this number."""
    named = or_(_o.channel_ref == number, _o.number == number, _o.number == f"#{number}")
    with ctx.db.read() as db:
        query = select(_o.channel_ref).where(_o.connection_id == connection_id, named).order_by(_o.id.desc()).limit(5)
        return list(db.scalars(query))
