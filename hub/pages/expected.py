"""Expected deliveries: what suppliers are to bring, received with what differs, or given up."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import BadInput, NotFound, Rejected
from hub.pages.labels import LABELS
from hub.pages.sent import Pairs, day, once_key, pieces, sent
from hub.pages.shell import Page, page_for
from hub.reports.expected import find_deliveries, read_delivery
from hub.reports.names import names_of
from hub.reports.people import warehouse_titles
from hub.usecases.expect_stock import Expected, close_expected, expect_stock, receive_expected
from hub.usecases.move_transfer import Arrived

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("stock.read"))]
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Moving = Annotated[Page, Depends(page_for("stock.move"))]
Text = Annotated[str, Form()]
Fields = Annotated[Pairs, Depends(sent)]


@router.get("/stock/expected")
def deliveries_page(page: Reading, state: str = "open", sku: str = "", after: str = "") -> Response:
    return _list(page, {"sku": sku}, state=state, sku=sku, after=after)


@router.post("/stock/expected")
def delivery_add(page: Writing, pairs: Fields) -> Response:
    """Write down what a supplier is to bring; the form's `key` makes sending it twice harmless."""
    typed = dict(pairs)
    try:
        count = pieces(typed.get("pieces", ""), "pieces")
        due = day(typed.get("due_on", ""), "due_on")
        wanted = Expected(once_key(typed.get("key", "")), typed.get("sku", ""), typed.get("warehouse", ""), count, due,
                          typed.get("ref", ""))  # fmt: skip
        number = expect_stock(page.ctx, wanted, actor=page.who.actor)
    except Rejected as error:
        return _list(page, typed | {"problem": page.said(error)}, status=error.status)
    return page.redirect(f"/stock/expected/{number}", page.gettext("Written down: it is incoming."))


@router.get("/stock/expected/{delivery_id}")
def delivery_page(page: Reading, delivery_id: int) -> Response:
    return _one(page, delivery_id, {})


@router.post("/stock/expected/{delivery_id}/receive")
def delivery_receive(page: Moving, delivery_id: int, pairs: Fields) -> Response:
    """What arrived, whole and damaged; the rest may come later."""
    typed = dict(pairs)
    page.who.must_work_in(_read(page, delivery_id).warehouse)
    try:
        arrived = Arrived(pieces(typed.get("whole") or "0", "whole"), pieces(typed.get("damaged") or "0", "damaged"))
        state = receive_expected(
            page.ctx, delivery_id, arrived, actor=page.who.actor, key=once_key(typed.get("key", "")),
            reason=typed.get("reason", ""), lot=typed.get("lot", ""), expires_on=day(typed.get("expires_on", ""),
            "expires_on"), sure=bool(typed.get("yes")),
        )  # fmt: skip
    except NotFound:
        raise
    except Rejected as error:
        ask = isinstance(error, BadInput) and "yes" in error.fields
        return _one(page, delivery_id, typed | {"problem": page.said(error), "ask": "1" if ask else ""}, error.status)
    said = page.gettext("All of it is here.") if state == "received" else page.gettext("Received; the rest is awaited.")
    return page.redirect(f"/stock/expected/{delivery_id}", said)


@router.post("/stock/expected/{delivery_id}/close")
def delivery_close(page: Writing, delivery_id: int, reason: Text = "") -> Response:
    missing = close_expected(page.ctx, delivery_id, actor=page.who.actor, reason=reason)
    said = page.gettext("Closed: %(count)s pieces will not come.", count=missing)
    return page.redirect(f"/stock/expected/{delivery_id}", said, "warn" if missing else "ok")


def _read(page: Page, delivery_id: int) -> Any:
    return read_delivery(page.ctx.db, delivery_id, page.ctx.clock().date(), page.who.warehouses)


def _list(
    page: Page, typed: dict[str, str], *, state: str = "open", sku: str = "", after: str = "", status: int = 200
) -> Response:
    state = state if state in LABELS["expected"] else ""
    found, more = find_deliveries(
        page.ctx.db, page.ctx.clock().date(), state=state, sku=sku, scope=page.who.warehouses, after=after
    )
    blank = dict.fromkeys(("sku", "warehouse", "pieces", "due_on", "ref", "problem"), "")
    return page.render(
        "stock/expected.html", status, found=found, next=more, state=state, sku=sku, values=blank | typed,
        places=warehouse_titles(page.ctx.db), key=secrets.token_hex(8),
    )  # fmt: skip


def _one(page: Page, delivery_id: int, typed: dict[str, str], status: int = 200) -> Response:
    found = _read(page, delivery_id)
    blank = dict.fromkeys(("damaged", "reason", "lot", "expires_on", "problem", "ask"), "")
    may = found.state == "open" and page.who.may("stock.move") and page.who.works_in(found.warehouse)
    return page.render(
        "stock/delivery.html", status, one=found, values=blank | {"whole": str(found.open)} | typed, may_receive=may,
        names=names_of(page.ctx.db, [found.created_by]), key=secrets.token_hex(8),
    )  # fmt: skip
