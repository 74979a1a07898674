"""Holds, grouped by cause: look, run again, and say which SKU a listing sells."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import Field, StringConstraints

from hub.api.parts import (
    LARGEST_COUNT,
    Id,
    IdIn,
    In,
    Name,
    OnceOnly,
    Out,
    Page,
    Paging,
    Served,
    Text,
    Time,
    page,
    resource,
)
from hub.reports.causes import find_causes
from hub.reports.channels import read_channel
from hub.reports.holds import Cause, hold_cause
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.fix_holds import dismiss_hold, link_listing, replay_hold
from hub.web.auth import require

router = resource("holds")
Kind = Literal["unknown_sku", "not_whole", "bad_record", "short", "backorder", "crashed", "package_fault", "by_hand"]
Fingerprint = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class HoldFilter(Paging):
    kind: Kind | None = None


class CauseQuery(In):
    fingerprint: Fingerprint


class CauseOut(Out):
    """All that waits for one cause: how many orders and messages, what is wrong, and since when.

    until: the day on which it ends by itself, such as that of a presale.
    """

    fingerprint: str
    kind: str
    connection_id: Id
    connection: str
    field: str
    value: str
    why: str
    orders: int
    messages: int
    oldest: Time
    newest: Time
    until: date | None


class SuggestionOut(Out):
    sku: str
    title: str
    score: float
    by: str


class CauseFull(CauseOut):
    """With the line as the channel wrote it, and SKUs that may be meant.

    may_be_dismissed: files or refunds that nobody can read; no order waits for them.
    """

    order_ids: list[Id]
    listing_ref: str | None
    offered_sku: str | None
    title: str
    suggestions: list[SuggestionOut]
    may_be_dismissed: bool

    @classmethod
    def of(cls, cause: Cause) -> CauseFull:
        more = ("listing_ref", "offered_sku", "title", "may_be_dismissed")
        own = {name: getattr(cause, name) for name in (*CauseOut.model_fields, *more)}
        found = [SuggestionOut.model_validate(one) for one in cause.suggestions]
        return cls(**own, suggestions=found, order_ids=[str(order_id) for order_id, _ in cause.examples])


class ReplayIn(In):
    fingerprint: Fingerprint


class PutAsideIn(In):
    fingerprint: Fingerprint


class LinkIn(In):
    """`units`: base units of the SKU in one unit of the listing."""

    connection_id: IdIn
    listing_ref: Name
    sku: Name
    units: Annotated[int, Field(strict=True, ge=1, lt=LARGEST_COUNT)] = 1
    offered_sku: Text | None = None


class Replayed(Out):
    """How many orders and messages run again."""

    count: int


class PutAside(Out):
    """How many messages were put aside; they are kept as they came."""

    count: int


@router.get("")
def list_holds(
    asked: Annotated[HoldFilter, Query()], services: Served, _who: Annotated[Principal, Depends(require("holds.read"))]
) -> Page[CauseOut]:
    """Open causes, the oldest first."""
    found, following = find_causes(services.ctx.db, kind=asked.kind or "", after=asked.cursor, limit=asked.limit)
    return page(Page[CauseOut], found, following)


@router.get("/cause")
def get_cause(
    asked: Annotated[CauseQuery, Query()], services: Served, _who: Annotated[Principal, Depends(require("holds.read"))]
) -> CauseFull:
    """One open cause with what may mend it."""
    return CauseFull.of(hold_cause(services.ctx.db, asked.fingerprint))


@router.post("/replay", response_model=Replayed)
def replay(body: ReplayIn, once: OnceOnly, who: Annotated[Principal, Depends(require("holds.fix"))]) -> Response:
    """Run again whatever waits for this cause."""
    return once(lambda ctx: Replayed(count=replay_hold(ctx, body.fingerprint, who.actor)))


@router.post("/dismiss", response_model=PutAside)
def dismiss_cause(
    body: PutAsideIn, once: OnceOnly, who: Annotated[Principal, Depends(require("holds.fix"))]
) -> Response:
    """Put aside files or refunds that nobody can read; 409 where an order waits for this cause."""
    return once(lambda ctx: PutAside(count=dismiss_hold(ctx, body.fingerprint, who.actor)))


@router.post("/link", response_model=Replayed)
def link(body: LinkIn, once: OnceOnly, who: Annotated[Principal, Depends(require("holds.fix"))]) -> Response:
    """Say which SKU a listing sells; the orders that waited for it run again."""

    def act(ctx: Context) -> Replayed:
        read_channel(ctx.db, body.connection_id, ctx.clock())
        count = link_listing(
            ctx, body.connection_id, body.listing_ref, body.sku, units=body.units, offered_sku=body.offered_sku,
            actor=who.actor, listed=True,
        )  # fmt: skip
        return Replayed(count=count)

    return once(act)
