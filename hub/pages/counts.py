"""Counts: open one, count shelves blind with a scanner, hand it in, and decide on its variances."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import NotFound, Rejected
from hub.pages.labels import LABELS
from hub.pages.sent import Pairs, cut, pieces, sent
from hub.pages.shell import Page, page_for
from hub.reports.counts import Count, CountLine, find_counts, read_count
from hub.reports.names import names_of
from hub.reports.people import warehouse_titles
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, scan_count, submit_count
from hub.usecases.decide_count import approve_count, reject_count

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("stock.read"))]
Counting = Annotated[Page, Depends(page_for("stock.count"))]
Deciding = Annotated[Page, Depends(page_for("stock.approve"))]
Text = Annotated[str, Form()]
ON_A_PAGE = 100
"""Shelves that are shown at once; the differing ones and the uncounted ones come first."""


@router.get("/stock/counts")
def counts_page(page: Reading, state: str = "", after: str = "") -> Response:
    state = state if state in LABELS["count"] else ""
    found, more = find_counts(page.ctx.db, state=state, scope=page.who.warehouses, after=after)
    names = names_of(page.ctx.db, [row.created_by for row in found])
    return page.render("counts/list.html", found=found, next=more, state=state, names=names)


@router.get("/stock/counts/new")
def count_form(page: Counting) -> Response:
    return _new(page, {})


@router.post("/stock/counts/new")
def count_open(
    page: Counting, warehouse: Text = "", skus: Text = "", tag: Text = "", blind: Text = "", note: Text = ""
) -> Response:
    """Open a count of these SKUs, of a tag, or of all that lies there."""
    page.who.must_work_in(warehouse)
    wanted = CountPlan(warehouse, tuple(skus.split()), tag.strip(), bool(blind), note.strip())
    try:
        count_id = open_count(page.ctx, wanted, actor=page.who.actor)
    except Rejected as error:
        typed = {"warehouse": warehouse, "skus": skus, "tag": tag, "blind": blind, "note": note}
        return _new(page, typed | {"problem": page.said(error)}, error.status)
    return page.redirect(f"/stock/counts/{count_id}", page.gettext("The count is open: scan or enter what lies there."))


@router.get("/stock/counts/{count_id}")
def count_page(page: Reading, count_id: int, show: str = "", after: str = "") -> Response:
    """An open count is a scanner's page; one that was handed in shows its variances."""
    count = _mine(page, count_id)
    if count.state == "open":
        return _sheet(page, count)
    return _review(page, count, show, after)


@router.post("/stock/counts/{count_id}/scan")
def count_scan(page: Counting, count_id: int, code: Text = "", undo: Text = "") -> Response:
    """One piece more on its shelf, or one back; the answer is the sheet anew (only its inner part for the script)."""
    _mine(page, count_id)
    try:
        sku, counted = scan_count(page.ctx, count_id, code, actor=page.who.actor, quantity=-1 if undo else 1)
    except NotFound:
        raise
    except Rejected as error:
        return _sheet(page, _mine(page, count_id), said=page.said(error), mood="bad")
    said = page.gettext("%(sku)s: %(count)s counted", sku=sku, count=counted)
    return _sheet(page, _mine(page, count_id), said=said, mood="ok", hit=sku)


@router.post("/stock/counts/{count_id}/enter")
def count_enter(
    page: Counting, count_id: int, code: Text = "", lot: Text = "", counted: Text = "", note: Text = ""
) -> Response:
    """The whole number of one shelf, typed; it replaces what was counted on it before."""
    _mine(page, count_id)
    try:
        entry = Entry(code.strip(), pieces(counted.strip(), code.strip()), lot.strip(), note.strip())
        enter_counts(page.ctx, count_id, [entry], actor=page.who.actor)
    except NotFound:
        raise
    except Rejected as error:
        return _sheet(page, _mine(page, count_id), said=page.said(error), mood="bad", status=error.status)
    said = page.gettext("%(sku)s: %(count)s counted", sku=code.strip(), count=counted.strip())
    return _sheet(page, _mine(page, count_id), said=said, mood="ok", hit=code.strip())


@router.post("/stock/counts/{count_id}/submit")
def count_submit(page: Counting, count_id: int) -> Response:
    _mine(page, count_id)
    left = submit_count(page.ctx, count_id, actor=page.who.actor)
    said = page.gettext("Handed in; %(count)s shelves were not counted and stay as they are.", count=left)
    return page.redirect(f"/stock/counts/{count_id}", said)


@router.post("/stock/counts/{count_id}/approve")
def count_approve(page: Deciding, count_id: int) -> Response:
    """Write the variances; what is promised is kept back and named."""
    _mine(page, count_id)
    done = approve_count(page.ctx, count_id, actor=page.who.actor)
    if done.problems:
        said = page.gettext("%(count)s shelves could not be written in full: see what stands against them.",
                            count=done.problems)  # fmt: skip
        return page.redirect(f"/stock/counts/{count_id}", said, "warn")
    said = page.gettext("Approved: %(count)s pieces were written.", count=f"{done.pieces:+d}")
    return page.redirect(f"/stock/counts/{count_id}", said)


@router.post("/stock/counts/{count_id}/reject")
def count_reject(page: Deciding, count_id: int, pairs: Annotated[Pairs, Depends(sent)]) -> Response:
    """Have the chosen shelves counted again (none chosen: all that differ), or throw the count away."""
    _mine(page, count_id)
    typed = dict(pairs)
    again = [value for name, value in pairs if name == "sku"] if typed.get("do") == "recount" else None
    reject_count(page.ctx, count_id, actor=page.who.actor, reason=typed.get("reason", ""), recount=again)
    said = page.gettext("Thrown away: nothing was changed.") if again is None else page.gettext("To be counted again.")
    return page.redirect(f"/stock/counts/{count_id}", said)


def _mine(page: Page, count_id: int) -> Count:
    """The count, when it is in this person's warehouses. Raises NotFound, NotAllowed."""
    return read_count(page.ctx.db, count_id, page.who.warehouses)


def _new(page: Page, typed: dict[str, str], status: int = 200) -> Response:
    blank = {"warehouse": "", "skus": "", "tag": "", "blind": "1", "note": "", "problem": ""}
    places = [(code, title) for code, title in warehouse_titles(page.ctx.db) if page.who.works_in(code)]
    return page.render("counts/new.html", status, values=blank | typed, places=places)


def _sheet(page: Page, count: Count, *, said: str = "", mood: str = "", hit: str = "", status: int = 200) -> Response:
    lines = sorted(count.lines, key=lambda line: (line.sku != hit, line.counted is not None, line.sku, line.lot))
    values: dict[str, Any] = {
        "count": count, "lines": lines[:ON_A_PAGE], "more": max(0, len(lines) - ON_A_PAGE), "said": said, "mood": mood,
        "hit": hit,
    }  # fmt: skip
    if page.request.headers.get("hx-request"):
        return HTMLResponse(page.fragment("counts/sheet.html", **values))
    return page.render("counts/sheet_page.html", status, **values)


def _review(page: Page, count: Count, show: str, after: str) -> Response:
    lines, more = cut([line for line in count.lines if show == "all" or _telling(line)], after, ON_A_PAGE)
    people = [count.created_by, count.submitted_by, count.decided_by]
    return page.render(
        "counts/review.html", count=count, lines=lines, next=more, show=show,
        names=names_of(page.ctx.db, people) | {"": ""},
        uncounted=sum(line.counted is None for line in count.lines),
    )  # fmt: skip


def _telling(line: CountLine) -> bool:
    """Whether the shelf is worth a look: it differs, or something stands against it."""
    return bool(line.variance or line.problem)
