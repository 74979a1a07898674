"""Kits: SKUs that are composed of others."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.catalog_words import KitOut, kit_of
from hub.api.parts import In, Name, OnceOnly, Page, Paging, PathText, Pieces, Served, page, resource
from hub.canonical.errors import BadInput
from hub.reports.catalog import find_items, read_item
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.manage_catalog import set_kit
from hub.web.auth import require

router = resource("kits")


class ComponentIn(In):
    sku: Name
    quantity: Pieces


class KitIn(In):
    components: Annotated[list[ComponentIn], Field(min_length=1, max_length=200)]


@router.get("")
def list_kits(
    asked: Annotated[Paging, Query()], services: Served, _who: Annotated[Principal, Depends(require("stock.read"))]
) -> Page[KitOut]:
    """Kits by code."""
    found, following = find_items(services.ctx.db, kits_only=True, after=asked.cursor, limit=asked.limit)
    return page(Page[KitOut], map(kit_of, found), following)


@router.put("/{sku:path}", response_model=KitOut)
def put_kit(
    sku: PathText, body: KitIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Say what a SKU is made of; what it was made of before is forgotten."""

    def act(ctx: Context) -> KitOut:
        parts = {part.sku: part.quantity for part in body.components}
        if len(parts) < len(body.components):
            raise BadInput("components: every SKU may stand there once; add up its pieces")
        set_kit(ctx, sku, parts, actor=who.actor)
        return kit_of(read_item(ctx.db, sku))

    return once(act)


@router.delete("/{sku:path}", response_model=KitOut)
def delete_kit(sku: PathText, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Make a kit a plain SKU again; the SKU stays."""

    def act(ctx: Context) -> KitOut:
        set_kit(ctx, sku, {}, actor=who.actor)
        return kit_of(read_item(ctx.db, sku))

    return once(act)
