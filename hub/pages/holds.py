"""Holds: one card per cause, mended once for everything that waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import Rejected
from hub.pages.sent import start_of
from hub.pages.shell import Page, page_for
from hub.reports.holds import KINDS, Cause, hold_cause, hold_causes, hold_counts
from hub.reports.whereabouts import Whereabouts, whereabouts
from hub.usecases.fix_holds import dismiss_hold, link_listing, replay_hold
from hub.usecases.manage_catalog import add_item

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("holds.read"))]
Fixing = Annotated[Page, Depends(page_for("holds.fix"))]
Text = Annotated[str, Form()]
ON_A_PAGE = 10


@router.get("/holds")
def holds_page(page: Reading, kind: str = "", after: str = "") -> Response:
    return _holds_page(page, kind, after)


@router.get("/holds/cause")
def hold_page(page: Reading, fingerprint: str = "") -> Response:
    """One cause alone, e.g. from the page of an order."""
    return _cause_page(page, hold_cause(page.ctx.db, fingerprint), {})


@router.post("/holds/link")
def hold_link(
    page: Fixing, fingerprint: Text = "", sku: Text = "", typed: Text = "", units: Text = "1", new: Text = ""
) -> Response:
    """Say which SKU a listing sells (a suggestion's button, or typed); everything that waited runs again."""
    cause = hold_cause(page.ctx.db, fingerprint)
    chosen = (sku or typed).strip()
    try:
        count = _link(page, cause, chosen, units, new)
    except Rejected as error:
        wrong = {"text": page.said(error), "typed": typed, "units": units}
        return _cause_page(page, cause, wrong, error.status)
    return page.redirect("/holds", page.gettext("Linked to %(sku)s; %(count)s run again.", sku=chosen, count=count))


def _link(page: Page, cause: Cause, sku: str, units: str, new: str) -> int:
    """How many run again: those that named a new SKU do so before the listing is linked."""
    again = add_item(page.ctx, sku, title=cause.title, actor=page.who.actor) if new else 0
    pieces = int(units) if units.isascii() and units.isdigit() and len(units) < 7 else 0
    return again + link_listing(
        page.ctx, cause.connection_id, cause.listing_ref or "", sku, units=pieces, offered_sku=cause.offered_sku,
        actor=page.who.actor, listed=True,
    )  # fmt: skip


@router.post("/holds/replay")
def hold_replay(page: Fixing, fingerprint: Text = "") -> Response:
    count = replay_hold(page.ctx, fingerprint, page.who.actor)
    return page.redirect("/holds", page.gettext("%(count)s run again; what still fails is held anew.", count=count))


@router.post("/holds/dismiss")
def hold_dismiss(page: Fixing, fingerprint: Text = "") -> Response:
    """A file or a refund that nobody can read waits no longer."""
    count = dismiss_hold(page.ctx, fingerprint, page.who.actor)
    return page.redirect("/holds", page.gettext("%(count)s put aside, and kept as it came.", count=count))


def _cause_page(page: Page, cause: Cause, wrong: dict[str, str], status: int = 200) -> Response:
    return page.render("holds/cause.html", status, cause=cause, wrong=wrong, where=_where(page, [cause]))


def _where(page: Page, causes: Sequence[Cause]) -> Mapping[str, Whereabouts]:
    """SKU -> where its pieces are, of the causes for want of stock."""
    return whereabouts(page.ctx.db, [cause.value for cause in causes if cause.kind == "short"], page.ctx.clock())


def _holds_page(page: Page, kind: str, after: str) -> Response:
    kind = kind if kind in KINDS else ""
    start = start_of(after)
    causes = hold_causes(page.ctx.db, kind=kind, limit=ON_A_PAGE + 1, offset=start)
    more = str(start + ON_A_PAGE) if len(causes) > ON_A_PAGE else None
    counts = hold_counts(page.ctx.db)
    shown = causes[:ON_A_PAGE]
    return page.render(
        "holds/list.html", causes=shown, next=more, kind=kind, counts=counts, wrong={}, where=_where(page, shown)
    )
