"""The picker's pages, made for a phone with a scanner: what is next, scan, pack, ship."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import BadInput, Conflict, Rejected
from hub.pages.labels import LABELS, label
from hub.pages.sent import once_key
from hub.pages.shell import Page, page_for
from hub.reports.picks import PickSheet, next_picks, read_pick
from hub.reports.requests import open_requests
from hub.rules.confidence import REASONS
from hub.usecases.accept_work import accept_work, reject_work
from hub.usecases.cancel_order import answer_cancel
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.take_over import take_over
from hub.usecases.undo_scan import undo_scan

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("picks.read"))]
Working = Annotated[Page, Depends(page_for("picks.work"))]
Text = Annotated[str, Form()]
Number = Annotated[int, Form()]


@router.get("/pick")
def pick_page(page: Reading) -> Response:
    found = next_picks(page.ctx.db, page.who.actor, page.who.warehouses)
    return page.render("pick/next.html", cards=found)


@router.get("/pick/{pick_id}")
def pick_list_page(page: Reading, pick_id: int) -> Response:
    return _sheet(page, pick_id)


@router.post("/pick/{pick_id}/take")
def pick_take(page: Working, pick_id: int) -> Response:
    """Take a list; who comes second is told who has it, and shown what is next."""
    _mine(page, pick_id)
    try:
        start_picking(page.ctx, pick_id, page.who.actor)
    except Conflict:
        sheet = _mine(page, pick_id)
        state = page.gettext(label("fulfillment", sheet.card.status))
        said = page.gettext("List of %(order)s: %(state)s, %(name)s. Take the next one.", order=sheet.card.number,
                            state=state, name=sheet.card.picker or "–")  # fmt: skip
        return page.redirect("/pick", said, "warn")
    return page.redirect(f"/pick/{pick_id}")


@router.post("/pick/{pick_id}/take-over")
def pick_take_over(page: Working, pick_id: int) -> Response:
    """Go on with a list that somebody else has begun."""
    had = _mine(page, pick_id).card.picker
    take_over(page.ctx, pick_id, page.who.actor)
    return page.redirect(f"/pick/{pick_id}", page.gettext("It is yours now; %(name)s is told.", name=had))


@router.get("/pick/{pick_id}/owner")
def pick_owner(page: Reading, pick_id: int) -> Response:
    """Who has the list; the page asks again when something changed."""
    return HTMLResponse(page.fragment("pick/owner.html", sheet=_mine(page, pick_id)))


@router.post("/pick/{pick_id}/scan")
def pick_count(page: Working, pick_id: int, code: Text = "", pieces: Number = 1) -> Response:
    """Count what was scanned; the answer is the list anew (only its inner part for the page's script)."""
    sheet = _mine(page, pick_id)
    try:
        sku = pick_scan(page.ctx, pick_id, code, page.who.actor, pieces)
    except Rejected as error:
        return _sheet(page, pick_id, said=_refusal(page, sheet, code.strip(), error), mood="bad")
    return _sheet(page, pick_id, said=page.gettext("%(sku)s: counted", sku=sku), mood="ok", hit=sku)


def _refusal(page: Page, sheet: PickSheet, code: str, error: Rejected) -> str:
    """Why a scan was not counted, in the picker's language."""
    now = _mine(page, sheet.card.id)
    if now.card.theirs:
        return _with(page, now)
    if not isinstance(error, BadInput) or "quantity" in error.fields:
        return page.said(error)
    asked = sum(line.asked for line in sheet.lines if code and code in (line.sku, line.barcode))
    if asked:
        return page.gettext("%(code)s: all %(asked)s are picked already. Put this one back.", code=code, asked=asked)
    return page.gettext("%(code)s is not on this list. Put it back, and scan the label of the piece itself.", code=code)


def _with(page: Page, sheet: PickSheet) -> str:
    if sheet.lost_at:
        return page.gettext("Taken over by %(name)s: not counted.", name=sheet.card.picker)
    return page.gettext("%(name)s has this list: not counted.", name=sheet.card.picker)


@router.post("/pick/{pick_id}/undo")
def pick_undo(page: Working, pick_id: int, line: Number = 0) -> Response:
    _mine(page, pick_id)
    sku = undo_scan(page.ctx, pick_id, line, page.who.actor)
    return page.redirect(f"/pick/{pick_id}", page.gettext("%(sku)s: one piece less", sku=sku), "warn")


@router.post("/pick/{pick_id}/missing")
def pick_missing(page: Working, pick_id: int, line: Number = 0, pieces: Number = 0, reason: Text = "") -> Response:
    """Pieces that are not on the shelf: another warehouse is looked for."""
    sheet = _mine(page, pick_id)
    if line not in {row.id for row in sheet.lines}:
        raise BadInput(f"line {line} is not on pick list {pick_id}")
    report_missing(page.ctx, line, pieces, page.who.actor, reason)
    said = page.gettext("Noted: the stock was corrected and another place is looked for.")
    return page.redirect(f"/pick/{pick_id}", said, "warn")


@router.post("/pick/{pick_id}/pack")
def pick_pack(page: Working, pick_id: int) -> Response:
    _mine(page, pick_id)
    pack_order(page.ctx, pick_id, page.who.actor)
    return page.redirect(f"/pick/{pick_id}")


@router.post("/pick/{pick_id}/ship")
def pick_ship(
    page: Working, pick_id: int, carrier: Text = "", tracking: Text = "", key: Text = "", partial: Text = ""
) -> Response:
    """Ship all of it, or with `partial` only what is in hand; the form's `key` makes sending it twice harmless."""
    sheet = _mine(page, pick_id)
    if partial and sheet.card.theirs:
        return _sheet(page, pick_id, said=_with(page, sheet), mood="bad", status=Conflict.status)
    contents = {line.id: line.in_hand for line in sheet.lines if line.in_hand} if partial else None
    parcel = Parcel(once_key(key), carrier, tracking, contents=contents)
    try:
        ship_parcel(page.ctx, pick_id, parcel, page.who.actor)
    except Rejected as error:
        return _sheet(page, pick_id, said=page.said(error), mood="bad", status=error.status)
    said = page.gettext("Shipped with %(carrier)s %(tracking)s.", carrier=carrier, tracking=tracking)
    return page.redirect(f"/pick/{pick_id}", said)


@router.post("/pick/{pick_id}/answer")
def pick_answer(page: Working, pick_id: int, accept: Text = "", note: Text = "") -> Response:
    """The warehouse's answer to what was asked about the order: the pieces go back, or it goes on."""
    answer_cancel(page.ctx, _mine(page, pick_id).card.order_id, bool(accept), page.who.actor, note.strip())
    said = page.gettext("Put the pieces back.") if accept else page.gettext("It goes on.")
    return page.redirect(f"/pick/{pick_id}", said)


@router.post("/pick/{pick_id}/accept")
def pick_accept(page: Working, pick_id: int) -> Response:
    """The warehouse will do it; who begins to pick has accepted too."""
    _mine(page, pick_id)
    accept_work(page.ctx, pick_id, page.who.actor)
    return page.redirect(f"/pick/{pick_id}", page.gettext("Accepted: it stays with you."))


@router.post("/pick/{pick_id}/reject")
def pick_reject(page: Working, pick_id: int, reason: Text = "", note: Text = "") -> Response:
    """The warehouse will not do what is left of the list: another one is looked for."""
    _mine(page, pick_id)
    reject_work(page.ctx, pick_id, reason, page.who.actor, note.strip())
    return page.redirect("/pick", page.gettext("Sent back: another warehouse is looked for."), "warn")


def _mine(page: Page, pick_id: int) -> PickSheet:
    """The pick list, when it is in this person's warehouses. Raises NotFound, NotAllowed."""
    return read_pick(page.ctx.db, pick_id, scope=page.who.warehouses, actor=page.who.actor)


def _sheet(page: Page, pick_id: int, *, said: str = "", mood: str = "", hit: str = "", status: int = 200) -> Response:
    mine = _mine(page, pick_id)
    values = {
        "sheet": mine, "asked": open_requests(page.ctx.db, mine.card.order_id), "said": said, "mood": mood, "hit": hit,
        "key": secrets.token_hex(8),
        "refusals": [(code, page.gettext(label("reject", code))) for code in REASONS],
        "reasons": [(label("missing", code), page.gettext(label("missing", code))) for code in LABELS["missing"]],
    }  # fmt: skip
    if page.request.headers.get("hx-request"):
        return HTMLResponse(page.fragment("pick/sheet.html", **values))
    after = next_picks(page.ctx.db, page.who.actor, page.who.warehouses, limit=2)
    upcoming = next((card.id for card in after if card.id != pick_id), None)
    return page.render("pick/list.html", status, upcoming=upcoming, **values)
