"""Orders: list, one in full, hold and release."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from hub.api.order_words import OrderFull, OrderOut
from hub.api.parts import Id, IdIn, In, Name, OnceOnly, Out, Page, Paging, PathId, Served, Text, Words, page, resource
from hub.api.pick_words import AnswerIn
from hub.api.routing_words import RoutingOut
from hub.canonical.errors import Conflict
from hub.reports.order import read_order
from hub.reports.orders import find_orders
from hub.reports.routing import explain_order, read_wish
from hub.rules.permissions import Principal
from hub.usecases.cancel_order import answer_cancel, ask_cancel
from hub.usecases.context import Context
from hub.usecases.fix_holds import hold_order, replay_hold
from hub.usecases.move_order import move_order
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


class MoveIn(In):
    """`pick_id`: only this pick list of the order."""

    warehouse: Name
    pick_id: IdIn | None = None
    note: Text = ""


class MovedOut(Out):
    """The new pick lists."""

    pick_ids: list[Id]


class CancelIn(In):
    reason: Words


class CancelOut(Out):
    """`asked`: a warehouse has it in hand and must agree; nothing of it leaves until it answers."""

    done: Literal["cancelled", "asked"]


class WhatIf(In):
    what_if: Text = ""
    """A warehouse."""


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


@router.post("/{order_id}/move", response_model=MovedOut)
def move_to(
    order_id: PathId, body: MoveIn, once: OnceOnly, who: Annotated[Principal, Depends(require("orders.write"))]
) -> Response:
    """Give the order's open work to another warehouse: all of it at once, or 409 says why nothing changed."""

    def act(ctx: Context) -> MovedOut:
        made = move_order(ctx, order_id, body.warehouse, actor=who.actor, only=body.pick_id, note=body.note)
        return MovedOut(pick_ids=[str(number) for number in made])

    return once(act)


@router.post("/{order_id}/cancel", response_model=CancelOut)
def call_off(
    order_id: PathId, body: CancelIn, once: OnceOnly, who: Annotated[Principal, Depends(require("orders.write"))]
) -> Response:
    """Cancel an order; a warehouse that has it in hand, and must be asked, is asked first."""
    return once(lambda ctx: CancelOut(done=ask_cancel(ctx, order_id, body.reason, who.actor)))


@router.post("/{order_id}/cancel/answer", response_model=OrderOut)
def answer_request(
    order_id: PathId, body: AnswerIn, once: OnceOnly, who: Annotated[Principal, Depends(require("orders.write"))]
) -> Response:
    """Answer a cancellation, or a cut, that waits, in the warehouse's place."""

    def act(ctx: Context) -> OrderOut:
        answer_cancel(ctx, order_id, body.accept, who.actor, body.note)
        return OrderOut.model_validate(read_order(ctx.db, order_id).summary)

    return once(act)


@router.get("/{order_id}/routing")
def explain(
    order_id: PathId,
    asked: Annotated[WhatIf, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("routing.read"))],
) -> RoutingOut:
    """Why it goes where it goes: every candidate and why it lost; with `what_if`, what would let a warehouse win."""
    found = explain_order(services.ctx.db, order_id)
    wish = read_wish(services.ctx.db, order_id, asked.what_if) if asked.what_if else None
    return RoutingOut.of(found, wish)


def _held_by_hand(ctx: Context, order_id: int) -> bool:
    return any(found.kind == "by_hand" for found in read_order(ctx.db, order_id).open_holds)
