"""Speaks GraphQL with one shop: cost-based limiter, and one table from Shopify's error codes to ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.wire.graphql import GraphQLShop, error_codes, error_words, operation_name
from connectors.kit.wire.http import Answer, Api
from connectors.kit.wire.limiter import CostBucket
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Conflict,
    InvariantBroken,
    Misconfigured,
    NotFound,
    StocklineError,
    Throttled,
    TimedOut,
)

POINTS_PER_SECOND = 100.0
POINTS = 1000.0
"""What Shopify's smallest plan allows; the first answer corrects both."""

FIRST_GUESS = 50.0
FROZEN = (402, 423)


class GraphQL(GraphQLShop):
    """One shop's GraphQL endpoint.

    Args: api:    base address is the shop's; carries the access token; asks `bucket` before each call.
          bucket: the same limiter, told here what Shopify says about it.
    """

    title = "Shopify"
    errors = {
        "ACCESS_DENIED": lambda words: AuthFailed(f"the app lacks an access scope: {words}"),
        "UNAUTHORIZED": lambda words: AuthFailed(f"Shopify refused the access token: {words}"),
        "SHOP_INACTIVE": lambda words: Misconfigured(f"the shop is not active: {words}"),
        "INTERNAL_SERVER_ERROR": lambda words: ChannelDown(f"Shopify failed: {words}"),
        "TIMEOUT": lambda words: TimedOut(f"Shopify took too long: {words}"),
    }
    """THROTTLED and MAX_COST_EXCEEDED apart."""

    def __init__(self, api: Api, version: str, bucket: CostBucket) -> None:
        super().__init__(api)
        self._bucket = bucket
        self._path = f"/admin/api/{version}/graphql.json"
        self._costs: dict[str, float] = {}
        self._fit: dict[tuple[str, str], int] = {}

    def query(self, document: str, variables: Mapping[str, Any], *, sizes: Sequence[str] = ()) -> Any:
        """Read. `sizes` names the page-size variables: they are halved while Shopify finds the query too costly.

        Returns: the object under `data`.
        Raises:  AuthFailed, Throttled, ChannelDown, TimedOut, Misconfigured, InvariantBroken (our document is wrong).
        """
        asked, name = dict(variables), operation_name(document)
        asked |= {size: min(asked[size], self._fit.get((name, size), asked[size])) for size in sizes}
        while True:
            body = self.reading(lambda: self._post(document, asked, retry=True))
            if "MAX_COST_EXCEEDED" not in error_codes(body) or not _halved(asked, sizes):
                return self.data(body)
            self._fit |= {(name, size): asked[size] for size in sizes}

    def mutate(self, document: str, variables: Mapping[str, Any], *, keyed: bool = False) -> Any:
        """Write, once; `keyed`: the document carries an idempotency key, so that repeating it here is safe."""
        return self.data(self._post(document, variables, retry=keyed))

    def pages(self, document: str, variables: Mapping[str, Any], field: str, sizes: Sequence[str]) -> Iterator[Any]:
        """All pages of the connection under `field`. Raises InvariantBroken where a page points at itself."""
        asked, seen = dict(variables), set[str]()
        while True:
            connection = self.query(document, asked, sizes=sizes)[field]
            yield connection
            after = next_page(connection, seen)
            if after is None:
                return
            asked["after"] = after

    def _post(self, document: str, variables: Mapping[str, Any], *, retry: bool) -> Mapping[str, Any]:
        name = operation_name(document)
        cost = self._costs.get(name, FIRST_GUESS)
        sent = {"query": document, "variables": variables, "operationName": name}
        body = self.body(self._answer(sent, cost, retry))
        self._learn(name, cost, body)
        return body

    def _answer(self, sent: Mapping[str, Any], cost: float, retry: bool) -> Answer:
        try:
            answer = self._api.call("POST", self._path, json=sent, retry=retry, cost=cost, accept=FROZEN)
        except NotFound:
            raise Misconfigured(f"nothing answers at {self._path}; check shop_url and api_version") from None
        if answer.status in FROZEN:
            raise Misconfigured("Shopify has frozen or locked this shop; its owner must settle that with Shopify")
        return answer

    def _learn(self, name: str, guess: float, body: Mapping[str, Any]) -> None:
        """Correct the limiter by `extensions.cost`."""
        cost = (body.get("extensions") or {}).get("cost") or {}
        status = cost.get("throttleStatus") or {}
        requested, actual = cost.get("requestedQueryCost"), cost.get("actualQueryCost")
        if requested is not None:
            self._costs[name] = float(requested)
            self._bucket.refunded(guess - float(actual if actual is not None else 0))
        if status:
            self._bucket.told(
                available=float(status["currentlyAvailable"]),
                size=float(status["maximumAvailable"]),
                rate=float(status["restoreRate"]),
            )

    def refusal(self, body: Mapping[str, Any]) -> StocklineError:
        if "THROTTLED" not in error_codes(body):
            return super().refusal(body)
        wait = _wait(body)
        self._bucket.throttled(wait)
        words = self._api.scrubbed(error_words(body))
        return Throttled(f"Shopify's query cost limit is used up: {words}", retry_after=wait)


def next_page(connection: Mapping[str, Any], seen: set[str]) -> str | None:
    """Where the next page starts, None on the last; `seen` collects. Raises InvariantBroken when it came before."""
    info = connection["pageInfo"]
    if not info["hasNextPage"]:
        return None
    after = str(info["endCursor"])
    if after in seen:
        raise InvariantBroken(f"Shopify's page {after} came twice")
    seen.add(after)
    return after


def refused(errors: Sequence[Mapping[str, Any]], what: str) -> None:
    """Raise Conflict with Shopify's words where a mutation answered with user errors."""
    if errors:
        words = "; ".join(str(error.get("message")) for error in errors)[:300]
        raise Conflict(f"Shopify refused {what}: {words}")


def _wait(body: Mapping[str, Any]) -> float:
    """Seconds until the bucket has room for what was asked."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or FIRST_GUESS) - float(status.get("currentlyAvailable") or 0)
    return max(0.1, missing / max(1.0, float(status.get("restoreRate") or POINTS_PER_SECOND)))


def _halved(variables: dict[str, Any], sizes: Sequence[str]) -> bool:
    """Halve the page sizes that still can be; False when all are 1."""
    large = [name for name in sizes if variables[name] > 1]
    for name in large:
        variables[name] //= 2
    return bool(large)
