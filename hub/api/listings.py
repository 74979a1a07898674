"""Listings: what each channel offers, what it may sell now, and what it was told."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from hub.api.arithmetic_words import ArithmeticOut
from hub.api.parts import Id, IdIn, In, Name, Out, Page, Paging, Served, Text, Time, page, resource
from hub.reports.arithmetic import explain_sku
from hub.reports.listings import ListingFact, find_listings
from hub.rules.permissions import Principal
from hub.web.auth import require

router = resource("listings")


class ListingFilter(Paging):
    connection_id: IdIn | None = None
    sku: Text = ""
    unlinked: bool = False


class ListingOut(Out):
    """`ats`: what it may sell, in listing units, as of `as_of`; null where it is not linked or not stocked.

    `shown`: what the channel was last told; `pending`: a newer number is on its way. `unlinked_at`: when a person took
    its link away; that lasts until one links it again.
    """

    id: Id
    connection_id: Id
    connection: str
    listing_ref: str
    sku: str | None
    offered_sku: str | None
    title: str
    barcode: str
    units: int
    buffer: int
    max_listed: int | None
    stocked: bool
    ats: int | None
    as_of: Time
    shown: int | None
    shown_at: Time | None
    pending: bool
    error: str
    unlinked_at: Time | None


@router.get("")
def list_listings(
    asked: Annotated[ListingFilter, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("channels.read"))],
) -> Page[ListingOut]:
    """Listings, oldest first."""
    as_of = services.ctx.clock()
    found, following = find_listings(
        services.ctx.db, as_of, connection_id=asked.connection_id, sku=asked.sku, unlinked=asked.unlinked,
        after=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    rows = [ListingOut(as_of=as_of, **{name: getattr(fact, name) for name in _NAMES}) for fact in found]
    return page(Page[ListingOut], rows, following)


class ArithmeticFilter(In):
    sku: Name
    connection: Text = ""


@router.get("/arithmetic")
def arithmetic(
    asked: Annotated[ArithmeticFilter, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("channels.read"))],
) -> list[ArithmeticOut]:
    """How each listing of a SKU comes to its number, from the shelves to what its channel may show."""
    found = explain_sku(services.ctx.db, asked.sku, services.ctx.clock(), asked.connection)
    return [ArithmeticOut.model_validate(one.to_dict()) for one in found]


_NAMES = tuple(ListingFact.__dataclass_fields__)
