"""Stock: SKUs by warehouse and channel, one SKU in full, and changes by hand with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import BadInput, NotFound, Rejected
from hub.pages.labels import LABELS, label
from hub.pages.selling import page_of, shop_choices
from hub.pages.sent import day, once_key
from hub.pages.shell import Page, page_for
from hub.reports.arithmetic import explain_sku
from hub.reports.selling import selling_of
from hub.reports.sku import read_sku
from hub.reports.stock import TABS, find_stock, stock_counts
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.manage_catalog import add_item
from hub.usecases.push_now import Said

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
    return sku_full(page, sku, {})


@router.post("/stock/change")
def stock_change(
    page: Writing, sku: Text = "", warehouse: Text = "", change: Text = "", pieces: Text = "", reason: Text = "",
    key: Text = "", lot: Text = "", expires_on: Text = "", yes: Text = "",
) -> Response:  # fmt: skip
    """Adjust, receive, count, keep unsold or say what is wrong; the form's `key` makes sending it twice harmless.

    `yes`: what was asked about (a number far above what was there, an expired lot) is meant.
    """
    values = {"warehouse": warehouse, "change": change, "pieces": pieces, "reason": reason, "lot": lot,
              "expires_on": expires_on, "yes": yes}  # fmt: skip
    try:
        _change(page, sku, change, _whole(pieces), key, values)
    except NotFound:
        raise
    except Rejected as error:
        asked = isinstance(error, BadInput) and "yes" in error.fields
        values |= {"problem": page.said(error), "ask": "1" if asked else ""}
        return sku_full(page, sku, values, error.status)
    said = page.gettext("Changed; every channel that sells %(sku)s is told.", sku=sku)
    return page.redirect(page_of(sku), said)


@router.post("/stock/new")
def sku_add(page: Writing, sku: Text = "", title: Text = "", barcode: Text = "") -> Response:
    """Add a SKU, or change its title and barcode."""
    add_item(page.ctx, sku.strip(), title=title.strip(), barcode=barcode.strip(), actor=page.who.actor)
    return page.redirect(page_of(sku.strip()), page.gettext("Saved."))


def _whole(text: str) -> int:
    digits = text.strip().removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise BadInput(f"pieces = {text[:40]!r}: use a whole number, such as 12 or -3")
    return int(text.strip())


STATES = {
    "damage": ("free", "damaged"), "hold": ("free", "quality_hold"), "mended": ("damaged", "free"),
    "cleared": ("quality_hold", "free"), "scrap": ("damaged", "scrapped"),
}  # fmt: skip
"""Change -> the states that it moves pieces between."""


def _change(page: Page, sku: str, change: str, pieces: int, key: str, values: dict[str, str]) -> None:
    warehouse, lot, reason = values["warehouse"], values["lot"].strip(), values["reason"].strip()
    page.who.must_work_in(warehouse)
    told: dict[str, Any] = {"reason": reason, "actor": page.who.actor, "key": once_key(key), "lot": lot}
    dated = told | {"expires_on": day(values["expires_on"], "expires_on"), "sure": bool(values["yes"])}
    verbs: dict[str, Callable[[], Any]] = {
        "adjust": lambda: adjust_stock(page.ctx, sku, warehouse, pieces, **dated),
        "receive": lambda: adjust_stock(page.ctx, sku, warehouse, abs(pieces), kind="receive", **dated),
        "count": lambda: count_stock(page.ctx, sku, warehouse, pieces, **dated),
        "safety": lambda: set_safety(page.ctx, sku, warehouse, pieces, actor=page.who.actor),
    }
    if change in STATES:
        source, target = STATES[change]
        change_state(page.ctx, sku, warehouse, pieces, source=source, target=target, **told)
    elif change in verbs:
        verbs[change]()
    else:
        raise BadInput(f"change = {change!r}: choose one of the list")


def sku_full(
    page: Page, sku: str, values: dict[str, str], status: int = 200, *, told: Sequence[Said] = ()
) -> Response:  # fmt: skip
    """A SKU's page; `values`: what was typed and what is wrong with it. told: what channels just answered."""
    facts = read_sku(page.ctx.db, sku, page.ctx.clock(), page.who.warehouses)
    changes = [(code, page.gettext(label("change", code))) for code in LABELS["change"]]
    blank = dict.fromkeys(("warehouse", "pieces", "reason", "problem", "lot", "expires_on", "ask"), "") | {
        "change": "adjust"
    }
    policies, pools = selling_of(page.ctx.db, sku, page.now)
    return page.render(
        "stock/sku.html", status, facts=facts, row=facts.row, changes=changes, values=blank | values,
        key=secrets.token_hex(8), sums=explain_sku(page.ctx.db, sku, page.now), policies=policies, pools=pools,
        shops=shop_choices(page), told=told,
    )  # fmt: skip
