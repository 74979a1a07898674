"""Warehouses: the places that keep stock and ship."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import (
    LARGEST_COUNT,
    In,
    Money,
    MoneyIn,
    OnceOnly,
    Out,
    Page,
    Paging,
    PathText,
    Served,
    Text,
    page,
    resource,
)
from hub.canonical.amounts import to_micros
from hub.reports.catalog import find_warehouses, read_warehouse
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.manage_catalog import save_warehouse
from hub.web.auth import require

router = resource("warehouses")
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = Annotated[list[Annotated[list[str], Field(min_length=2, max_length=2)]], Field(max_length=20)]
Orders = Annotated[int, Field(strict=True, ge=0, lt=LARGEST_COUNT)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


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
    kind: Literal["warehouse", "store", "supplier"] = "warehouse"
    tags: Annotated[list[Text], Field(max_length=100)] = []
    zone: Text = "UTC"
    hours: dict[Day, Spans] = {}
    cutoff: Text | None = None
    holidays: Annotated[list[Text], Field(max_length=1000)] = []
    daily_orders: Orders | None = None
    accept_minutes: Minutes | None = None
    asks_from: Literal["never", "picked", "packed"] = "never"
    answer_minutes: Minutes = 60
    handling: MoneyIn = Decimal(0)
    handling_unit: MoneyIn = Decimal(0)

    def columns(self) -> dict[str, Any]:
        """What was given, as `save_warehouse` takes it."""
        given = self.model_dump(exclude_unset=True)
        return given | {name: to_micros(given[name]) for name in ("handling", "handling_unit") if name in given}


class WarehouseOut(Out):
    """`priority` 1 is asked first; empty `ships_to` means everywhere; empty `hours`: always open. Times are of `zone`.

    daily_orders: orders that can leave on one day. accept_minutes: working minutes in which a pick list must be
    accepted. asks_from: from when on it must agree to a cancellation, within `answer_minutes` working minutes.
    handling: what a parcel, and each piece in it, costs there. Null: no limit, taken as accepted.
    """

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
    kind: str
    tags: list[str]
    zone: str
    hours: dict[str, Any]
    cutoff: str | None
    holidays: list[str]
    daily_orders: int | None
    accept_minutes: int | None
    asks_from: str
    answer_minutes: int
    handling: Money
    handling_unit: Money


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
    who.must_work_in(code)
    return WarehouseOut.model_validate(read_warehouse(services.ctx.db, code))


@router.put("/{code}", response_model=WarehouseOut)
def put_warehouse(
    code: PathText, body: WarehouseIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Add a warehouse, or change it."""

    def act(ctx: Context) -> WarehouseOut:
        who.must_work_in(code)
        save_warehouse(ctx, code, actor=who.actor, **body.columns())
        return WarehouseOut.model_validate(read_warehouse(ctx.db, code))

    return once(act)
