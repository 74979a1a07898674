"""What goes between the hub and a channel at once: single SKUs, one order, the orders of a range of days."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from fastapi import Depends, Response
from pydantic import AwareDatetime, Field

from hub.api.parts import Id, In, Name, OnceOnly, Out, PathId, Served, Time, resource
from hub.reports.backfills import read_backfills
from hub.rules.permissions import Principal
from hub.usecases.backfill_orders import ask_backfill, cancel_backfill
from hub.usecases.context import Context
from hub.usecases.fetch_order import fetch_order
from hub.usecases.push_now import push_now
from hub.web.auth import require

router = resource("connections")
Writing = Annotated[Principal, Depends(require("channels.write"))]


class SkusIn(In):
    skus: Annotated[list[Name], Field(min_length=1, max_length=100)]


class SaidOut(Out):
    """What became of one listing. `number`: what the channel was last told, null: nothing yet.

    `state`: accepted: it shows the number now; kept_back: nothing was to be told; waits: it is told later by itself;
    refused: given up. `why`: the reason, empty where it was accepted.
    """

    connection_id: Id
    connection: str
    listing_ref: str
    sku: str
    state: Literal["accepted", "kept_back", "waits", "refused"]
    number: int | None
    why: str


class PushOut(Out):
    items: list[SaidOut]


class OrderIn(In):
    """`number`: the number that its buyer sees, or the channel's own id of the order."""

    number: Name


class FetchedOut(Out):
    """`new`: it says something that the hub had not read yet; it goes the way of all orders within seconds."""

    ref: str
    new: bool


class BackfillIn(In):
    """Orders placed or changed in [since, until); `until` left out: up to now."""

    since: AwareDatetime
    until: AwareDatetime | None = None


class BackfillOut(Out):
    """`reached_at`: the newest change read so far. `new`, `known`: orders that were not here before, and that were."""

    id: Id
    connection_id: Id
    since: Time
    until: Time | None
    state: Literal["running", "done", "cancelled"]
    reached_at: Time | None
    new: int
    known: int
    asked_by: str
    created_at: Time
    ended_at: Time | None
    error: str


class BackfillsOut(Out):
    items: list[BackfillOut]


@router.post("/push", response_model=PushOut)
def push_everywhere(body: SkusIn, services: Served, once: OnceOnly, who: Writing) -> Response:
    """Push the numbers of these SKUs, and of kits of them, to all channels at once; what each of them answered."""
    return once(lambda _: _pushed(services.ctx, body, None, who))


@router.post("/{connection_id}/push", response_model=PushOut)
def push_here(connection_id: PathId, body: SkusIn, services: Served, once: OnceOnly, who: Writing) -> Response:
    """Push the numbers of these SKUs, and of kits of them, to this channel at once."""
    return once(lambda _: _pushed(services.ctx, body, connection_id, who))


def _pushed(ctx: Context, body: SkusIn, connection_id: int | None, who: Principal) -> PushOut:
    """Outside of the answer's transaction: no database waits for a channel."""
    said = push_now(ctx, body.skus, connection_id, actor=who.actor)
    return PushOut(items=[SaidOut.model_validate(one) for one in said])


@router.post("/{connection_id}/orders/fetch", response_model=FetchedOut)
def fetch_one_order(connection_id: PathId, body: OrderIn, services: Served, once: OnceOnly, who: Writing) -> Response:
    """Read one order of the channel now."""

    def act(_: Context) -> FetchedOut:
        return FetchedOut.model_validate(fetch_order(services.ctx, connection_id, body.number, actor=who.actor))

    return once(act)


@router.get("/{connection_id}/backfills")
def list_backfills(
    connection_id: PathId, services: Served, _who: Annotated[Principal, Depends(require("channels.read"))]
) -> BackfillsOut:
    """The last ten backfills, the newest first."""
    return _backfills(services.ctx, connection_id)


@router.post("/{connection_id}/backfills", response_model=BackfillsOut)
def ask_for_backfill(connection_id: PathId, body: BackfillIn, once: OnceOnly, who: Writing) -> Response:
    """Have the orders of a range of time read again, beside the running pull; those that are here are not doubled."""

    def act(ctx: Context) -> BackfillsOut:
        until = body.until.astimezone(UTC) if body.until else None
        ask_backfill(ctx, connection_id, body.since.astimezone(UTC), until, actor=who.actor)
        return _backfills(ctx, connection_id)

    return once(act, 201)


@router.post("/{connection_id}/backfills/cancel", response_model=BackfillsOut)
def stop_backfill(connection_id: PathId, once: OnceOnly, who: Writing) -> Response:
    """Stop the backfill under way; what was read stays."""

    def act(ctx: Context) -> BackfillsOut:
        cancel_backfill(ctx, connection_id, actor=who.actor)
        return _backfills(ctx, connection_id)

    return once(act)


def _backfills(ctx: Context, connection_id: int) -> BackfillsOut:
    return BackfillsOut(items=[BackfillOut.model_validate(one) for one in read_backfills(ctx.db, connection_id)])
