"""Looks at a seller's keys, scopes, account and locations; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.ebay.client import INVENTORY, ITEMS, ORDERS, Seller, said
from hub.canonical.errors import AuthFailed
from hub.ports.channel import Finding

SCOPES = {"sell.fulfillment": ORDERS, "sell.inventory": ITEMS}
"""What the seller must have consented to, and a list that it opens."""
REFUND = "sell.finances"
CONSENT = "the seller has not consented to it: make a new refresh token with the scopes {}"


class Checkup:
    """The check of one seller. `refund`: whether refused orders are paid back."""

    def __init__(self, seller: Seller, *, refund: bool) -> None:
        self._seller, self._scopes = seller, (*SCOPES, *((REFUND,) if refund else ()))

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; refused keys end them.

        eBay notifies nobody of a seller's orders, so `callback_url` is for nothing.
        """
        try:
            self._seller.grant()
        except AuthFailed as error:
            mend = (
                f"{error}; enter App ID, Cert ID and refresh token of one keyset, all of production or all of eBay's "
                "sandbox (api_url)"
            )
            return (Finding("keys and refresh token", False, mend),)
        scopes = tuple(self._scope(scope) for scope in self._scopes)
        rest = (*self._lists(), self._location()) if all(one.ok for one in scopes) else ()
        return (Finding("keys and refresh token", True), *scopes, *rest)

    def _scope(self, scope: str) -> Finding:
        """A token for one scope alone is given only where the seller consented to that scope."""
        try:
            self._seller.grant(scope)
        except AuthFailed:
            return Finding(f"scope {scope}", False, CONSENT.format(", ".join(self._scopes)))
        return Finding(f"scope {scope}", True)

    def _lists(self) -> Iterator[Finding]:
        for scope, path in SCOPES.items():
            what = f"access to {path.rpartition('/')[2]}s"
            answer = self._seller.call("GET", path, params={"limit": "1"}, accept={400, 403, 404})
            told = said(answer.data) if answer.status >= 400 and isinstance(answer.data, Mapping) else ""
            mend = f"eBay refused it ({told or answer.status}): is the account a seller's, and {scope} granted?"
            yield Finding(what, answer.status < 400, "" if answer.status < 400 else mend)

    def _location(self) -> Finding:
        """Offers ship from a location; without one that is enabled nothing can be listed."""
        data = self._seller.call("GET", f"{INVENTORY}/location", params={"limit": "100"}).data
        listed = data.get("locations") if isinstance(data, Mapping) else None
        states = [row.get("merchantLocationStatus") for row in listed or () if isinstance(row, Mapping)]
        if "ENABLED" in states:
            return Finding("inventory location", True)
        why = "all are disabled: enable one" if states else "there is none: make one"
        return Finding("inventory location", False, f"{why} (createInventoryLocation, or your listing tool)")
