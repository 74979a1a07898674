"""How stock is offered: beyond the stock, in parts of channels, with buffers and enough remaining life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.canonical.errors import Rejected
from hub.pages.sent import Pairs, day, pieces, sent
from hub.pages.shell import Page, page_for
from hub.reports.channels import channel_choices
from hub.reports.people import warehouse_titles
from hub.reports.selling import find_buffers, find_lives, find_policies, find_pools
from hub.usecases import set_selling

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("stock.read"))]
Writing = Annotated[Page, Depends(page_for("channels.write"))]
Fields = Annotated[Pairs, Depends(sent)]
ON_A_PAGE = 200


@router.get("/stock/selling")
def selling_page(page: Reading) -> Response:
    return _selling(page)


@router.post("/stock/selling/policy")
def policy_set(page: Writing, pairs: Fields) -> Response:
    """What may be sold of a SKU beyond its stock; `drop` forgets it."""
    typed = dict(pairs)

    def act() -> None:
        sku, shop = typed.get("sku", ""), _shop(typed)
        if typed.get("drop"):
            return set_selling.drop_policy(page.ctx, sku, shop, actor=page.who.actor)
        return set_selling.set_policy(
            page.ctx, sku, shop, mode=typed.get("mode", ""), units=_number(typed, "units") or 0,
            available_on=day(typed.get("available_on", ""), "available_on"), note=typed.get("note", ""),
            actor=page.who.actor,
        )  # fmt: skip

    return _done(page, typed, act)


@router.post("/stock/selling/pool")
def pool_set(page: Writing, pairs: Fields) -> Response:
    """A channel's part of the stock; `drop` makes its pieces everybody's again."""
    typed = dict(pairs)

    def act() -> None:
        sku, shop = typed.get("sku", ""), _shop(typed)
        if typed.get("drop"):
            return set_selling.drop_pool(page.ctx, shop, sku, actor=page.who.actor)
        percent = _number(typed, "percent")
        return set_selling.set_pool(
            page.ctx, shop, sku, mode=typed.get("mode", ""), units=_number(typed, "units") or 0,
            permille=1000 if percent is None else percent * 10, max_listed=_number(typed, "max_listed"),
            end_when=_number(typed, "end_when"), ends_at=_midnight(day(typed.get("ends_on", ""), "ends_on")),
            note=typed.get("note", ""), actor=page.who.actor,
        )  # fmt: skip

    return _done(page, typed, act)


@router.post("/stock/selling/buffer")
def buffer_add(page: Writing, pairs: Fields) -> Response:
    """Pieces that are kept back; `drop` forgets the rule of that number."""
    typed = dict(pairs)

    def act() -> None:
        if typed.get("drop"):
            return set_selling.drop_buffer(page.ctx, pieces(typed["drop"], "rule"), actor=page.who.actor)
        set_selling.add_buffer(
            page.ctx, units=_number(typed, "units") or 0, permille=(_number(typed, "percent") or 0) * 10,
            position=_number(typed, "position") or 0, connection_id=_shop(typed) or None,
            warehouse=typed.get("warehouse") or None, tag=typed.get("tag") or None, sku=typed.get("sku") or None,
            note=typed.get("note", ""), actor=page.who.actor,
        )  # fmt: skip
        return None

    return _done(page, typed | {"sku": ""}, act)


@router.post("/stock/selling/life")
def life_set(page: Writing, pairs: Fields) -> Response:
    """How many days a lot must still be good to be sold; `drop` forgets it."""
    typed = dict(pairs)

    def act() -> None:
        shop, sku, tag = _shop(typed), typed.get("sku", ""), typed.get("tag", "")
        if typed.get("drop"):
            return set_selling.drop_life(page.ctx, connection_id=shop, sku=sku, tag=tag, actor=page.who.actor)
        days = _number(typed, "min_days") or 0
        return set_selling.set_life(page.ctx, days, connection_id=shop, sku=sku, tag=tag, actor=page.who.actor)

    return _done(page, typed | {"sku": ""}, act)


def _done(page: Page, typed: dict[str, str], act: Callable[[], None]) -> Response:
    """Act, then back to where the form stood: the SKU's page, else this room. A refusal is shown here."""
    try:
        act()
    except Rejected as error:
        return _selling(page, page.said(error), error.status)
    back = page_of(typed["sku"]) if typed.get("sku") and typed.get("back") else "/stock/selling"
    return page.redirect(back, page.gettext("Saved; every listing that it concerns is told."))


def _selling(page: Page, problem: str = "", status: int = 200) -> Response:
    db = page.ctx.db
    return page.render(
        "stock/selling.html", status, problem=problem, policies=find_policies(db, limit=ON_A_PAGE)[0],
        pools=find_pools(db, page.now, limit=ON_A_PAGE)[0], lives=find_lives(db, limit=ON_A_PAGE)[0],
        buffers=sorted(find_buffers(db, limit=ON_A_PAGE)[0], key=lambda rule: (rule.position, rule.id)),
        shops=shop_choices(page), places=[("", page.gettext("all")), *warehouse_titles(db)],
    )  # fmt: skip


def page_of(sku: str) -> str:
    """The address of a SKU's page."""
    return f"/stock/item?{urlencode({'sku': sku})}"


def shop_choices(page: Page) -> list[tuple[str, str]]:
    """The connections for a select; "0": all of them."""
    return [("0", page.gettext("all channels")), *channel_choices(page.ctx.db)]


def _shop(typed: dict[str, str]) -> int:
    return pieces(typed.get("shop") or "0", "channel")


def _number(typed: dict[str, str], name: str) -> int | None:
    text = typed.get(name, "")
    return pieces(text, name) if text else None


def _midnight(found: date | None) -> datetime | None:
    return None if found is None else datetime(found.year, found.month, found.day, tzinfo=UTC)
