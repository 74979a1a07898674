"""What many channels leave to the reader: how far an order is paid and shipped, told from its amounts and pieces.

Every mapping may `call` these; a function of the same name in its own `functions.py` goes before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.canonical.amounts import LIMIT
from hub.canonical.order import Fulfillment, OrderStatus, Payment
from mappings.engine import readers

Amount = Decimal | None
_ZERO, _CENT = Decimal(0), Decimal("0.01")


def left(ordered: Amount, *gone: Amount) -> Amount:
    """What is still wanted of a line after pieces were canceled or refunded, not below 0; unknown counts as 0."""
    return None if ordered is None else max(_ZERO, ordered - sum((each for each in gone if each), _ZERO))


def together(*amounts: Amount) -> Amount:
    """The sum of those that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _ZERO) if known else None


def remaining(ordered: Mapping[str, Amount], gone: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What is still wanted of the lines of which something went.

    Args:   ordered: pieces of each line.  gone: pieces that were refunded or returned, with or without a sign.
    """
    still = {ref: left(pieces, abs(gone[ref])) for ref, pieces in ordered.items() if gone.get(ref)}
    return {ref: pieces for ref, pieces in still.items() if pieces is not None}


def lowered(amount: Amount) -> Amount:
    """An amount without its sign: platforms write what was taken off or given back above 0 or below it."""
    return None if amount is None else abs(amount)


def each(amount: Amount, quantity: Amount, price: Amount = None) -> Amount:
    """The price of one where that of all pieces is told; to 6 decimals, at least the amount's.

    Args: price: what the platform tells as the price of one: it is taken where it gives the amount, to the cent.
    """
    if amount is None or not quantity:
        return None
    if price is not None and abs(price * quantity - amount) < _CENT:
        return readers.trimmed(price, max(0, readers.decimal_places(amount)))
    exact = amount / quantity
    return readers.trimmed(round(exact, 6), max(0, readers.decimal_places(amount))) if abs(exact) < LIMIT else exact


def gross(net: Amount, tax_included: bool | None, tax: Amount) -> Amount:
    """An amount as the customer pays it: its tax is added, unless it is in it or none is known."""
    return net if net is None or tax is None or tax_included else net + tax


def shipped(lines: Sequence[tuple[Amount, Amount]] | None) -> Fulfillment | None:
    """How far an order is shipped.

    Args:    lines: (pieces still wanted, pieces shipped) of each line that goes into a parcel; unknown counts as 0.
    Returns: None where there is no such line.
    """
    if not lines:
        return None
    if not any(sent for _, sent in lines):
        return Fulfillment.UNFULFILLED
    done = all((sent or _ZERO) >= (wanted or _ZERO) for wanted, sent in lines)
    return Fulfillment.FULFILLED if done else Fulfillment.PARTIAL


def paid(
    status: OrderStatus | None, total: Amount, got: Amount, due: Amount, refunded: Amount, authorized: Amount
) -> Payment | None:
    """How far an order is paid: refunds first, then what was paid, then what was only authorized.

    Args:    got, due: paid so far, and still to pay (where it is not told: total less what was paid).
    Returns: None where neither total nor payments are told; an order canceled before it was paid is void.
    """
    if refunded:
        return Payment.REFUNDED if refunded >= (got or total or _ZERO) else Payment.PARTIALLY_REFUNDED
    if got is None and due is None and total is None:
        return None
    rest = due if due is not None else (total or _ZERO) - (got or _ZERO)
    if rest <= 0 and (got or status is not OrderStatus.CANCELLED):
        return Payment.PAID
    if status is OrderStatus.CANCELLED:
        return Payment.VOID
    return Payment.AUTHORIZED if authorized else Payment.UNPAID


def paid_by_status(told: Payment | None, dated: bool | None, refunded: Amount, total: Amount) -> Payment | None:
    """How far an order is paid, of a shop whose status says it: refunds first, then the date of payment, then that.

    Args: told:  what the status stands for.
          dated: whether the order has a date of payment; None where it does not tell dates of payment at all.
    """
    if told in {Payment.REFUNDED, None}:
        return told
    if refunded:
        return given_back(Payment.PAID, refunded, total)
    if dated:
        return Payment.PAID
    return Payment.UNPAID if told is Payment.PAID and dated is not None else told


def given_back(told: Payment | None, refunded: Amount, total: Amount) -> Payment | None:
    """How far an order is paid whose channel says so itself, but not that money of it went back.

    Returns: what is told, unless that is `paid` and something was refunded; a part where no total is known.
    """
    if told is not Payment.PAID or not refunded:
        return told
    return Payment.REFUNDED if total is not None and refunded >= total else Payment.PARTIALLY_REFUNDED


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "left": left,
    "remaining": remaining,
    "together": together,
    "lowered": lowered,
    "gross": gross,
    "each": each,
    "shipped": shipped,
    "paid": paid,
    "given_back": given_back,
    "paid_by_status": paid_by_status,
}
"""What every mapping may `call`."""
