"""Transfers: the list, a new one, and one transfer from its draft to the last piece that arrives."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import NotFound, Rejected
from hub.pages.labels import LABELS
from hub.pages.sent import Pairs, all_pieces, numbered, once_key, pieces, sent
from hub.pages.shell import Page, page_for
from hub.reports.names import names_of
from hub.reports.people import warehouse_titles
from hub.reports.transfers import Transfer, find_transfers, read_transfer
from hub.usecases.move_transfer import Arrived, close_transfer, receive_transfer, ship_transfer
from hub.usecases.plan_transfer import TransferPlan, cancel_transfer, create_transfer, reserve_transfer

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("stock.read"))]
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Moving = Annotated[Page, Depends(page_for("stock.move"))]
Text = Annotated[str, Form()]
Fields = Annotated[Pairs, Depends(sent)]
ROWS = 4
"""Empty lines of a new transfer."""


@router.get("/stock/transfers")
def transfers_page(page: Reading, state: str = "", after: str = "") -> Response:
    state = state if state in LABELS["transfer"] else ""
    found, more = find_transfers(page.ctx.db, state=state, scope=page.who.warehouses, after=after)
    names = names_of(page.ctx.db, [row.created_by for row in found])
    return page.render("stock/transfers.html", found=found, next=more, state=state, names=names)


@router.get("/stock/transfers/new")
def transfer_form(page: Writing) -> Response:
    return _new(page, [], {})


@router.post("/stock/transfers/new")
def transfer_add(page: Writing, pairs: Fields) -> Response:
    """Write a draft; with `ready` its pieces are reserved at once. `more`: only more lines."""
    typed = dict(pairs)
    if "more" in typed:
        return _new(page, pairs, {})
    try:
        plan = _plan(pairs, typed)
        transfer_id = create_transfer(page.ctx, plan, actor=page.who.actor)
    except Rejected as error:
        return _new(page, pairs, {"problem": page.said(error)}, error.status)
    try:
        if typed.get("ready"):
            reserve_transfer(page.ctx, transfer_id, actor=page.who.actor)
    except Rejected as error:
        return _one(page, transfer_id, page.said(error), error.status)
    return page.redirect(f"/stock/transfers/{transfer_id}", page.gettext("The transfer was written down."))


def _plan(pairs: Pairs, typed: dict[str, str]) -> TransferPlan:
    skus, lots, counts = (numbered(pairs, name) for name in ("sku", "lot", "pieces"))
    lines = tuple((sku, lots.get(n, ""), pieces(counts.get(n, ""), sku)) for n, sku in sorted(skus.items()))
    return TransferPlan(
        _key(pairs), typed.get("source", ""), typed.get("destination", ""), lines, typed.get("note", "")
    )


@router.get("/stock/transfers/{transfer_id}")
def transfer_page(page: Reading, transfer_id: int) -> Response:
    return _one(page, transfer_id)


@router.post("/stock/transfers/{transfer_id}/reserve")
def transfer_reserve(page: Writing, transfer_id: int) -> Response:
    try:
        reserve_transfer(page.ctx, transfer_id, actor=page.who.actor)
    except NotFound:
        raise
    except Rejected as error:
        return _one(page, transfer_id, page.said(error), error.status)
    return page.redirect(f"/stock/transfers/{transfer_id}", page.gettext("Reserved: no order takes these pieces."))


@router.post("/stock/transfers/{transfer_id}/ship")
def transfer_ship(page: Moving, transfer_id: int, pairs: Fields) -> Response:
    """What is typed leaves now; the rest stays reserved."""
    page.who.must_work_in(read_transfer(page.ctx.db, transfer_id, page.who.warehouses).source)
    try:
        contents = all_pieces(pairs, "pieces")
        ship_transfer(page.ctx, transfer_id, actor=page.who.actor, key=_key(pairs), contents=contents)
    except Rejected as error:
        return _one(page, transfer_id, page.said(error), error.status)
    return page.redirect(f"/stock/transfers/{transfer_id}", page.gettext("On its way."))


@router.post("/stock/transfers/{transfer_id}/receive")
def transfer_receive(page: Moving, transfer_id: int, pairs: Fields) -> Response:
    """What arrived, whole and damaged; what is still under way may come later."""
    page.who.must_work_in(read_transfer(page.ctx.db, transfer_id, page.who.warehouses).destination)
    try:
        whole, broken = all_pieces(pairs, "whole"), all_pieces(pairs, "damaged")
        contents = {line: Arrived(whole.get(line, 0), broken.get(line, 0)) for line in whole | broken}
        state = receive_transfer(page.ctx, transfer_id, actor=page.who.actor, key=_key(pairs), contents=contents,
                                 reason=dict(pairs).get("reason", ""))  # fmt: skip
    except Rejected as error:
        return _one(page, transfer_id, page.said(error), error.status)
    said = page.gettext("All of it is here.") if state == "received" else page.gettext("Received; the rest is awaited.")
    return page.redirect(f"/stock/transfers/{transfer_id}", said)


@router.post("/stock/transfers/{transfer_id}/close")
def transfer_close(page: Writing, transfer_id: int, reason: Text = "") -> Response:
    lost = close_transfer(page.ctx, transfer_id, actor=page.who.actor, reason=reason)
    said = page.gettext("Closed; %(count)s pieces were written off.", count=lost)
    return page.redirect(f"/stock/transfers/{transfer_id}", said, "warn" if lost else "ok")


@router.post("/stock/transfers/{transfer_id}/cancel")
def transfer_cancel(page: Writing, transfer_id: int, reason: Text = "") -> Response:
    cancel_transfer(page.ctx, transfer_id, actor=page.who.actor, reason=reason)
    return page.redirect(f"/stock/transfers/{transfer_id}", page.gettext("Called off: its pieces are free again."))


def _key(pairs: Pairs) -> str:
    return once_key(dict(pairs).get("key", ""))


def _new(page: Page, pairs: Pairs, more: dict[str, Any], status: int = 200) -> Response:
    typed = dict(pairs)
    last = max(numbered(pairs, "sku"), default=-1)
    values = {"source": "", "destination": "", "note": "", "key": secrets.token_hex(8), "problem": ""}
    return page.render(
        "stock/transfer_new.html", status, values=values | typed | more, typed=typed, rows=range(last + 1 + ROWS),
        places=warehouse_titles(page.ctx.db),
    )  # fmt: skip


def _one(page: Page, transfer_id: int, problem: str = "", status: int = 200) -> Response:
    found = read_transfer(page.ctx.db, transfer_id, page.who.warehouses)
    names = names_of(page.ctx.db, [found.created_by])
    return page.render(
        "stock/transfer.html", status, transfer=found, problem=problem, names=names, key=secrets.token_hex(8),
        left=sum(line.quantity - line.shipped for line in found.lines), **_awaited(page, found),
    )  # fmt: skip


def _awaited(page: Page, found: Transfer) -> dict[str, Any]:
    return {
        "under_way": sum(line.under_way for line in found.lines),
        "may_ship": page.who.may("stock.move") and page.who.works_in(found.source),
        "may_receive": page.who.may("stock.move") and page.who.works_in(found.destination),
    }
