"""Stock: SKUs by warehouse and channel, one SKU in full, and changes by hand with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import BadInput, NotAllowed, NotFound, Rejected
from hub.pages.labels import LABELS, label
from hub.pages.shell import Page, page_for
from hub.reports.sku import read_sku
from hub.reports.stock import TABS, find_stock, stock_counts
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.manage_catalog import add_item

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("stock.read"))]
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Text = Annotated[str, Form()]


@router.get("/stock")
def stock_page(page: Reading, q: str = "", tab: str = "all", after: str = "") -> Response:
    tab = tab if tab in TABS else "all"
    found = find_stock(page.ctx.db, page.ctx.clock(), q=q, tab=tab, after=after, scope=page.who.warehouses)
    return page.render("stock/list.html", found=found, tab=tab, q=q, counts=stock_counts(page.ctx.db))


@router.get("/stock/item")
def sku_page(page: Reading, sku: str = "") -> Response:
    return _sku_page(page, sku, {})


@router.post("/stock/change")
def stock_change(
    page: Writing, sku: Text = "", warehouse: Text = "", change: Text = "", pieces: Text = "", reason: Text = "",
    key: Text = "",
) -> Response:  # fmt: skip
    """Adjust, receive, count or keep unsold; the form's `key` makes sending it twice harmless."""
    values = {"warehouse": warehouse, "change": change, "pieces": pieces, "reason": reason}
    try:
        _change(page, sku, warehouse, change, _whole(pieces), reason.strip(), key)
    except NotFound:
        raise
    except Rejected as error:
        return _sku_page(page, sku, values | {"problem": str(error)}, error.status)
    said = page.gettext("Changed; every channel that sells %(sku)s is told.", sku=sku)
    return page.redirect(page_of(sku), said)


@router.post("/stock/new")
def sku_add(page: Writing, sku: Text = "", title: Text = "", barcode: Text = "") -> Response:
    """Add a SKU, or change its title and barcode."""
    add_item(page.ctx, sku.strip(), title=title.strip(), barcode=barcode.strip(), actor=page.who.actor)
    return page.redirect(page_of(sku.strip()), page.gettext("Saved."))


def page_of(sku: str) -> str:
    """The address of a SKU's page."""
    return f"/stock/item?{urlencode({'sku': sku})}"


def _whole(text: str) -> int:
    digits = text.strip().removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise BadInput(f"pieces = {text[:40]!r}: use a whole number, such as 12 or -3")
    return int(text.strip())


def _change(page: Page, sku: str, warehouse: str, change: str, pieces: int, reason: str, key: str) -> None:
    if not page.who.works_in(warehouse):
        raise NotAllowed(f"the warehouse {warehouse} is not yours")
    who = page.who.actor
    once = f"page:{key}" if key else f"page:{secrets.token_hex(8)}"
    verbs: dict[str, Callable[[], Any]] = {
        "adjust": lambda: adjust_stock(page.ctx, sku, warehouse, pieces, reason=reason, actor=who, key=once),
        "receive": lambda: adjust_stock(
            page.ctx, sku, warehouse, abs(pieces), reason=reason, actor=who, key=once, kind="receive"
        ),
        "count": lambda: count_stock(page.ctx, sku, warehouse, pieces, reason=reason, actor=who, key=once),
        "safety": lambda: set_safety(page.ctx, sku, warehouse, pieces, actor=who),
    }
    if change not in verbs:
        raise BadInput(f"change = {change!r}: choose one of the list")
    verbs[change]()


def _sku_page(page: Page, sku: str, values: dict[str, str], status: int = 200) -> Response:
    facts = read_sku(page.ctx.db, sku, page.ctx.clock(), page.who.warehouses)
    changes = [(code, page.gettext(label("change", code))) for code in LABELS["change"]]
    blank = {"warehouse": "", "change": "adjust", "pieces": "", "reason": "", "problem": ""}
    return page.render(
        "stock/sku.html", status, facts=facts, row=facts.row, changes=changes, values=blank | values,
        key=secrets.token_hex(8),
    )  # fmt: skip
