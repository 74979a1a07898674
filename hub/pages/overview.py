"""The first page: live numbers, what needs a person, the state of every channel, the newest events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from hub.pages.shell import Page, page_for, page_for_anyone
from hub.pages.words import event_detail
from hub.reports.overview import Happening, read_overview
from hub.reports.setup import first_steps

router = APIRouter()
Anyone = Annotated[Page, Depends(page_for_anyone)]
Reading = Annotated[Page, Depends(page_for("overview.read"))]


@router.get("/")
def overview_page(page: Anyone) -> Response:
    """Who may not see the overview is sent to the own first page."""
    if not page.who.may("overview.read"):
        return page.redirect(page.home)
    return page.render("overview/page.html", **_values(page))


@router.get("/overview/live")
def overview_live(page: Reading) -> Response:
    """The part that changes, as HTML to put in place."""
    return HTMLResponse(page.fragment("overview/live.html", **_values(page)))


def _values(page: Page) -> dict[str, Any]:
    found = read_overview(page.ctx.db, page.now)
    return {"tiles": found.tiles, "channels": found.channels, "needs": found.needs, "hot": found.hot,
            "steps": first_steps(page.ctx.db),
            "happened": [_item(page, event) for event in found.happened]}  # fmt: skip


def _item(page: Page, event: Happening) -> dict[str, Any]:
    return {"event": event, "detail": event_detail(page, event.kind, event.data)}
