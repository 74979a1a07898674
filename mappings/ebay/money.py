"""eBay shows amounts converted for the marketplace; orders are read in the currency in which they were made.

An amount is `{value, currency}`, and where it was converted also `{convertedFromValue, convertedFromCurrency}`: each is
rounded for itself on conversion, so that converted lines need not add up to the converted subtotal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub.canonical.errors import BadRecord
from mappings.engine import readers

_OF_LINE = ("lineItemCost", "discountedLineItemCost")
_PER_LINE = ("taxes", "refunds")
_ZERO = re.compile(r"-?0*\.?0*").fullmatch
Found = tuple[str, Mapping[str, Any]]
"""Where an amount stands, and the amount."""


def original(order: Mapping[str, Any]) -> dict[str, Any]:
    """The order with every amount as it was before conversion, the first address, and the total as it was shown.

    Where only some amounts tell what they were before, all are taken as they are shown.
    Raises: BadRecord where an amount of the order is of another currency than its total, however it is read.
    """
    before = {name: _before(value) for name, value in order.items()}
    odd = _other_currency(before)
    if odd and _other_currency(order):
        place, currency, total = odd
        raise BadRecord(f"{place}.currency", currency, f"expected {total}, as in pricingSummary.total")
    found, shown = (order, None) if odd else (before, _shown(order))
    return {**found, "stockline_shown": shown, "stockline_step": _step(found)}


def _before(value: Any) -> Any:
    """Amounts before conversion, at any depth."""
    if isinstance(value, list):
        return [_before(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("convertedFromValue") is not None and value.get("convertedFromCurrency") is not None:
        return {"value": value["convertedFromValue"], "currency": value["convertedFromCurrency"]}
    return {name: _before(child) for name, child in value.items()}


def _other_currency(order: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """(place, currency, currency of the total) of the first amount that is of another currency; nothing has none."""
    amounts = {place: amount for place, amount in _amounts(order) if amount.get("currency") is not None}
    total = amounts.get("pricingSummary.total", {}).get("currency")
    others = ((place, one["currency"], total) for place, one in amounts.items() if not _ZERO(str(one.get("value"))))
    return next((other for other in others if total is not None and other[1] != total), None)


def _amounts(order: Mapping[str, Any]) -> Iterator[Found]:
    """The amounts that the mapping reads."""
    summary = readers.obj(order.get("pricingSummary"), "pricingSummary", ()) or {}
    yield from ((f"pricingSummary.{name}", each) for name, each in summary.items() if isinstance(each, Mapping))
    payments = readers.obj(order.get("paymentSummary"), "paymentSummary", ()) or {}
    yield from _listed(payments, "refunds", "paymentSummary.refunds")
    for at, line in enumerate(readers.items(order.get("lineItems"), "lineItems", ())):
        here, place = readers.element(line, "lineItems[{}]", (at,)), f"lineItems[{at}]"
        yield from ((f"{place}.{name}", here[name]) for name in _OF_LINE if isinstance(here.get(name), Mapping))
        for name in _PER_LINE:
            yield from _listed(here, name, f"{place}.{name}")


def _listed(parent: Mapping[str, Any], name: str, place: str) -> Iterator[Found]:
    for at, each in enumerate(readers.items(parent.get(name), place, ())):
        amount = readers.element(each, f"{place}[{at}]", ()).get("amount")
        if isinstance(amount, Mapping):
            yield f"{place}[{at}].amount", amount


def _shown(order: Mapping[str, Any]) -> Any:
    """The total as the marketplace shows it, where that is a conversion."""
    summary = order.get("pricingSummary")
    total = summary.get("total") if isinstance(summary, Mapping) else None
    return total if isinstance(total, Mapping) and total.get("convertedFromValue") is not None else None


def _step(order: Mapping[str, Any]) -> Any:
    """The first instruction that says where to ship to; eBay splits an order before it gives it two."""
    place = "fulfillmentStartInstructions"
    for at, each in enumerate(readers.items(order.get(place), place, ())):
        step = readers.element(each, f"{place}[{{}}]", (at,)).get("shippingStep")
        if step:
            return step
    return None
