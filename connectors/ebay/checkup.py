"""Looks at a seller's keys, scopes, account and locations; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.ebay.client import INVENTORY, ITEMS, ORDERS, Seller, said
from connectors.ebay.subscriptions import Subscriptions
from connectors.kit.checking import Step, StepCheckup, as_allowed, judged
from connectors.kit.trials import Trial, tried
from connectors.kit.values import rows_of
from connectors.kit.wire.http import Answer
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Finding

ONE = {"limit": "1"}
SCOPES = ("sell.fulfillment", "sell.inventory")
REFUND, NOTIFY = "sell.finances", "commerce.notification.subscription"
TRIALS = (
    Trial(Finding("access to orders", False), "GET", ORDERS, query=ONE),
    Trial(Finding("access to inventory", False), "GET", ITEMS, query=ONE),
)


class Checkup(StepCheckup):
    """The check of one seller."""

    def __init__(self, seller: Seller) -> None:
        self._seller, self._subscriptions = seller, Subscriptions(seller)
        self._scopes = (*SCOPES, REFUND) if seller.refund else SCOPES

    def steps(self, callback_url: str | None) -> Iterator[Step]:
        """Keys, scopes, then lists, location and notifications; refused keys and scopes end it."""
        try:
            self._seller.grant()
        except AuthFailed as error:
            mend = f"{error}; enter App ID, Cert ID and refresh token of one keyset, and the api_url that it is for"
            yield Finding("keys and refresh token", False, mend)
            return
        yield Finding("keys and refresh token", True)
        yield tuple(self._seller.consented((*self._scopes, NOTIFY) if callback_url else self._scopes))
        lists = tuple(tried(self._seller.api, TRIALS, _mend))
        rest = as_allowed("inventory location", self._location()) if all(one.ok for one in lists) else ()
        hooks = as_allowed("notifications", self._subscriptions.check(callback_url)) if callback_url else ()
        yield (*lists, *rest, *hooks)

    def _location(self) -> Iterator[Finding]:
        """Offers ship from a location; without one that is enabled nothing can be listed."""
        found = rows_of(self._seller.call("GET", f"{INVENTORY}/location", params={"limit": "100"}).data, "locations")
        enabled = any(row.get("merchantLocationStatus") == "ENABLED" for row in found)
        none = told("there is none: make one with your listing tool")
        mend = told("all are disabled: enable one with your listing tool") if found else none
        yield judged("inventory location", enabled, mend)


def _mend(trial: Trial, answer: Answer) -> str:
    words = said(answer.data)
    return told(f"eBay refused it ({words or answer.status}): is this a seller's account in good standing?")
