"""Looks at a shop's address, token, permissions, source and website; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.http import Answer, Api
from connectors.kit.trials import DENIED, TOLD, Trial, tried
from connectors.kit.values import rows_of
from connectors.magento.client import Sources, criteria, search
from connectors.magento.feed import ORDERS
from connectors.magento.stock import PRODUCTS, SOURCE_ITEMS
from hub.canonical.told import told
from hub.ports.channel import Finding

ONE = {"searchCriteria[pageSize]": "1"}
SOURCES, LINKS = "/V1/inventory/sources", "/V1/inventory/stock-source-links"
ORDER_ACTIONS, STOCKS = "Sales > Operations > Orders > Actions", "Stores > Inventory > Stocks"
SHIPMENTS, EMPTY = "/V1/shipments", {"sourceItems": list[Any]()}
NOTE = {"statusHistory": {"comment": "-", "is_customer_notified": 0, "is_visible_on_front": 0, "parent_id": 0}}
TRIALS: tuple[Trial, ...] = (
    Trial(Finding("permission to read orders", False, f"{ORDER_ACTIONS} > View"), "GET", ORDERS, query=ONE),
    Trial(Finding("permission to read products", False, "Catalog > Inventory > Products"), "GET", PRODUCTS, query=ONE),
    Trial(Finding("permission to read sources", False, "Stores > Inventory > Sources"), "GET", SOURCES, query=ONE),
    Trial(
        Finding("permission to read stocks", False, f"{STOCKS} > Source to Stock Assigning"), "GET", LINKS, query=ONE
    ),
    Trial(
        Finding("permission to write stock", False, f"{STOCKS} > Source Item Assigning"), "POST", SOURCE_ITEMS, EMPTY
    ),
    Trial(
        Finding("permission to read shipments", False, "Sales > Operations > Shipments"), "GET", SHIPMENTS, query=ONE
    ),
    Trial(Finding("permission to ship", False, f"{ORDER_ACTIONS} > Ship"), "POST", "/V1/order/0/ship", {"items": []}),
    Trial(Finding("permission to comment", False, f"{ORDER_ACTIONS} > Comment"), "POST", f"{ORDERS}/0/comments", NOTE),
    Trial(Finding("permission to cancel", False, f"{ORDER_ACTIONS} > Cancel"), "POST", f"{ORDERS}/0/cancel"),
)
"""Order 0 does not exist, and an empty list changes nothing."""
INVOICES = "Sales > Operations > Invoices and Credit Memos"
REFUND = Trial(Finding("permission to refund", False, INVOICES), "GET", "/V1/invoices", query=ONE)
QUEUE = "System > Action Logs > Bulk Operations"
BULK = Trial(Finding("permission to follow the queue", False, QUEUE), "GET", "/V1/bulk/0/detailed-status")


class Checkup:
    """The check of one shop. `more`: what the connection's settings need beside the usual permissions."""

    def __init__(self, api: Api, sources: Sources, website: str, more: Sequence[Trial]) -> None:
        self._api, self._sources, self._website, self._trials = api, sources, website, (*TRIALS, *more)

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a refused token or address ends them.

        Magento has no webhooks, so `callback_url` is for nothing.
        """
        answer = self._api.call("GET", ORDERS, params=ONE, accept={401, 403, 404})
        if answer.status == 404:
            mend = "no REST API answers there: check shop_url and store_code, and let firewalls pass /rest/"
            return (Finding("REST API", False, mend),)
        if answer.status != 200 and not _resource(answer):
            return (Finding("access token", False, _TOKEN),)
        allowed = tuple(tried(self._api, self._trials, _mend))
        rest = (*self._source_findings(), self._website_finding()) if all(one.ok for one in allowed) else ()
        return (Finding("REST API", True), Finding("access token", True), *allowed, *rest)

    def _source_findings(self) -> Iterator[Finding]:
        rows, _ = search(self._api, SOURCES, criteria("", ""))
        enabled = {str(row.get("source_code")): row.get("enabled") for row in rows}
        for source in dict.fromkeys((self._sources.main, *self._sources.by_warehouse.values())):
            if source not in enabled:
                mend = f"the shop has no such source; there are: {', '.join(sorted(enabled)) or 'none'}"
                yield Finding(told(f"source {source}"), False, mend)
            else:
                off = enabled[source] is False
                yield Finding(f"source {source}", not off, "it is disabled: Stores > Sources" if off else "")

    def _website_finding(self) -> Finding:
        """The website has a stock, and our source is one of that stock's."""
        what = f"stock of website {self._website}"
        answer = self._api.call("GET", f"/V1/inventory/stock-resolver/website/{self._website}", accept=TOLD)
        if answer.status in DENIED:
            return Finding(what, False, _mend(Trial(Finding(what, False, STOCKS), "GET", ""), answer))
        stock = answer.data.get("stock_id") if answer.status == 200 and isinstance(answer.data, Mapping) else None
        if stock is None:
            return Finding(what, False, "no stock belongs to that website: check website, then Stores > Stocks")
        links, _ = search(self._api, LINKS, criteria("stock_id", str(stock)))
        if self._sources.main not in {row.get("source_code") for row in links}:
            return Finding(what, False, f"assign source {self._sources.main} to stock {stock} in Stores > Stocks")
        return Finding(what, True)


_TOKEN = (
    "the shop refused the token: enter the access token of an active integration (System > Extensions > Integrations) "
    "with its consumer key, consumer secret and access token secret, or let it be used alone: Stores > Configuration > "
    "Services > OAuth > Consumer Settings > Allow OAuth Access Tokens to be used as standalone Bearer tokens: Yes"
)


def _resource(answer: Answer) -> str:
    """The resource that a refusal names (`Magento_Sales::ship`); "" where the token itself was refused."""
    told = answer.data.get("parameters") if isinstance(answer.data, Mapping) else None
    named = rows_of(told if isinstance(told, list) else [told])
    return next((str(row["resources"])[:100] for row in named if row.get("resources")), "")


def _mend(trial: Trial, answer: Answer) -> str:
    named = f" ({_resource(answer)})" if _resource(answer) else ""
    return told(f"the integration may not: tick {trial.refused.mend}{named} in its API tab, then activate it again")
