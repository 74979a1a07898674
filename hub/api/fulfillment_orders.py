"""Fulfillment orders: one warehouse's share of an order; pick, pack, ship. The warehouse role works in its own only."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from hub.api.parts import OnceOnly, Page, Paging, PathId, Served, Text, page, resource, scope_of
from hub.api.pick_words import AnswerIn, MissingIn, PickFull, PickOut, RejectIn, ScanIn, ShipIn, WorkDone
from hub.canonical.errors import BadInput
from hub.reports.picks import PickSheet, find_picks, read_pick
from hub.rules.permissions import Principal
from hub.usecases.accept_work import accept_work, reject_work
from hub.usecases.cancel_order import answer_cancel
from hub.usecases.context import Context
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.take_over import take_over
from hub.web.auth import require

router = resource("fulfillment-orders")


class WorkFilter(Paging):
    """`status` todo: open, being picked or packed."""

    status: Literal["todo", "open", "picking", "packed", "shipped", "cancelled"] = "todo"
    warehouse: Text = ""


@router.get("")
def list_work(
    asked: Annotated[WorkFilter, Query()], services: Served, who: Annotated[Principal, Depends(require("picks.read"))]
) -> Page[PickOut]:
    """The work list: what waits oldest first, what is done newest first."""
    scope = scope_of(who, asked.warehouse)
    found = find_picks(services.ctx.db, tab=asked.status, scope=scope, after=asked.cursor, limit=asked.limit)
    return page(Page[PickOut], found.rows, found.next)


@router.get("/{pick_id}")
def get_work(pick_id: PathId, services: Served, who: Annotated[Principal, Depends(require("picks.read"))]) -> PickFull:
    """One pick list: lines, parcels and where it goes."""
    return PickFull.of(_sheet(services.ctx, pick_id, who))


@router.post("/{pick_id}/start", response_model=WorkDone)
def start(pick_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]) -> Response:
    """Take a pick list; taking one's own again changes nothing."""
    return once(_step(pick_id, who, lambda ctx, _: start_picking(ctx, pick_id, who.actor)))


@router.post("/{pick_id}/take-over", response_model=WorkDone)
def take_from(pick_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]) -> Response:
    """Take over a list that somebody else has begun, with all that is counted."""
    return once(_step(pick_id, who, lambda ctx, _: take_over(ctx, pick_id, who.actor)))


@router.post("/{pick_id}/scan", response_model=WorkDone)
def scan(
    pick_id: PathId, body: ScanIn, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]
) -> Response:
    """Count what was scanned: a SKU or a barcode."""

    def act(ctx: Context) -> WorkDone:
        _sheet(ctx, pick_id, who)
        sku = pick_scan(ctx, pick_id, body.code, who.actor, body.quantity)
        return WorkDone.of(_sheet(ctx, pick_id, who), sku=sku)

    return once(act)


@router.post("/{pick_id}/pack", response_model=WorkDone)
def pack(pick_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]) -> Response:
    """Say that everything is picked and packed."""
    return once(_step(pick_id, who, lambda ctx, _: pack_order(ctx, pick_id, who.actor)))


@router.post("/{pick_id}/ship", status_code=201, response_model=WorkDone)
def ship(
    pick_id: PathId, body: ShipIn, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]
) -> Response:
    """Ship one parcel, with these pieces or all that is open; the channel is told."""

    def act(ctx: Context) -> WorkDone:
        _sheet(ctx, pick_id, who)
        parcel = Parcel(f"api:{uuid.uuid4()}", body.carrier, body.tracking_no, body.tracking_url, body.contents())
        shipment_id = ship_parcel(ctx, pick_id, parcel, who.actor)
        return WorkDone.of(_sheet(ctx, pick_id, who), shipment_id=shipment_id)

    return once(act, 201)


@router.post("/{pick_id}/accept", response_model=WorkDone)
def accept_list(pick_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]) -> Response:
    """The warehouse will do it; who begins to pick has accepted too."""
    return once(_step(pick_id, who, lambda ctx, _: accept_work(ctx, pick_id, who.actor)))


@router.post("/{pick_id}/reject", response_model=WorkDone)
def reject_list(
    pick_id: PathId, body: RejectIn, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]
) -> Response:
    """The warehouse will not do it: its pieces are free again, and the order is planned elsewhere."""
    return once(_step(pick_id, who, lambda ctx, _: reject_work(ctx, pick_id, body.reason, who.actor, body.note)))


@router.post("/{pick_id}/answer", response_model=WorkDone)
def answer_list(
    pick_id: PathId, body: AnswerIn, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]
) -> Response:
    """The warehouse's answer to a cancellation, or a cut, of what it has in hand."""

    def write(ctx: Context, sheet: PickSheet) -> None:
        answer_cancel(ctx, sheet.card.order_id, body.accept, who.actor, body.note)

    return once(_step(pick_id, who, write))


@router.post("/{pick_id}/missing", response_model=WorkDone)
def missing(
    pick_id: PathId, body: MissingIn, once: OnceOnly, who: Annotated[Principal, Depends(require("picks.work"))]
) -> Response:
    """The shelf has fewer pieces than asked: they leave the stock, and the order is planned again elsewhere."""

    def write(ctx: Context, sheet: PickSheet) -> None:
        if body.line_id not in {line.id for line in sheet.lines}:
            raise BadInput(f"line {body.line_id} is not on pick list {pick_id}")
        report_missing(ctx, body.line_id, body.quantity, who.actor, body.reason)

    return once(_step(pick_id, who, write))


def _step(
    pick_id: int, who: Principal, write: Callable[[Context, PickSheet], object]
) -> Callable[[Context], WorkDone]:  # fmt: skip
    """`write` is given the list as it was, once it is known to be in the asker's warehouses."""

    def act(ctx: Context) -> WorkDone:
        write(ctx, _sheet(ctx, pick_id, who))
        return WorkDone.of(_sheet(ctx, pick_id, who))

    return act


def _sheet(ctx: Context, pick_id: int, who: Principal) -> PickSheet:
    return read_pick(ctx.db, pick_id, scope=who.warehouses, actor=who.actor)
