"""Amounts that name their currency: all of an order are of one, and some tell what they were before conversion.

A marketplace that shows amounts in its own currency rounds each for itself on conversion, so that converted lines need
not add up to the converted subtotal: an order is read in the currency in which it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.canonical.errors import BadRecord
from mappings.engine import readers

_NOTHING = re.compile(r"-?0*\.?0*").fullmatch
Found = tuple[str, Mapping[str, Any]]
"""Where an amount stands, and the amount."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How a channel writes amounts: objects with a value and the name of its currency.

    total:  path of the amount whose currency is the order's, such as pricing.total.
    places: paths of the amounts that are read, such as lines[].cost; `*` is every field of an object.
    fields: an amount's value and currency.
    before: the same of what it was before conversion, which it has only where it was converted; () where none is.
    """

    total: str
    places: Sequence[str]
    fields: tuple[str, str] = ("value", "currency")
    before: tuple[str, str] | tuple[()] = ()

    def original(self, order: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        """(the order with every amount as it was before conversion, the total as it is shown where that is converted).

        Where only some amounts tell what they were before, all are taken as they are shown. An amount of nothing may
        be of any currency.
        Raises: BadRecord where an amount of the order is of another currency than its total, however it is read.
        """
        made = {name: self._unconverted(value) for name, value in order.items()}
        odd = self._odd(made)
        if odd and self._odd(order):
            place, currency, total = odd
            raise BadRecord(f"{place}.{self.fields[1]}", currency, f"expected {total}, as in {self.total}")
        return (order, None) if odd else (made, self._shown(order))

    def _unconverted(self, value: Any) -> Any:
        """Amounts before conversion, at any depth."""
        if isinstance(value, list):
            return [self._unconverted(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if self.before and all(value.get(name) is not None for name in self.before):
            return {name: value[was] for name, was in zip(self.fields, self.before, strict=True)}
        return {name: self._unconverted(child) for name, child in value.items()}

    def _odd(self, order: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
        """(place, currency, currency of the total) of the first amount that is of another currency."""
        value, currency = self.fields
        found = (each for path in (self.total, *self.places) for each in _at(order, path.split("."), ""))
        amounts = {place: amount for place, amount in found if amount.get(currency) is not None}
        total = amounts.get(self.total, {}).get(currency)
        others = ((place, one[currency], total) for place, one in amounts.items() if not _NOTHING(str(one.get(value))))
        return next((other for other in others if total is not None and other[1] != total), None)

    def _shown(self, order: Mapping[str, Any]) -> Mapping[str, Any] | None:
        totals = (amount for _, amount in _at(order, self.total.split("."), ""))
        return next((total for total in totals if any(total.get(name) is not None for name in self.before)), None)


def _at(value: Any, steps: Sequence[str], place: str) -> Iterator[Found]:
    """The objects at a path below `value`, which stands at `place`. Raises BadRecord: no object or list on the way."""
    if not steps:
        if isinstance(value, Mapping):
            yield place, value
        return
    name, rest = steps[0].removesuffix("[]"), steps[1:]
    fields = readers.obj(value, place, ()) or {}
    for one in fields if name == "*" else (name,):
        here = f"{place}.{one}" if place else one
        if not steps[0].endswith("[]"):
            yield from _at(fields.get(one), rest, here)
            continue
        for at, item in enumerate(readers.items(fields.get(one), here, ())):
            yield from _at(readers.element(item, f"{here}[{at}]", ()), rest, f"{here}[{at}]")
