"""Proposals: transfers and purchases that would fill orders that wait for stock."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from hub.api.parts import Id, In, OnceOnly, Out, Page, Paging, PathId, Served, Time, Words, page, resource
from hub.reports.proposals import find_proposals, read_proposal
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.propose_moves import accept_proposal, dismiss_proposal, refresh_proposals
from hub.web.auth import require

router = resource("proposals")
State = Literal["open", "accepted", "dismissed", "outdated"]
Deciding = Annotated[Principal, Depends(require("stock.write"))]


class ProposalFilter(Paging):
    state: State = "open"


class DismissIn(In):
    reason: Words


class ProposalOut(Out):
    """`source` is null for a purchase. `orders`: some of those that wait; `waiting`: how many; `km`: the way."""

    id: Id
    kind: Literal["transfer", "purchase"]
    sku: str
    source: str | None
    destination: str
    quantity: int
    orders: list[Id]
    waiting: int
    km: int | None
    state: State
    transfer_id: Id | None
    created_at: Time
    decided_by: str
    decided_at: Time | None


class RefreshedOut(Out):
    open: int


@router.get("")
def list_proposals(
    asked: Annotated[ProposalFilter, Query()],
    services: Served,
    who: Annotated[Principal, Depends(require("stock.read"))],
) -> Page[ProposalOut]:
    """Proposals, newest first; those that are open unless another state is asked for."""
    found, following = find_proposals(
        services.ctx.db, state=asked.state, scope=who.warehouses, after=asked.cursor, limit=asked.limit
    )
    return page(Page[ProposalOut], found, following)


@router.post("/refresh", response_model=RefreshedOut)
def refresh(once: OnceOnly, who: Deciding) -> Response:
    """Work them out now; a timer does it every quarter of an hour."""
    return once(lambda ctx: RefreshedOut(open=refresh_proposals(ctx)))


@router.post("/{proposal_id}/accept", response_model=ProposalOut)
def accept(proposal_id: PathId, once: OnceOnly, who: Deciding) -> Response:
    """Make the transfer and reserve its pieces; or say that the purchase was ordered."""

    def act(ctx: Context) -> ProposalOut:
        accept_proposal(ctx, proposal_id, actor=who.actor)
        return ProposalOut.model_validate(read_proposal(ctx.db, proposal_id))

    return once(act)


@router.post("/{proposal_id}/dismiss", response_model=ProposalOut)
def dismiss(proposal_id: PathId, body: DismissIn, once: OnceOnly, who: Deciding) -> Response:
    """It is not wanted; it comes again only where more is needed, or after a week."""

    def act(ctx: Context) -> ProposalOut:
        dismiss_proposal(ctx, proposal_id, actor=who.actor, reason=body.reason)
        return ProposalOut.model_validate(read_proposal(ctx.db, proposal_id))

    return once(act)
