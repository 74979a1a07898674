"""Transfers: pieces that go from one warehouse to another, step by step."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import (
    Count,
    Id,
    IdIn,
    In,
    Name,
    OnceOnly,
    Out,
    Page,
    Paging,
    PathId,
    Pieces,
    Served,
    Text,
    Time,
    Words,
    page,
    resource,
    scope_of,
)
from hub.reports.transfers import find_transfers, read_transfer
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.move_transfer import Arrived, close_transfer, receive_transfer, ship_transfer
from hub.usecases.plan_transfer import TransferPlan, cancel_transfer, create_transfer, reserve_transfer
from hub.web.auth import require

router = resource("transfers")
State = Literal["draft", "ready", "in_transit", "received", "cancelled"]


class TransferFilter(Paging):
    state: State | None = None
    warehouse: Text = ""
    """At either end."""


class WantedIn(In):
    sku: Name
    quantity: Pieces
    lot: Text = ""


class TransferIn(In):
    """`ready`: reserve the pieces at once. `key`: your own name for it; the same again is the same transfer."""

    source: Name
    destination: Name
    lines: Annotated[list[WantedIn], Field(min_length=1, max_length=1000)]
    note: Text = ""
    ready: bool = False
    key: Name | None = None


class LeavingIn(In):
    line_id: IdIn
    quantity: Pieces


class ShipTransferIn(In):
    """Without `lines`: all that has not left yet."""

    lines: Annotated[list[LeavingIn], Field(min_length=1, max_length=1000)] | None = None


class ArrivingIn(In):
    """`whole`: pieces that may be sold; `damaged`: pieces that came in broken."""

    line_id: IdIn
    whole: Count = 0
    damaged: Count = 0


class ReceiveTransferIn(In):
    """Without `lines`: all that is under way, whole. `reason` is needed for damaged pieces."""

    lines: Annotated[list[ArrivingIn], Field(min_length=1, max_length=1000)] | None = None
    reason: Text = ""


class ReasonIn(In):
    reason: Words


class TransferLineOut(Out):
    """`received` counts damaged pieces too; `under_way`: shipped, neither received nor lost."""

    id: Id
    sku: str
    lot: str
    quantity: int
    shipped: int
    received: int
    damaged: int
    lost: int
    under_way: int


class TransferOut(Out):
    id: Id
    key: str
    source: str
    destination: str
    state: State
    note: str
    created_by: str
    created_at: Time
    shipped_at: Time | None
    received_at: Time | None
    lines: list[TransferLineOut]


@router.get("")
def list_transfers(
    asked: Annotated[TransferFilter, Query()],
    services: Served,
    who: Annotated[Principal, Depends(require("stock.read"))],
) -> Page[TransferOut]:
    """Transfers, newest first; the warehouse role sees those of its own warehouses."""
    scope = scope_of(who, asked.warehouse)
    found, following = find_transfers(
        services.ctx.db, state=asked.state or "", scope=scope, after=asked.cursor, limit=asked.limit
    )
    return page(Page[TransferOut], found, following)


@router.get("/{transfer_id}")
def get_transfer(
    transfer_id: PathId, services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> TransferOut:
    """One transfer with its lines."""
    return TransferOut.model_validate(read_transfer(services.ctx.db, transfer_id, who.warehouses))


@router.post("", status_code=201, response_model=TransferOut)
def post_transfer(
    body: TransferIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Write a transfer down, and reserve its pieces where `ready` is said."""

    def act(ctx: Context) -> TransferOut:
        lines = tuple((line.sku, line.lot, line.quantity) for line in body.lines)
        wanted = TransferPlan(body.key or f"api:{uuid.uuid4()}", body.source, body.destination, lines, body.note)
        transfer_id = create_transfer(ctx, wanted, actor=who.actor)
        if body.ready:
            reserve_transfer(ctx, transfer_id, actor=who.actor)
        return TransferOut.model_validate(read_transfer(ctx.db, transfer_id))

    return once(act, 201)


@router.post("/{transfer_id}/reserve", response_model=TransferOut)
def reserve(
    transfer_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:  # fmt: skip
    """The draft is ready: its pieces are kept at the source."""
    return once(_step(transfer_id, lambda ctx: reserve_transfer(ctx, transfer_id, actor=who.actor)))


@router.post("/{transfer_id}/ship", response_model=TransferOut)
def ship_out(
    transfer_id: PathId,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("stock.move"))],
    body: ShipTransferIn | None = None,
) -> Response:
    """Pieces leave the source; the warehouse role ships from its own."""
    lines = body.lines if body else None
    contents = None if lines is None else {line.line_id: line.quantity for line in lines}

    def step(ctx: Context) -> None:
        who.must_work_in(read_transfer(ctx.db, transfer_id).source)
        ship_transfer(ctx, transfer_id, actor=who.actor, key=f"api:{uuid.uuid4()}", contents=contents)

    return once(_step(transfer_id, step))


@router.post("/{transfer_id}/receive", response_model=TransferOut)
def receive_in(
    transfer_id: PathId,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("stock.move"))],
    body: ReceiveTransferIn | None = None,
) -> Response:
    """Pieces arrive at the destination, in as many parts as it takes; the warehouse role receives in its own."""
    asked = body or ReceiveTransferIn()
    lines = asked.lines
    contents = None if lines is None else {line.line_id: Arrived(line.whole, line.damaged) for line in lines}

    def step(ctx: Context) -> None:
        who.must_work_in(read_transfer(ctx.db, transfer_id).destination)
        key = f"api:{uuid.uuid4()}"
        receive_transfer(ctx, transfer_id, actor=who.actor, key=key, contents=contents, reason=asked.reason)

    return once(_step(transfer_id, step))


@router.post("/{transfer_id}/close", response_model=TransferOut)
def close(
    transfer_id: PathId,
    body: ReasonIn,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("stock.write"))],
) -> Response:
    """Nothing more will come: what is under way is written off, what never left is free again."""
    return once(
        _step(transfer_id, lambda ctx: close_transfer(ctx, transfer_id, actor=who.actor, reason=body.reason))
    )  # fmt: skip


@router.post("/{transfer_id}/cancel", response_model=TransferOut)
def cancel(
    transfer_id: PathId,
    body: ReasonIn,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("stock.write"))],
) -> Response:
    """Call it off before anything left."""
    return once(
        _step(transfer_id, lambda ctx: cancel_transfer(ctx, transfer_id, actor=who.actor, reason=body.reason))
    )  # fmt: skip


def _step(transfer_id: int, write: Callable[[Context], object]) -> Callable[[Context], TransferOut]:
    def act(ctx: Context) -> TransferOut:
        write(ctx)
        return TransferOut.model_validate(read_transfer(ctx.db, transfer_id))

    return act
