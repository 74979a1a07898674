"""eBay shows amounts converted for the marketplace; orders are read in the currency in which they were made.

An amount is `{value, currency}`, and where it was converted also `{convertedFromValue, convertedFromCurrency}`: each is
rounded for itself on conversion, so that converted lines need not add up to the converted subtotal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.canonical.errors import BadRecord
from mappings.engine import readers

_OF_LINE = ("lineItemCost", "discountedLineItemCost")
_PER_LINE = ("taxes", "refunds")
Found = tuple[str, Mapping[str, Any]]
"""Where an amount stands, and the amount."""


def original(order: Mapping[str, Any]) -> dict[str, Any]:
    """The order with every amount as it was before conversion, the first address, and the total as it was shown.

    Raises: BadRecord where an amount of the order is of another currency than its total.
    """
    found = {name: _before(value) for name, value in order.items()}
    _one_currency(found)
    return {**found, "stockline_shown": _shown(order), "stockline_step": _step(found)}


def _before(value: Any) -> Any:
    """Amounts before conversion, at any depth."""
    if isinstance(value, list):
        return [_before(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("convertedFromValue") is not None and value.get("convertedFromCurrency") is not None:
        return {"value": value["convertedFromValue"], "currency": value["convertedFromCurrency"]}
    return {name: _before(child) for name, child in value.items()}


def _one_currency(order: Mapping[str, Any]) -> None:
    amounts = [(place, amount) for place, amount in _amounts(order) if amount.get("currency") is not None]
    total = next((amount["currency"] for place, amount in amounts if place == "pricingSummary.total"), None)
    for place, amount in amounts:
        if total is not None and amount["currency"] != total:
            raise BadRecord(f"{place}.currency", amount["currency"], f"expected {total}, as in pricingSummary.total")


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
