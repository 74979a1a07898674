"""The stock feed: numbers for those who fetch them, by version. A dealer's key opens these two routes only."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import Id, IdIn, In, OnceOnly, Out, PathText, Served, Time, resource
from hub.reports.cursors import LARGEST_PAGE
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.feed_stock import acknowledge, connection_named, stock_changes
from hub.web.auth import require

router = resource("connections")
Dealer = Annotated[Principal, Depends(require("feed.read"))]
Named = PathText


class ChangesQuery(In):
    """`after`: `next_after` of the page before; leave it out to begin."""

    after: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 100


class ChangeOut(Out):
    """`available`: absolute, in the listing's own units, as of `as_of`. `version`: what to acknowledge."""

    id: Id
    listing_ref: str
    sku: str
    available: int
    as_of: Time
    version: Id


class ChangesOut(Out):
    """What was not acknowledged yet; `next_after` is null on the last page."""

    items: list[ChangeOut]
    next_after: Id | None


class TakenIn(In):
    id: IdIn
    version: IdIn


class AckIn(In):
    items: Annotated[list[TakenIn], Field(min_length=1, max_length=LARGEST_PAGE)]


class AckOut(Out):
    """`done`: listings that are up to date now; `newer`: those whose number changed meanwhile: fetch them again."""

    done: int
    newer: list[Id]
    unknown: list[Id]


@router.get("/{name}/stock/changes")
def get_changes(name: Named, asked: Annotated[ChangesQuery, Query()], services: Served, who: Dealer) -> ChangesOut:
    """Listings whose newest number was not acknowledged."""
    key = connection_named(services.ctx, name, who.connection_id)
    found, following = stock_changes(services.ctx, key, after=asked.after, limit=asked.limit)
    return ChangesOut.model_validate({"items": found, "next_after": following}, from_attributes=True)


@router.post("/{name}/stock/ack", response_model=AckOut)
def acknowledge_changes(name: Named, body: AckIn, once: OnceOnly, who: Dealer) -> Response:
    """The numbers were taken over. Only the versions named are cleared: what changed since comes again."""

    def act(ctx: Context) -> AckOut:
        key = connection_named(ctx, name, who.connection_id)
        return AckOut.model_validate(acknowledge(ctx, key, [(one.id, one.version) for one in body.items]))

    return once(act)
