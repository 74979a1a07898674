"""Stock: what there is and what may be promised; adjustments, counts and receipts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import ConfigDict, Field

from hub.api.parts import (
    LARGEST_COUNT,
    Count,
    In,
    Name,
    OnceOnly,
    Page,
    Paging,
    PathText,
    Pieces,
    Served,
    Text,
    Words,
    page,
    resource,
    scope_of,
)
from hub.api.stock_words import SkuOut, StockChange, StockOut, change_of, stock_of
from hub.reports.sku import read_sku
from hub.reports.stock import find_stock
from hub.rules.permissions import Principal
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.context import Context
from hub.web.auth import require

router = resource("stock")


class StockFilter(Paging):
    q: Text = ""
    """A part of SKU or title, or a whole barcode."""
    warehouse: Text = ""


class At(In):
    sku: Name
    warehouse: Name


class ChangeIn(At):
    lot: Text = ""
    """Empty, or -: pieces without a lot. A count of a shelf where lots lie needs one of them, or -."""
    yes: bool = False
    """A number far above what was there, and a lot past its last good day, are meant."""


class AdjustmentIn(ChangeIn):
    by: Annotated[int, Field(strict=True, gt=-LARGEST_COUNT, lt=LARGEST_COUNT)]
    reason: Words


class LotIn(ChangeIn):
    expires_on: date | None = None
    """The lot's last good day."""


class CountIn(LotIn):
    counted: Count
    reason: Words = "counted"


class ReceiptIn(LotIn):
    quantity: Pieces
    reason: Words = "received"


class StateIn(At):
    """`pieces` go from one state to another; `scrapped` ones are no longer on hand."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    source: Annotated[Literal["free", "damaged", "quality_hold"], Field(alias="from")] = "free"
    to: Literal["free", "damaged", "quality_hold", "scrapped"]
    pieces: Pieces
    lot: Text = ""
    reason: Words


class SafetyIn(At):
    safety: Count


@router.get("")
def list_stock(
    asked: Annotated[StockFilter, Query()], services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> Page[StockOut]:
    """Stock by SKU; with `warehouse`, the numbers of that warehouse only."""
    as_of, scope = services.ctx.clock(), scope_of(who, asked.warehouse)
    found = find_stock(services.ctx.db, as_of, q=asked.q, after=asked.cursor, limit=asked.limit, scope=scope)
    return page(Page[StockOut], [stock_of(row, as_of) for row in found.rows], found.next)


@router.get("/{sku:path}")
def get_stock(sku: PathText, services: Served, who: Annotated[Principal, Depends(require("stock.read"))]) -> SkuOut:
    """One SKU: warehouses, components, and its newest ledger rows."""
    as_of = services.ctx.clock()
    return SkuOut.of(read_sku(services.ctx.db, sku, as_of, who.warehouses), as_of)


@router.post("/adjustments", status_code=201, response_model=StockChange)
def adjust(body: AdjustmentIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Add pieces, or take them away (negative); never below what is promised to orders."""
    return once(_change(body, who, _adjusts(body, body.by, body.reason, who, "adjust")), 201)


@router.post("/receipts", status_code=201, response_model=StockChange)
def receive(body: ReceiptIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Goods came in; orders that waited for them are planned again."""
    write = _adjusts(body, body.quantity, body.reason, who, "receive", body.expires_on)
    return once(_change(body, who, write), 201)


@router.post("/counts", status_code=201, response_model=StockChange)
def count(body: CountIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Somebody counted the shelf: on hand becomes `counted`; `difference` says what was written."""

    def write(ctx: Context, key: str) -> int:
        return count_stock(
            ctx, body.sku, body.warehouse, body.counted, reason=body.reason, actor=who.actor, key=key, lot=body.lot,
            expires_on=body.expires_on, sure=body.yes,
        )  # fmt: skip

    return once(_change(body, who, write), 201)


@router.post("/states", status_code=201, response_model=StockChange)
def mark(body: StateIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Pieces are damaged, on quality hold, fine again, or thrown away; those promised to orders are not free."""

    def write(ctx: Context, key: str) -> int:
        change_state(
            ctx, body.sku, body.warehouse, body.pieces, source=body.source, target=body.to, reason=body.reason,
            actor=who.actor, key=key, lot=body.lot,
        )  # fmt: skip
        return -body.pieces if body.to == "scrapped" else 0

    return once(_change(body, who, write), 201)


@router.put("/safety", response_model=StockChange)
def keep_safety(body: SafetyIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]) -> Response:
    """Keep so many pieces of a SKU unsold in one warehouse."""

    def write(ctx: Context, _key: str) -> int:
        set_safety(ctx, body.sku, body.warehouse, body.safety, actor=who.actor)
        return 0

    return once(_change(body, who, write))


def _adjusts(
    at: ChangeIn, by: int, reason: str, who: Principal, kind: str, expires_on: date | None = None
) -> Callable[[Context, str], int]:  # fmt: skip
    def write(ctx: Context, key: str) -> int:
        adjust_stock(ctx, at.sku, at.warehouse, by, reason=reason, actor=who.actor, key=key, kind=kind,
                     lot=at.lot, expires_on=expires_on, sure=at.yes)  # fmt: skip
        return by

    return write


def _change(at: At, who: Principal, write: Callable[[Context, str], int]) -> Callable[[Context], StockChange]:
    """The write, and the balance after it. The ledger's cause is new: doing it once is the idempotency key's part."""

    def act(ctx: Context) -> StockChange:
        scope = scope_of(who, at.warehouse)
        difference = write(ctx, f"api:{uuid.uuid4()}")
        return change_of(read_sku(ctx.db, at.sku, ctx.clock(), scope).row, at.warehouse, difference, ctx.clock())

    return act
