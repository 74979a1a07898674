"""eBay shows amounts converted for the marketplace; orders are read in the currency in which they were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.engine.one_currency import Amounts

_AMOUNTS = Amounts(
    "pricingSummary.total",
    (
        "pricingSummary.*",
        "paymentSummary.refunds[].amount",
        "lineItems[].lineItemCost",
        "lineItems[].discountedLineItemCost",
        "lineItems[].taxes[].amount",
        "lineItems[].refunds[].amount",
    ),
    before=("convertedFromValue", "convertedFromCurrency"),
)


def original(order: Mapping[str, Any]) -> dict[str, Any]:
    """The order with every amount as it was before conversion, and the total as it was shown.

    Raises: BadRecord where an amount of the order is of another currency than its total, however it is read.
    """
    found, shown = _AMOUNTS.original(order)
    return {**found, "stockline_shown": shown}
