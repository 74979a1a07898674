"""Carriers' zones and rates: what a parcel costs, as the router knows it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import In, OnceOnly, Out, Served, Text, resource
from hub.reports.lists import rate_list, zone_list
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.import_rates import import_rates
from hub.web.auth import require

router = resource("rates")


class RateFilter(In):
    zone: Text = ""


class RateOut(Out):
    """A parcel of `up_to_g` grams into `zone`; money as decimal text. `warehouse` "": from all."""

    carrier: str
    service: str
    warehouse: str
    zone: str
    up_to_g: int
    price: str
    per_unit: str
    days: int


class ZoneOut(Out):
    """Addresses of `country` ("*": all others) whose postal code begins with the prefix; the longest wins."""

    warehouse: str
    country: str
    postal_prefix: str
    zone: str


class RatesOut(Out):
    data: list[RateOut]


class ZonesOut(Out):
    data: list[ZoneOut]


class RatesIn(In):
    """`csv`: a file of zones or of rates; its first line says which. `replace`: remove what is not in it."""

    csv: Annotated[str, Field(min_length=1, max_length=200_000)]
    replace: bool = False


class ImportedOut(Out):
    kind: Literal["zones", "rates"]
    added: int
    changed: int
    removed: int
    same: int


@router.get("")
def list_rates(
    asked: Annotated[RateFilter, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("routing.read"))],
) -> RatesOut:
    """Rates by carrier, warehouse, zone and weight."""
    return RatesOut.model_validate({"data": rate_list(services.ctx.db, zone=asked.zone)})


@router.get("/zones")
def list_zones(services: Served, _who: Annotated[Principal, Depends(require("routing.read"))]) -> ZonesOut:
    """Which addresses are in which zone."""
    return ZonesOut.model_validate({"data": zone_list(services.ctx.db)})


@router.post("/import", response_model=ImportedOut)
def import_csv(body: RatesIn, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]) -> Response:
    """Take in a CSV of zones or rates: all of it, or nothing and the lines that are wrong."""

    def act(ctx: Context) -> ImportedOut:
        return ImportedOut.model_validate(import_rates(ctx, body.csv, actor=who.actor, replace=body.replace))

    return once(act)
