"""Warehouses: the places that keep stock and ship."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import In, OnceOnly, Out, Page, Paging, PathText, Served, Text, page, resource, scope_of
from hub.reports.catalog import find_warehouses, read_warehouse
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.manage_catalog import save_warehouse
from hub.web.auth import require

router = resource("warehouses")
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class WarehouseIn(In):
    """Fields that are left out stay as they are."""

    title: Text = ""
    priority: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1
    active: bool = True
    country: Country | None = None
    region: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    ships_to: Annotated[list[Country], Field(max_length=300)] = []


class WarehouseOut(Out):
    """`priority` 1 is asked first; empty `ships_to` means everywhere."""

    code: str
    title: str
    priority: int
    active: bool
    country: str | None
    region: str | None
    city: str | None
    postal_code: str | None
    lat: float | None
    lon: float | None
    ships_to: list[str]


@router.get("")
def list_warehouses(
    asked: Annotated[Paging, Query()], services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> Page[WarehouseOut]:
    """Warehouses by code; the warehouse role sees its own."""
    scope, db = who.warehouses, services.ctx.db
    found, following = find_warehouses(db, scope=scope, after=asked.cursor, limit=asked.limit)
    return page(Page[WarehouseOut], found, following)


@router.get("/{code}")
def get_warehouse(
    code: PathText, services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> WarehouseOut:
    """One warehouse."""
    scope_of(who, code)
    return WarehouseOut.model_validate(read_warehouse(services.ctx.db, code))


@router.put("/{code}", response_model=WarehouseOut)
def put_warehouse(
    code: PathText, body: WarehouseIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Add a warehouse, or change it."""

    def act(ctx: Context) -> WarehouseOut:
        scope_of(who, code)
        save_warehouse(ctx, code, actor=who.actor, **body.model_dump(exclude_unset=True))
        return WarehouseOut.model_validate(read_warehouse(ctx.db, code))

    return once(act)
