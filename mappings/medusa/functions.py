"""What the YAML of Medusa cannot say: pieces of lines that ship, what a line costs less, and what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.engine import readers

Amount = Decimal | None
_ZERO = Decimal(0)
_COUNTS = {"quantity": None, "written_off_quantity": _ZERO, "shipped_quantity": None, "delivered_quantity": _ZERO}
"""What a line's detail counts, and what holds where it is not there; None: it must be."""


def progress(value: Any, place: str, at: tuple[int, ...]) -> tuple[tuple[Decimal, Decimal], ...]:
    """(still wanted, shipped) of each line that goes into a parcel and tells of its pieces."""
    found = []
    for index, item in enumerate(readers.items(value, place, at)):
        detail, below = item.get("detail"), f"{place}[{{}}].detail"
        if isinstance(detail, dict) and not readers.same(item.get("requires_shipping"), "false"):
            wanted, lost, *sent = (
                readers.quantity(detail.get(name, nothing), f"{below}.{name}", (*at, index)) or _ZERO
                for name, nothing in _COUNTS.items()
            )
            found.append((wanted - lost, max(sent)))
    return tuple(found)


def taken_off(tax_included: Any, price: Amount, pieces: Amount, tax: Amount, total: Amount) -> Amount:
    """What was taken off: price by pieces, with the tax where it comes on top, less the total. None where not told."""
    if price is None or pieces is None or total is None:
        return None
    on_top = _ZERO if readers.same(tax_included, "true") else tax or _ZERO
    return readers.product(price, pieces) + on_top - total


def received(captured: Amount, credited: Amount, refunded: Amount) -> Amount:
    """What was paid. Credit lines are store credit, which pays too; once money was given back they may be either.

    A refund's credit line carries the words of its reason, so nothing in it tells the two apart.
    """
    if captured is None or credited is None or refunded:
        return captured
    return captured + credited
