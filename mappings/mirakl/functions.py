"""What the YAML of Mirakl cannot say: amounts with and without tax, what is still wanted, what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.canonical.errors import BadRecord
from hub.canonical.order import FulfilledBy, Fulfillment, Payment
from mappings.engine import readers
from mappings.engine.derive import left, together

Amount = Decimal | None
_ZERO = Decimal(0)
OWN_CENTER = "DEFAULT"
"""The fulfillment center that stands for the seller."""


def tax_mode(value: Any, place: str, at: tuple[int, ...]) -> bool | None:
    """Whether the order's prices hold tax. Raises BadRecord for a mode that we do not know: amounts are no guess."""
    found = readers.text(value, place, at)
    if found not in {None, "TAX_INCLUDED", "TAX_EXCLUDED"}:
        raise BadRecord(place.format(*at), value, "expected TAX_INCLUDED or TAX_EXCLUDED")
    return None if found is None else found == "TAX_INCLUDED"


def gross(net: Amount, tax_included: bool | None, tax: Amount) -> Amount:
    """An amount as the customer pays it: the tax is added unless it is in it."""
    return net if net is None or tax is None or tax_included else net + tax


def given_back(
    tax_included: bool | None, amount: Amount, shipping: Amount, fees: Amount, tax: Amount, shipping_tax: Amount
) -> Amount:
    """What one refund gives back, with tax."""
    return gross(together(amount, shipping, fees), tax_included, together(tax, shipping_tax))


def discount(unit_price: Amount, quantity: Amount, price: Amount, promised: Amount) -> Amount:
    """What promotions took off the line's price; 0 where the price does not show it."""
    if unit_price is None or quantity is None or price is None or not promised:
        return _ZERO
    return promised if unit_price * quantity - price == promised else _ZERO


def still_wanted(quantity: Amount, wanted: str | None, canceled: Amount, refunded: Amount) -> Amount:
    """Pieces of a line that are neither refused, cancelled nor refunded."""
    return left(quantity, quantity if wanted == "no" else _ZERO, canceled, refunded)


def fulfillment(by_state: Fulfillment | None, departed: Mapping[str, str]) -> Fulfillment | None:
    """How far the order is shipped: some of its lines may have left (`yes`) while it is still shipping."""
    some = by_state is Fulfillment.UNFULFILLED and "yes" in departed.values()
    return Fulfillment.PARTIAL if some else by_state


def payment(
    by_state: Payment | None, workflow: str | None, debited_at: object, refunded: Amount, fully: bool | None
) -> Payment | None:
    """Refunds first, then whether the customer was debited; only what is paid on acceptance is paid before it ships."""
    if by_state in {None, Payment.VOID, Payment.REFUNDED, Payment.UNPAID}:
        return by_state
    if fully:
        return Payment.REFUNDED
    if refunded:
        return Payment.PARTIALLY_REFUNDED
    if debited_at:
        return Payment.PAID
    return Payment.AUTHORIZED if workflow == "later" else by_state


def fulfilled_by(center: str | None, state: str | None, may_ship: bool | None) -> FulfilledBy:
    """The marketplace, where the order is ready to ship from another center than ours and we may not ship it."""
    theirs = center not in {None, OWN_CENTER} and state == "SHIPPING" and may_ship is False
    return FulfilledBy.CHANNEL if theirs else FulfilledBy.MERCHANT
