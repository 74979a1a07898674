"""What the YAML of Amazon cannot say: SKUs as names of listings, refunds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from mappings.amazon import breakdowns
from mappings.amazon.breakdowns import Part
from mappings.engine import readers
from mappings.engine.tables import Table

Amount = Decimal | None


def listing(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A SKU names the listing at Amazon; it may hold blanks."""
    return readers.text(value, place, at)


def given_back(transaction: Any, parts: Table) -> Amount:
    """What went back to the buyer, above 0; None where the transaction tells no part at all."""
    found = breakdowns.of_transaction(transaction, parts)
    return _buyers(found) if found else None


def given_back_of(transaction: Any, parts: Table, part: str) -> Amount:
    """What of it is postage, or tax; None where there is none."""
    found = [each for each in breakdowns.of_transaction(transaction, parts) if each.part == part]
    return _buyers(found) if found else None


def given_back_of_item(item: Any, parts: Table) -> Amount:
    """What went back for one item; None where it tells no part of it."""
    found = breakdowns.of_item(item, parts)
    return _buyers(found) if found else None


def _buyers(found: Sequence[Part]) -> Decimal:
    """Money that leaves the seller is below 0 at Amazon."""
    amounts = (each.amount for each in found if each.part not in breakdowns.NOT_THE_BUYERS)
    return -sum(amounts, Decimal("0.00")) + Decimal(0)
