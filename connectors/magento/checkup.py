"""Looks at a shop's address, token, permissions, source and website; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.kit.checking import Step, StepCheckup, door, judged
from connectors.kit.stock.codes import Sources
from connectors.kit.trials import DENIED, TOLD, Trial, permission, tried
from connectors.kit.values import inside, rows_of
from connectors.kit.wire.http import Answer, Api
from connectors.magento.client import criteria, search
from connectors.magento.feed import ORDERS
from connectors.magento.stock import PRODUCTS, SOURCE_ITEMS
from hub.canonical.told import told
from hub.ports.channel import Finding

ONE = {"searchCriteria[pageSize]": "1"}
SOURCES, LINKS = "/V1/inventory/sources", "/V1/inventory/stock-source-links"
ORDER_ACTIONS, STOCKS = "Sales > Operations > Orders > Actions", "Stores > Inventory > Stocks"
SHIPMENTS, EMPTY = "/V1/shipments", {"sourceItems": list[Any]()}
NOTE = {"statusHistory": {"comment": "-", "is_customer_notified": 0, "is_visible_on_front": 0, "parent_id": 0}}
ASSIGN = f"{STOCKS} > Source to Stock Assigning"
TRIALS = (
    permission("permission to read orders", f"{ORDER_ACTIONS} > View", "GET", ORDERS, query=ONE),
    permission("permission to read products", "Catalog > Inventory > Products", "GET", PRODUCTS, query=ONE),
    permission("permission to read sources", "Stores > Inventory > Sources", "GET", SOURCES, query=ONE),
    permission("permission to read stocks", ASSIGN, "GET", LINKS, query=ONE),
    permission("permission to write stock", f"{STOCKS} > Source Item Assigning", "POST", SOURCE_ITEMS, EMPTY),
    permission("permission to read shipments", "Sales > Operations > Shipments", "GET", SHIPMENTS, query=ONE),
    permission("permission to ship", f"{ORDER_ACTIONS} > Ship", "POST", "/V1/order/0/ship", {"items": []}),
    permission("permission to comment", f"{ORDER_ACTIONS} > Comment", "POST", f"{ORDERS}/0/comments", NOTE),
    permission("permission to cancel", f"{ORDER_ACTIONS} > Cancel", "POST", f"{ORDERS}/0/cancel"),
)
"""Order 0 does not exist, and an empty list changes nothing."""
INVOICES = "Sales > Operations > Invoices and Credit Memos"
REFUND = permission("permission to refund", INVOICES, "GET", "/V1/invoices", query=ONE)
QUEUE = "System > Action Logs > Bulk Operations"
BULK = permission("permission to follow the queue", QUEUE, "GET", "/V1/bulk/0/detailed-status")


class Checkup(StepCheckup):
    """The check of one shop. `more`: what the connection's settings need beside the usual permissions."""

    def __init__(self, api: Api, sources: Sources, website: str, more: Sequence[Trial]) -> None:
        self._api, self._sources, self._website, self._trials = api, sources, website, (*TRIALS, *more)

    def steps(self, callback_url: str | None) -> Iterator[Step]:
        """Address and token, then permissions, then sources and website. Magento has no webhooks."""
        yield from door(self._api, ORDERS, ADDRESS, TOKEN, query=ONE, refuses=_is_refused)
        yield tuple(tried(self._api, self._trials, _mend))
        yield (*self._source_findings(), self._website_finding())

    def _source_findings(self) -> Iterator[Finding]:
        rows, _ = search(self._api, SOURCES, criteria("", ""))
        enabled = {str(row.get("source_code")): row.get("enabled") for row in rows}
        for source in self._sources.all:
            if source not in enabled:
                mend = f"the shop has no such source; there are: {', '.join(sorted(enabled)) or 'none'}"
                yield Finding(told(f"source {source}"), False, mend)
            else:
                yield judged(f"source {source}", enabled[source] is not False, "it is disabled: Stores > Sources")

    def _website_finding(self) -> Finding:
        """The website has a stock, and our source is one of that stock's."""
        what, main = f"stock of website {self._website}", self._sources.main
        answer = self._api.call("GET", f"/V1/inventory/stock-resolver/website/{self._website}", accept=TOLD)
        if answer.status in DENIED:
            return Finding(what, False, _mend(permission(what, STOCKS, "GET", ""), answer))
        stock = inside(answer.data, "stock_id") if answer.status == 200 else None
        if stock is None:
            return Finding(what, False, "no stock belongs to that website: check website, then Stores > Stocks")
        links, _ = search(self._api, LINKS, criteria("stock_id", str(stock)))
        linked = main in {row.get("source_code") for row in links}
        return judged(what, linked, f"assign source {main} to stock {stock} in Stores > Stocks")


ADDRESS = Finding(
    "REST API", False, "no REST API answers there: check shop_url and store_code, and let firewalls pass /rest/"
)
TOKEN = Finding(
    "access token",
    False,
    "the shop refused the token: enter the access token of an active integration (System > Extensions > Integrations) "
    "with its consumer key, consumer secret and access token secret, or let it be used alone: Stores > Configuration > "
    "Services > OAuth > Consumer Settings > Allow OAuth Access Tokens to be used as standalone Bearer tokens: Yes",
)


def _is_refused(answer: Answer) -> bool:
    """Whether an answer refuses the token itself: it names no resource."""
    return answer.status in DENIED and not _resource(answer)


def _resource(answer: Answer) -> str:
    """The resource that a refusal names (`Magento_Sales::ship`); "" where the token itself was refused."""
    told = inside(answer.data, "parameters")
    named = rows_of(told if isinstance(told, list) else [told])
    return next((str(row["resources"])[:100] for row in named if row.get("resources")), "")


def _mend(trial: Trial, answer: Answer) -> str:
    named = f" ({_resource(answer)})" if _resource(answer) else ""
    return told(f"the integration may not: tick {trial.refused.mend}{named} in its API tab, then activate it again")
