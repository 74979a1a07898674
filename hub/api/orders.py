"""Orders: list, one in full, hold and release."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from hub.api.order_words import OrderFull, OrderOut
from hub.api.parts import IdIn, In, OnceOnly, Page, Paging, PathId, Served, Text, Words, page, resource
from hub.canonical.errors import Conflict
from hub.reports.order import read_order
from hub.reports.orders import find_orders
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.fix_holds import hold_order, replay_hold
from hub.web.auth import require

router = resource("orders")
State = Literal["waiting", "unpaid", "held", "routed", "partial", "shipped", "cancelled", "refused", "closed"]


class OrderFilter(Paging):
    state: State | None = None
    connection_id: IdIn | None = None
    q: Text = ""
    """A number or its beginning, the channel's own id, a SKU or a tracking number."""


class HoldIn(In):
    why: Words


@router.get("")
def list_orders(
    asked: Annotated[OrderFilter, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("orders.read"))],
) -> Page[OrderOut]:
    """Orders, newest first."""
    found = find_orders(
        services.ctx.db, tab=asked.state or "all", q=asked.q, connection_id=asked.connection_id, after=asked.cursor,
        limit=asked.limit,
    )  # fmt: skip
    return page(Page[OrderOut], found.rows, found.next)


@router.get("/{order_id}")
def get_order(
    order_id: PathId, services: Served, _who: Annotated[Principal, Depends(require("orders.read"))]
) -> OrderFull:
    """One order: lines, fulfillment orders, shipments, holds, the newest decision, timeline, canonical document."""
    return OrderFull.of(read_order(services.ctx.db, order_id))


@router.post("/{order_id}/hold", response_model=OrderOut)
def hold(
    order_id: PathId, body: HoldIn, once: OnceOnly, who: Annotated[Principal, Depends(require("orders.write"))]
) -> Response:
    """Stop an order until it is released. Holding a held order again changes nothing."""

    def act(ctx: Context) -> OrderOut:
        hold_order(ctx, order_id, body.why, who.actor)
        return OrderOut.model_validate(read_order(ctx.db, order_id).summary)

    return once(act)


@router.post("/{order_id}/release", response_model=OrderOut)
def release(order_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("orders.write"))]) -> Response:
    """Let an order go on that was held by hand. Other holds are mended by their cause: see holds."""

    def act(ctx: Context) -> OrderOut:
        if not _held_by_hand(ctx, order_id):
            raise Conflict(f"order {order_id} is not held by hand; what else holds it is mended by its cause (holds)")
        replay_hold(ctx, f"by_hand:{order_id}", who.actor)
        return OrderOut.model_validate(read_order(ctx.db, order_id).summary)

    return once(act)


def _held_by_hand(ctx: Context, order_id: int) -> bool:
    return any(found.kind == "by_hand" for found in read_order(ctx.db, order_id).open_holds)
