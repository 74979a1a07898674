"""What the YAML of Amazon cannot say: prices of one, discounts without a sign, SKUs as names of listings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.canonical.amounts import LIMIT
from mappings.engine import readers

Amount = Decimal | None


def each(amount: Amount, quantity: Amount) -> Amount:
    """The price of one where only that of all pieces is told; to 6 decimals, at least the amount's."""
    if amount is None or not quantity:
        return None
    exact = amount / quantity
    return readers.trimmed(round(exact, 6), max(0, readers.decimal_places(amount))) if abs(exact) < LIMIT else exact


def lowered(amount: Amount) -> Amount:
    """A discount as a positive amount, whatever its sign at Amazon."""
    return None if amount is None else abs(amount)


def listing(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A SKU names the listing at Amazon; it may hold blanks."""
    return readers.text(value, place, at)
