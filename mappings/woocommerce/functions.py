"""What the YAML of WooCommerce cannot say: unit prices before discount, what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.canonical.order import Payment
from mappings.engine import readers
from mappings.engine.derive import each

Amount = Decimal | None
_CENT = Decimal("0.01")


def unit_price(subtotal: Amount, quantity: Amount, price: Amount, total: Amount) -> Amount:
    """Price of one before discount and tax.

    The API's own `price` is after discount: it is taken where the line has none and it fits the subtotal to the cent;
    else subtotal / quantity, to 6 decimals where it does not come out. It has at least the subtotal's decimals.
    """
    if subtotal is None or not quantity:
        return price
    if price is not None and total == subtotal and abs(price * quantity - subtotal) < _CENT:
        return readers.trimmed(price, max(0, readers.decimal_places(subtotal)))
    return each(subtotal, quantity)


def payment(by_status: Payment | None, order: dict[str, Any], refunded: Amount, total: Amount) -> Payment | None:
    """How far the order is paid: refunds first, then the date of payment, then what the status stands for."""
    if by_status in {Payment.REFUNDED, None}:
        return by_status
    if refunded:
        return Payment.REFUNDED if total is not None and refunded >= total else Payment.PARTIALLY_REFUNDED
    dates = [order[name] for name in ("date_paid_gmt", "date_paid") if name in order]
    if any(map(readers.present, dates)):
        return Payment.PAID
    return Payment.UNPAID if by_status is Payment.PAID and dates else by_status
