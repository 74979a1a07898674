"""Looks at a marketplace's address, key, shop and what the key may do; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.mirakl.client import OFFERS, ORDERS, Seller
from connectors.mirakl.shipments import SHIPMENTS
from connectors.mirakl.stock import IMPORTS
from hub.ports.channel import Finding

NOBODY = "stockline-check"
"""An order that nobody has: what is said of it shows whether the key may do it, and changes nothing."""
ROLES: tuple[tuple[str, str, str, Any, str], ...] = (
    ("read orders", "GET", ORDERS, None, "orders: read"),
    ("answer and ship orders", "PUT", f"{ORDERS}/{NOBODY}/accept", {"order_lines": []}, "orders: write"),
    ("read offers", "GET", OFFERS, None, "offers: read"),
    ("write stock", "GET", f"{IMPORTS}/0/status", None, "offers: write"),
)
"""What, how it is tried, and the right that it needs."""


class Checkup:
    """The check of one shop. `several`: as in `Shipments`."""

    def __init__(self, seller: Seller, *, several: bool) -> None:
        self._seller, self._several = seller, several

    def run(self) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a wrong address or key ends them."""
        answer = self._seller.call("GET", "/account", accept={200, 400, 401, 403, 404})
        if answer.status in {401, 403}:
            mend = "the marketplace refused the key: make one in its seller portal, under your user name > API key"
            return (Finding("API key", False, mend),)
        if answer.status != 200 or not isinstance(answer.data, Mapping) or "shop_id" not in answer.data:
            mend = "no shop answers there: check marketplace_url (https://….mirakl.net) and shop_id"
            return (Finding("marketplace", False, mend),)
        return (Finding("marketplace", True), Finding("API key", True), _shop(answer.data), *self._roles())

    def _roles(self) -> Iterator[Finding]:
        roles = ROLES
        if self._several:
            roles += (("several parcels", "GET", SHIPMENTS, None, "orders: read, or multiple shipments at all"),)
        for what, method, path, body, right in roles:
            answer = self._seller.call(method, path, json=body, accept={200, 400, 401, 403, 404})
            denied = answer.status in {401, 403} or (path == SHIPMENTS and answer.status == 404)
            mend = f"the key's user may not: give its role the right {right}, or ask the marketplace for it"
            yield Finding(f"permission to {what}", not denied, mend if denied else "")


def _shop(account: Mapping[str, Any]) -> Finding:
    state, name = account.get("shop_state"), f"shop {account.get('shop_name')} ({account.get('shop_id')})"
    mend = f"it is {state}: open it in the seller portal, or ask the marketplace why it is not open"
    return Finding(name, state == "OPEN", "" if state == "OPEN" else mend)
