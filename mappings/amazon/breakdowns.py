"""Reads the breakdowns of a transaction: what is the buyer's of an amount that Amazon tells as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.canonical.errors import BadRecord
from mappings.engine import readers
from mappings.engine.tables import Table

Row = Mapping[str, Any]
At = tuple[int, ...]
NOT_THE_BUYERS = frozenset({"fee", "withheld"})
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One amount of a transaction. part: a word of the table `refund_parts`."""

    part: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Tree:
    """What the walk knows: the table, and the currency that all amounts must have."""

    parts: Table
    currency: str | None

    def walk(self, found: Any, place: str, at: At, above: str | None, depth: int) -> Iterator[Part]:
        """The parts of a list of breakdowns; one in one more object is taken as the list in it."""
        rows = found.get("breakdowns") if isinstance(found, Mapping) else found
        for number, each in enumerate(readers.items(rows, place, at)):
            yield from self._one(each, place + "[{}]", (*at, number), above, depth)

    def _one(self, each: Any, place: str, at: At, above: str | None, depth: int) -> Iterator[Part]:
        """The finest amounts count, each as what it is called, else as what it stands under."""
        row = readers.element(each, place, at)
        if depth > _DEEPEST:
            raise BadRecord(place.format(*at), "…", "breakdowns are nested too deeply")
        kind = readers.text(row.get("breakdownType"), place + ".breakdownType", at)
        part = self.parts.cell(kind, "part") or above
        below = row.get("breakdowns") if part not in NOT_THE_BUYERS else None
        parts = tuple(self.walk(below, place + ".breakdowns", at, part, depth + 1)) if below else ()
        if parts:
            yield from parts
            return
        amount = self._amount(row.get("breakdownAmount"), place + ".breakdownAmount", at)
        if part is None and amount:
            why = f"unknown {self.parts.name}: add a row to {self.parts.file}"
            raise BadRecord(f"{place.format(*at)}.breakdownType", kind, why)
        if part is not None:
            yield Part(part, amount)

    def _amount(self, found: Any, place: str, at: At) -> Decimal:
        money = readers.obj(found, place, at) or {}
        told = readers.currency(money.get("currencyCode"), place + ".currencyCode", at)
        if told and self.currency and told != self.currency:
            raise BadRecord(f"{place.format(*at)}.currencyCode", told, f"the transaction is in {self.currency}")
        return readers.money(money.get("currencyAmount"), place + ".currencyAmount", at) or Decimal(0)


def of_transaction(row: Row, parts: Table) -> list[Part]:
    """All parts of a transaction: those of its items, or its own where no item tells any.

    Raises: BadRecord: a part that the table does not have, an amount in another currency.
    """
    tree = _Tree(parts, _currency(row))
    found = [
        part
        for number, item in enumerate(readers.items(row.get("items"), "items", ()))
        for part in _of_item(tree, item, number)
    ]
    return found or list(tree.walk(row.get("breakdowns"), "breakdowns", (), None, 0))


def of_item(row: Row, parts: Table) -> list[Part]:
    """The parts of one item."""
    return list(_Tree(parts, None).walk(row.get("breakdowns"), "breakdowns", (), None, 0))


def _of_item(tree: _Tree, item: Any, number: int) -> Iterator[Part]:
    row = readers.element(item, "items[{}]", (number,))
    yield from tree.walk(row.get("breakdowns"), "items[{}].breakdowns", (number,), None, 0)


def _currency(row: Row) -> str | None:
    total = readers.obj(row.get("totalAmount"), "totalAmount", ()) or {}
    return readers.currency(total.get("currencyCode"), "totalAmount.currencyCode", ())
