"""What the YAML of WooCommerce cannot say: unit prices before discount, what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.canonical.amounts import LIMIT
from hub.canonical.order import Payment
from mappings.engine import readers

_CENT = Decimal("0.01")


def price(value: Any, place: str, at: tuple[int, ...]) -> Decimal | None:
    """A price as PHP writes its floats: 21.989999999999998 is read to 6 decimals, 21.99."""
    if value.__class__ is Decimal and value.is_finite() and abs(value) < 10**11:
        return round(value, 6).normalize() if readers.decimal_places(value) > 6 else value
    return readers.money(value, place, at)


Amount = Decimal | None


def unit_price(subtotal: Amount, quantity: Amount, price: Amount, total: Amount) -> Amount:
    """Price of one before discount and tax.

    The API's own `price` is after discount: it is taken where the line has none and it fits the subtotal to the cent;
    else subtotal / quantity, to 6 decimals where it does not come out. It has at least the subtotal's decimals.
    """
    if subtotal is None or not quantity:
        return price
    decimals = max(0, readers.decimal_places(subtotal))
    if price is not None and total == subtotal and abs(price * quantity - subtotal) < _CENT:
        return readers.trimmed(price, decimals)
    exact = subtotal / quantity
    return readers.trimmed(round(exact, 6), decimals) if abs(exact) < LIMIT else exact


def refunded(refunds: Amount) -> Amount:
    """What went back, not below 0: refunds carry negative totals, some plug-ins write them without the sign."""
    return None if refunds is None else abs(refunds)


def payment(by_status: Payment | None, paid_at: Any, known: Any, refunded: Amount, total: Amount) -> Payment | None:
    """How far the order is paid: refunds first, then the date of payment, then what the status stands for."""
    if by_status in {Payment.REFUNDED, None}:
        return by_status
    if refunded and refunded > 0:
        return Payment.REFUNDED if total is not None and refunded >= total else Payment.PARTIALLY_REFUNDED
    if readers.present(paid_at):
        return Payment.PAID
    return Payment.UNPAID if by_status is Payment.PAID and known is not None else by_status
