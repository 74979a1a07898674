"""The warehouse's work list: every pick list by state, for who plans the day."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.pages.shell import Page, page_for
from hub.reports.people import warehouse_titles
from hub.reports.picks import TABS, find_picks, pick_counts

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("picks.read"))]


@router.get("/work")
def work_page(page: Reading, tab: str = "todo", warehouse: str = "", after: str = "") -> Response:
    db, scope = page.ctx.db, page.who.warehouses
    tab = tab if tab in TABS else "todo"
    found = find_picks(db, tab=tab, scope=scope, warehouse=warehouse, actor=page.who.actor, after=after)
    places = [(code, title) for code, title in warehouse_titles(db) if page.who.works_in(code)]
    return page.render("work/list.html", found=found, tab=tab, warehouse=warehouse, places=places,
                       counts=pick_counts(db, scope))  # fmt: skip
