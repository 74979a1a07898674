"""Proposals for orders that wait for stock: move it here, or buy it; accepted with one click, or dismissed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import NotFound, Rejected
from hub.pages.labels import LABELS
from hub.pages.shell import Page, page_for
from hub.reports.proposals import find_proposals
from hub.usecases.propose_moves import accept_proposal, dismiss_proposal, refresh_proposals

router = APIRouter()
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Text = Annotated[str, Form()]


@router.get("/stock/proposals")
def proposals_page(page: Writing, state: str = "open", after: str = "") -> Response:
    return _list(page, state, after)


@router.post("/stock/proposals/refresh")
def proposals_refresh(page: Writing) -> Response:
    """Work them out now instead of at the next turn of the timer."""
    count = refresh_proposals(page.ctx)
    return page.redirect("/stock/proposals", page.gettext("%(count)s open.", count=count))


@router.post("/stock/proposals/{proposal_id}/accept")
def proposal_accept(page: Writing, proposal_id: int) -> Response:
    """A transfer is written down and its pieces are reserved; a purchase is ordered by a person."""
    try:
        transfer_id = accept_proposal(page.ctx, proposal_id, actor=page.who.actor)
    except NotFound:
        raise
    except Rejected as error:
        return _list(page, "open", "", page.said(error), error.status)
    if transfer_id is None:
        return page.redirect("/stock/proposals", page.gettext("Noted: order it from the supplier."))
    said = page.gettext("The transfer was written down, its pieces are reserved.")
    return page.redirect(f"/stock/transfers/{transfer_id}", said)


@router.post("/stock/proposals/{proposal_id}/dismiss")
def proposal_dismiss(page: Writing, proposal_id: int, reason: Text = "") -> Response:
    dismiss_proposal(page.ctx, proposal_id, actor=page.who.actor, reason=reason)
    return page.redirect("/stock/proposals", page.gettext("Dismissed; it comes again only where more is needed."))


def _list(page: Page, state: str, after: str, problem: str = "", status: int = 200) -> Response:
    state = state if state in LABELS["proposal"] else "open"
    found, more = find_proposals(page.ctx.db, state=state, scope=page.who.warehouses, after=after)
    return page.render("stock/proposals.html", status, found=found, next=more, state=state, problem=problem)
