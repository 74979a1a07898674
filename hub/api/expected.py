"""Expected deliveries: what suppliers are to bring; it is incoming until it is here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import (
    LARGEST_COUNT,
    Count,
    Id,
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
from hub.reports.expected import find_deliveries, read_delivery
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.expect_stock import Expected, close_expected, expect_stock, receive_expected
from hub.usecases.move_transfer import Arrived
from hub.web.auth import require

router = resource("expected-deliveries")
State = Literal["open", "received"]


class DeliveryFilter(Paging):
    state: State | None = None
    sku: Text = ""
    warehouse: Text = ""


class DeliveryIn(In):
    sku: Name
    warehouse: Name
    quantity: Pieces
    due_on: date | None = None
    """The day on which it is due; left out: nobody knows."""
    ref: Text = ""
    """What people call the purchase."""
    key: Text = ""
    """Your own name for it: the same again is the same delivery."""


class ArrivalIn(In):
    """Pieces that are here: `whole` may be sold, `damaged` not (they need a `reason`); more than expected is fine."""

    whole: Annotated[int, Field(strict=True, ge=0, lt=LARGEST_COUNT)] = 0
    damaged: Count = 0
    lot: Text = ""
    expires_on: date | None = None
    reason: Text = ""
    yes: bool = False
    """A lot past its last good day is meant."""


class GivenUpIn(In):
    reason: Words


class DeliveryOut(Out):
    """`open`: pieces still to come. `difference`: received less expected, once done. `late`: open past its day."""

    id: Id
    key: str
    warehouse: str
    sku: str
    ref: str
    quantity: int
    received: int
    damaged: int
    missing: int
    open: int
    difference: int
    due_on: date | None
    late: bool
    state: State
    reason: str
    created_by: str
    created_at: Time
    received_at: Time | None


@router.get("")
def list_deliveries(
    asked: Annotated[DeliveryFilter, Query()],
    services: Served,
    who: Annotated[Principal, Depends(require("stock.read"))],
) -> Page[DeliveryOut]:
    """Expected deliveries, newest first; the warehouse role sees those of its own warehouses."""
    found, following = find_deliveries(
        services.ctx.db, services.ctx.clock().date(), state=asked.state or "", sku=asked.sku,
        scope=scope_of(who, asked.warehouse), after=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    return page(Page[DeliveryOut], found, following)


@router.get("/{delivery_id}")
def get_delivery(
    delivery_id: PathId, services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> DeliveryOut:
    """One expected delivery."""
    return DeliveryOut.model_validate(
        read_delivery(services.ctx.db, delivery_id, services.ctx.clock().date(), who.warehouses)
    )


@router.post("", status_code=201, response_model=DeliveryOut)
def post_delivery(
    body: DeliveryIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Write down what a supplier is to bring: incoming, not on hand, and not sold for that."""

    def act(ctx: Context) -> DeliveryOut:
        key = body.key or f"api:{uuid.uuid4()}"
        wanted = Expected(key, body.sku, body.warehouse, body.quantity, body.due_on, body.ref)
        return _read(ctx, expect_stock(ctx, wanted, actor=who.actor))

    return once(act, 201)


@router.post("/{delivery_id}/receive", response_model=DeliveryOut)
def receive_delivery(
    delivery_id: PathId, body: ArrivalIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.move"))]
) -> Response:
    """Pieces arrive, in as many parts as it takes; the warehouse role receives in its own."""

    def write(ctx: Context) -> None:
        who.must_work_in(read_delivery(ctx.db, delivery_id, ctx.clock().date()).warehouse)
        receive_expected(
            ctx, delivery_id, Arrived(body.whole, body.damaged), actor=who.actor, key=f"api:{uuid.uuid4()}",
            reason=body.reason, lot=body.lot, expires_on=body.expires_on, sure=body.yes,
        )  # fmt: skip

    return once(_step(delivery_id, write))


@router.post("/{delivery_id}/close", response_model=DeliveryOut)
def close_delivery(
    delivery_id: PathId, body: GivenUpIn, once: OnceOnly, who: Annotated[Principal, Depends(require("stock.write"))]
) -> Response:
    """Nothing more of it will come; what is missing is written down."""
    return once(
        _step(delivery_id, lambda ctx: close_expected(ctx, delivery_id, actor=who.actor, reason=body.reason))
    )  # fmt: skip


def _step(delivery_id: int, write: Callable[[Context], object]) -> Callable[[Context], DeliveryOut]:
    def act(ctx: Context) -> DeliveryOut:
        write(ctx)
        return _read(ctx, delivery_id)

    return act


def _read(ctx: Context, delivery_id: int) -> DeliveryOut:
    return DeliveryOut.model_validate(read_delivery(ctx.db, delivery_id, ctx.clock().date()))
