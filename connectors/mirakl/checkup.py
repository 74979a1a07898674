"""Looks at a marketplace's address, key, shop and what the key may do; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.mirakl.client import OFFERS, ORDERS, Seller
from connectors.mirakl.shipments import SHIPMENTS
from connectors.mirakl.stock import IMPORTS
from hub.ports.channel import Finding

ASKED = frozenset({200, 400, 401, 403, 404})
RIGHT = "the key's user may not: give its role the right {}, or ask the marketplace for it"
ANSWER = f"{ORDERS}/stockline-check/accept"
"""An order that nobody has: what is said of it shows whether the key may answer, and changes nothing."""
Trial = tuple[Finding, str, str, Any]
"""What is told where it is refused, and how it is tried: method, path, body."""
TRIALS: tuple[Trial, ...] = (
    (Finding("permission to read orders", False, RIGHT.format("orders: read")), "GET", ORDERS, None),
    (
        Finding("permission to answer and ship orders", False, RIGHT.format("orders: write")),
        *("PUT", ANSWER, {"order_lines": []}),
    ),
    (Finding("permission to read offers", False, RIGHT.format("offers: read")), "GET", OFFERS, None),
    (Finding("permission to write stock", False, RIGHT.format("offers: write")), "GET", f"{IMPORTS}/0/status", None),
)
SEVERAL: Trial = (
    Finding("several parcels of an order", False, "multiple shipments are not switched on there: set parcels to one"),
    *("GET", SHIPMENTS, None),
)


class Checkup:
    """The check of one shop. `several`: as in `Shipments`."""

    def __init__(self, seller: Seller, *, several: bool) -> None:
        self._seller, self._trials = seller, (*TRIALS, SEVERAL) if several else TRIALS

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a wrong address or key ends them."""
        answer = self._seller.call("GET", "/account", accept=ASKED)
        if answer.status in {401, 403}:
            mend = "the marketplace refused the key: make one in its seller portal, under your user name > API key"
            return (Finding("API key", False, mend),)
        if answer.status != 200 or not isinstance(answer.data, Mapping) or "shop_id" not in answer.data:
            mend = "no shop answers there: check shop_url (https://….mirakl.net) and shop_id"
            return (Finding("marketplace", False, mend),)
        return (Finding("marketplace", True), Finding("API key", True), _shop(answer.data), *self._permissions())

    def _permissions(self) -> Iterator[Finding]:
        for refusal, method, path, body in self._trials:
            status = self._seller.call(method, path, json=body, accept=ASKED).status
            denied = status in {401, 403} or (path == SHIPMENTS and status == 404)
            yield refusal if denied else replace(refusal, ok=True, mend="")


def _shop(account: Mapping[str, Any]) -> Finding:
    state, name = account.get("shop_state"), f"{account.get('shop_name')} ({account.get('shop_id')})"
    mend = f"{name} is {state}: open it in the seller portal, or ask the marketplace why it is not open"
    return Finding("shop", state == "OPEN", "" if state == "OPEN" else mend)
