"""An order of Amazon is in one currency: amounts of another would be summed with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub.canonical.errors import BadRecord

_READ = ("proceeds", "OrderTotal", "orderItems", "OrderItems")
"""Where the mappings read amounts, the total first."""
_WRITTEN = (("amount", "currencyCode"), ("Amount", "CurrencyCode"))
"""Names in an amount of Orders 2026-01-01, and of v0."""
_ZERO = re.compile(r"-?0*\.?0*").fullmatch
Found = tuple[str, str]
"""Where a currency stands, and the currency."""


def one_currency(order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The order as it came. Raises BadRecord: an amount that is not 0 is of another currency than the first."""
    found = list(_currencies({name: order[name] for name in _READ if name in order}, ""))
    for place, currency in found:
        if currency != found[0][1]:
            raise BadRecord(place, currency, f"expected {found[0][1]}, as in {found[0][0]}")
    return order


def _currencies(value: Any, place: str) -> Iterator[Found]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _currencies(item, f"{place}[{at}]")
    elif isinstance(value, Mapping):
        yield from _own(value, place)
        for name, child in value.items():
            yield from _currencies(child, f"{place}.{name}".removeprefix("."))


def _own(value: Mapping[str, Any], place: str) -> Iterator[Found]:
    for amount, currency in _WRITTEN:
        code = value.get(currency)
        if isinstance(code, str) and code.strip() and not _ZERO(str(value.get(amount) or 0)):
            yield f"{place}.{currency}", code.strip().upper()
