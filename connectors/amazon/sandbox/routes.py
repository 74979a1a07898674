"""The sandbox account's API: which request does what, and which role it needs; what it does not know, it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from connectors.amazon.operations import OPERATIONS
from connectors.amazon.sandbox import shapes
from connectors.amazon.sandbox.errors import AmazonError, invalid, missing
from connectors.amazon.sandbox.feeds import STUBBORN, Feeds
from connectors.amazon.sandbox.finances import Finances
from connectors.amazon.sandbox.login import Login
from connectors.amazon.sandbox.queue import Queue
from connectors.amazon.sandbox.shop import MARKETPLACE, SELLER, Listing, Order, Package, Shop
from connectors.kit.practice.server import Reply, Request
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time

PAGED = 1000
DATASETS = frozenset(
    {
        "BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX",
        "PAYMENT", "FULFILLMENT_ORDERS",
    }
)  # fmt: skip
REASONS = frozenset(
    {"NO_INVENTORY", "BUYER_CANCELLED", "SHIPPING_ADDRESS_UNDELIVERABLE", "CUSTOMER_EXCHANGE", "PRICING_ERROR"}
)
LIMIT = "x-amzn-RateLimit-Limit"


class Route(NamedTuple):
    """One operation: its pattern, the role that it needs, and what answers it."""

    operation: str
    pattern: re.Pattern[str]
    role: str
    handler: Callable[..., Reply]


class Routes:
    """Answers a request. Raises AmazonError for what Amazon refuses.

    loop_pages: every page of orders says that more follow, and it is the same again.
    rates:      operation -> calls a second that its answers name; by itself those of Amazon's models.
    ended:      page tokens of orders that are not taken any more.
    hides:      datasets of orders that do not show yet.
    """

    def __init__(
        self, shop: Shop, login: Login, feeds: Feeds, queue: Queue, finances: Finances, url: Callable[[], str]
    ) -> None:
        self._shop, self._login, self._feeds, self._queue, self._url = shop, login, feeds, queue, url
        self.loop_pages, self.ended, self.hides = False, False, set[str]()
        self.rates = {name: one.rate for name, one in OPERATIONS.items()}
        self._until = dict[str, datetime]()
        handlers: Mapping[str, tuple[str, Callable[..., Reply]]] = {
            "searchOrders": ("orders", self._orders),
            "getOrder": ("orders", self._order),
            "cancelOrder": ("orders", self._cancel),
            "confirmShipment": ("orders", self._ship),
            "listTransactions": ("finance", lambda r: Reply.json(finances.transactions(r.query))),
            "searchListingsItems": ("listings", self._listings),
            "getListingsItem": ("listings", self._listing),
            "patchListingsItem": ("listings", self._patch),
            "createFeedDocument": ("listings", lambda r: Reply.json(feeds.new_document(url()), 201)),
            "createFeed": ("listings", lambda r: Reply.json(feeds.make(_body(r)), 202)),
            "getFeed": ("listings", lambda r, ref: Reply.json(feeds.state(ref))),
            "getFeedDocument": ("listings", lambda r, ref: Reply.json(feeds.where(ref, url()))),
            "getSubscription": ("notifications", lambda r, kind: Reply.json(queue.subscribed())),
            "createSubscription": ("notifications", lambda r, kind: Reply.json(queue.subscribe(_body(r)))),
            "getDestinations": ("notifications", lambda r: Reply.json(queue.all_destinations())),
            "createDestination": ("notifications", lambda r: Reply.json(queue.make_destination(_body(r)))),
        }
        self._routes = [
            Route(name, re.compile(re.sub(r"\{\w+\}", "([^/]+)", OPERATIONS[name].path)), role, handler)
            for name, (role, handler) in handlers.items()
        ]

    def answer(self, request: Request) -> Reply:
        """Dispatch on method and path."""
        for route in self._routes:
            match, what = route.pattern.fullmatch(request.path), OPERATIONS[route.operation]
            if match and what.method == request.method:
                self._login.admit(request, route.role, grantless=what.grantless)
                with self._shop.lock:
                    reply = self._handled(route, request, [unquote(part) for part in match.groups()])
                return Reply(reply.status, reply.body, {**reply.headers, LIMIT: str(self.rates[route.operation])})
        raise missing(request.path)

    def _handled(self, route: Route, request: Request, parts: Sequence[str]) -> Reply:
        try:
            return route.handler(request, *parts)
        except (KeyError, TypeError, ValueError):
            raise invalid("a field is missing, or of another kind") from None

    # ---- orders ----

    def _included(self, request: Request) -> Sequence[str]:
        included = tuple(filter(None, request.query.get("includedData", "").split(",")))
        if not DATASETS.issuperset(included):
            raise invalid("includedData")
        if {"BUYER", "RECIPIENT"} & set(included):
            self._login.want("buyers")
        return [name for name in included if name not in self.hides]

    def _orders(self, request: Request) -> Reply:
        """A search gives what it was when it began; an order that changed since has left it."""
        query, included = request.query, self._included(request)
        since, token = _time(query.get("lastUpdatedAfter")), query.get("paginationToken", "")
        if query.get("marketplaceIds") != MARKETPLACE or since > self._shop.now():
            raise invalid("marketplaceIds or lastUpdatedAfter")
        if "createdAfter" in query or not 1 <= int(query.get("maxResultsPerPage", "100")) <= 100:
            raise invalid("createdAfter or maxResultsPerPage")
        if token and (self.ended or token.partition("-")[0] not in self._until):
            raise invalid("paginationToken")
        search, offset = token.partition("-")[::2] if token else (self._new_search(), "0")
        until, size = self._until[search], int(query.get("maxResultsPerPage", "100"))
        found = sorted(
            (one for one in self._shop.orders.values() if since <= one.updated <= until), key=lambda one: one.updated
        )
        page = found[int(offset) : int(offset) + size]
        more = self.loop_pages or int(offset) + size < len(found)
        body = {
            "orders": [shapes.order(one, included) for one in (found[:size] if self.loop_pages else page)],
            "lastUpdatedBefore": shapes.stamp(self._shop.now()),
        }
        following = {"nextToken": f"{search}-{int(offset) + size}"} if more else {}
        return Reply.json(body | ({"pagination": following} if following else {}))

    def _new_search(self) -> str:
        name = f"s{self._shop.new_id()}"
        self._until[name] = self._shop.now()
        return name

    def _order(self, request: Request, ref: str) -> Reply:
        included = self._included(request)
        return Reply.json({"order": shapes.order(self._shop.order(ref), included)})

    def _cancel(self, request: Request, ref: str) -> Reply:
        reason = _body(request)["cancelReasonCode"]
        if reason not in REASONS:
            raise invalid("cancelReasonCode")
        self._shop.refuse(self._shop.order(ref), reason)
        return Reply(202)

    def _ship(self, request: Request, ref: str) -> Reply:
        body = _body(request)
        told, order = body["packageDetail"], self._shop.order(ref)
        _time(told.get("shipDate"))
        if body["marketplaceId"] != MARKETPLACE or not str(told["packageReferenceId"]).isdigit():
            raise invalid("marketplaceId or packageReferenceId")
        if not told["trackingNumber"] or (told["carrierCode"] == "Other" and not told.get("carrierName")):
            raise invalid("trackingNumber is required, and carrierName when carrierCode is Other")
        self._shop.ship(order, _package(told, order))
        return Reply(204)

    # ---- listings ----

    def _of(self, seller: str, request: Request) -> None:
        if seller != SELLER or request.query.get("marketplaceIds") != MARKETPLACE:
            raise AmazonError(400, "BAD_REQUEST", "Invalid input", "sellerId or marketplaceIds")

    def _listings(self, request: Request, seller: str) -> Reply:
        self._of(seller, request)
        query, size = request.query, int(request.query.get("pageSize", "10"))
        if not 1 <= size <= 20 or (query.get("identifiersType") == "SKU") != ("identifiers" in query):
            raise invalid("pageSize or identifiers")
        wanted = query["identifiers"].split(",") if "identifiers" in query else None
        since = _time(query["createdAfter"]) if "createdAfter" in query else None
        found = [
            one
            for one in self._shop.listings.values()
            if (wanted is None or one.sku in wanted) and (since is None or one.created >= since)
        ]
        found.sort(key=lambda one: (one.created, one.sku))
        return Reply.json(self._paged(found, query, size))

    def _paged(self, found: Sequence[Listing], query: Mapping[str, str], size: int) -> dict[str, Any]:
        offset, included = int(query.get("pageToken") or 0), query.get("includedData", "summaries").split(",")
        page, following = found[offset : offset + size], offset + size
        for one in page:
            one.look()
        more = following < min(len(found), PAGED)
        body = {"numberOfResults": len(found), "items": [shapes.listing(one, included) for one in page]}
        return body | ({"pagination": {"nextToken": str(following)}} if more else {})

    def _listing(self, request: Request, seller: str, sku: str) -> Reply:
        self._of(seller, request)
        found = self._shop.listing(sku)
        found.look()
        return Reply.json(shapes.listing(found, request.query.get("includedData", "summaries").split(",")))

    def _patch(self, request: Request, seller: str, sku: str) -> Reply:
        self._of(seller, request)
        issues = list[dict[str, Any]]()
        if sku in self._feeds.stubborn:
            issue = {"code": "90000900", "message": STUBBORN, "severity": "ERROR", "categories": ["INVALID_ATTRIBUTE"]}
            issues.append(issue)
        else:
            self._feeds.patch(sku, _body(request))
        told = {"sku": sku, "status": "INVALID" if issues else "ACCEPTED", "submissionId": f"s-{self._shop.new_id()}"}
        return Reply.json({**told, "issues": issues})


def _package(told: Mapping[str, Any], order: Order) -> Package:
    pieces = {str(row["orderItemId"]): int(row["quantity"]) for row in told["orderItems"]}
    if not pieces:
        raise invalid(f"orderItems of order {order.id}")
    name = told.get("carrierName") or told["carrierCode"]
    return Package(str(told["packageReferenceId"]), pieces, told["shipDate"], name, told["trackingNumber"])


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not request.headers.get("content-type", "").startswith("application/json"):
        raise invalid("the body is no JSON object")
    return body


def _time(text: Any) -> datetime:
    try:
        return parse_time(text, "time")
    except BadRecord:
        raise invalid("a time is not in ISO 8601") from None
