"""Items: the SKUs that can be stocked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.catalog_words import ItemOut, item_of
from hub.api.parts import In, Name, OnceOnly, Page, Paging, PathText, Served, Text, page, resource
from hub.reports.catalog import find_items, read_item
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.manage_catalog import add_item, tag_item
from hub.web.auth import require

router = resource("items")


class ItemFilter(Paging):
    q: Text = ""
    """A part of SKU or title, or a whole barcode."""


class ItemIn(In):
    title: Text = ""
    barcode: Text = ""
    tags: Annotated[list[Name], Field(max_length=50)] | None = None
    """Null: as they were."""


@router.get("")
def list_items(
    asked: Annotated[ItemFilter, Query()], services: Served, _who: Annotated[Principal, Depends(require("stock.read"))]
) -> Page[ItemOut]:
    """SKUs by code."""
    found, following = find_items(services.ctx.db, q=asked.q, after=asked.cursor, limit=asked.limit)
    return page(Page[ItemOut], map(item_of, found), following)


@router.get("/{sku:path}")
def get_item(sku: PathText, services: Served, _who: Annotated[Principal, Depends(require("stock.read"))]) -> ItemOut:
    """One SKU."""
    return item_of(read_item(services.ctx.db, sku))


@router.put("/{sku:path}", response_model=ItemOut)
def put_item(
    sku: PathText, body: ItemIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Add a SKU, or write its title and barcode anew."""

    def act(ctx: Context) -> ItemOut:
        add_item(ctx, sku, title=body.title, barcode=body.barcode, actor=who.actor)
        if body.tags is not None:
            tag_item(ctx, sku, body.tags, actor=who.actor)
        return item_of(read_item(ctx.db, sku))

    return once(act)
