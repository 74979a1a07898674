"""A refund that a channel tells apart from its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from hub.canonical.amounts import exact
from hub.canonical.order import as_plain
from hub.canonical.refs import Ref
from hub.canonical.times import parse_time


class RefundLine(Struct, frozen=True, kw_only=True):
    """What of a refund is for one thing. `quantity`: the pieces that it is about, None where nobody says.

    It says nothing of goods that came back, and takes no piece from what is still wanted.
    """

    listing_ref: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None


class Refund(Struct, frozen=True, kw_only=True):
    """Money that went back to the buyer of one order. Amounts are above 0 where it went to the buyer.

    channel_ref: the refund's own id; told twice, it is one refund. order_ref: the `channel_ref` of its order.
    amount:      all that went back, with tax and postage; what the platform gives back of its fees is no part of it.
    shipping, tax: what of it is postage, and tax; None where nobody says.
    """

    channel_ref: Ref
    order_ref: Ref
    refunded_at: datetime | None = None
    currency: str | None = None
    amount: Decimal
    shipping: Decimal | None = None
    tax: Decimal | None = None
    reason: str | None = None
    lines: tuple[RefundLine, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The refund as JSON-ready values, amounts as decimal text."""
        return {name: as_plain(getattr(self, name)) for name in self.__struct_fields__}


class Telling(Struct, frozen=True, kw_only=True):
    """A refund as a message told it.

    said_at:  the channel's own time of that message, where it bears one. received_at, message_id: which one it is.
    messages: that one, and all others that told of this refund.
    """

    refund: Refund
    said_at: datetime | None = None
    received_at: datetime
    message_id: int
    messages: tuple[int, ...]


def refund_from_dict(body: Mapping[str, Any]) -> Refund:
    """`Refund.to_dict` read back. Raises BadRecord where a number or time is not one."""
    amounts = {name: _number(body, name) for name in ("shipping", "tax")}
    return Refund(
        channel_ref=body["channel_ref"],
        order_ref=body["order_ref"],
        refunded_at=parse_time(body["refunded_at"], "refunded_at") if body.get("refunded_at") else None,
        currency=body.get("currency"),
        amount=exact(body["amount"], "amount"),
        reason=body.get("reason"),
        lines=tuple(_line(row) for row in body.get("lines") or ()),
        **amounts,
    )


def _line(row: Mapping[str, Any]) -> RefundLine:
    texts = {name: row.get(name) for name in ("listing_ref", "sku", "title")}
    return RefundLine(quantity=_number(row, "quantity"), amount=_number(row, "amount"), **texts)


def _number(body: Mapping[str, Any], name: str) -> Decimal | None:
    return None if body.get(name) is None else exact(body[name], name)
