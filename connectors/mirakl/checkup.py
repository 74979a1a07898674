"""Looks at a marketplace's address, key, shop and what the key may do; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.trials import DENIED, TOLD, Trial, tried
from connectors.kit.wire.http import Answer
from connectors.mirakl.client import OFFERS, ORDERS, Seller
from connectors.mirakl.shipments import SHIPMENTS
from connectors.mirakl.stock import IMPORTS
from hub.canonical.told import told
from hub.ports.channel import Finding

ANSWER, STATUS, NONE = f"{ORDERS}/stockline-check/accept", f"{IMPORTS}/0/status", {"order_lines": list[Any]()}
TRIALS = (
    Trial(Finding("permission to read orders", False, "orders: read"), "GET", ORDERS),
    Trial(Finding("permission to answer and ship orders", False, "orders: write"), "PUT", ANSWER, NONE),
    Trial(Finding("permission to read offers", False, "offers: read"), "GET", OFFERS),
    Trial(Finding("permission to write stock", False, "offers: write"), "GET", STATUS),
)
"""An order and an import that nobody has: what is said of them shows whether the key may do it, and changes nothing."""
SINGLE = told("multiple shipments are not switched on there, or not for this key: set parcels to one")
SEVERAL = Trial(Finding("several parcels of an order", False, SINGLE), "GET", SHIPMENTS, fine={200})
KEY = told("the marketplace refused the key: make one in its seller portal, under your user name > API key")


class Checkup:
    """The check of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a wrong address or key ends them."""
        answer = self._seller.call("GET", "/account", accept=TOLD)
        if answer.status in DENIED:
            return (Finding("API key", False, KEY),)
        if answer.status != 200 or not isinstance(answer.data, Mapping) or "shop_id" not in answer.data:
            return (Finding("marketplace", False, told("no shop answers there: check shop_url and shop_id")),)
        rights = (*tried(self._seller, TRIALS, _mend), *tried(self._seller, [SEVERAL] if self._seller.several else []))
        return (Finding("marketplace", True), Finding("API key", True), _shop(answer.data), *rights)


def _mend(trial: Trial, answer: Answer) -> str:
    mend = trial.refused.mend
    return told(f"the key's user may not: give its role the right {mend}, or ask the marketplace for it")


def _shop(account: Mapping[str, Any]) -> Finding:
    state, name = account.get("shop_state"), f"{account.get('shop_name')} ({account.get('shop_id')})"
    mend = f"{name} is {state}: open it in the seller portal, or ask the marketplace why it is not open"
    return Finding("shop", state == "OPEN", "" if state == "OPEN" else mend)
