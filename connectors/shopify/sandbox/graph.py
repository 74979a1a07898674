"""The sandbox's GraphQL endpoint: parse, validate, price, throttle, execute."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
)

from connectors.kit.practice.graphql_server import Documents
from connectors.kit.practice.server import Reply
from connectors.shopify.sandbox.books import Books
from connectors.shopify.sandbox.costs import SINGLE_QUERY_LIMIT, PointBucket, PriceList, objects
from connectors.shopify.sandbox.mutations import Mutations
from connectors.shopify.sandbox.views import Views


@cache
def _documents() -> Documents:
    return Documents(__package__)


def schema() -> GraphQLSchema:
    """The schema of `schema.graphql` beside this file."""
    return _documents().schema


class GraphEndpoint:
    """POST /admin/api/<version>/graphql.json."""

    def __init__(self, books: Books, views: Views, mutations: Mutations, bucket: PointBucket) -> None:
        self._books, self._views, self._mutations, self.bucket = books, views, mutations, bucket

    def answer(self, raw: bytes) -> Reply:
        """Like the platform: errors of GraphQL come with HTTP 200, a body that is no JSON object with 400."""
        asked = _documents().read(raw)
        if asked is None:
            return Reply.json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        if asked.errors or asked.document is None or asked.operation is None:
            return _refused([_told(error) for error in asked.errors])
        return self._priced(asked.document, asked.operation, asked.variables)

    def _priced(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Reply:
        cost = PriceList(schema(), document, variables).cost(operation)
        if cost > SINGLE_QUERY_LIMIT:
            code = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": SINGLE_QUERY_LIMIT}
            words = f"Query cost is {cost}, which exceeds the single query max cost limit ({SINGLE_QUERY_LIMIT})"
            return _refused([{"message": words, "extensions": code}])
        if not self.bucket.take(cost):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return _refused([error], self._costs(cost, None))
        return self._executed(document, operation, variables, cost)

    def _executed(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any], cost: int
    ) -> Reply:
        with self._books.lock:
            writes = operation.operation is OperationType.MUTATION
            root = self._mutations.root() if writes else self._views.root()
            name = operation.name.value if operation.name else None
            result = execute_sync(schema(), document, root, variable_values=dict(variables), operation_name=name)
        actual = min(cost, objects(result.data)) if result.data else 0
        self.bucket.give_back(cost - actual)
        body: dict[str, Any] = {"data": result.data, "extensions": self._costs(cost, actual)}
        if result.errors:
            body["errors"] = [_told(error) for error in result.errors]
        return Reply.json(body)

    def _costs(self, requested: int, actual: int | None) -> dict[str, Any]:
        cost = {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": self.bucket.status()}
        return {"cost": cost}


def _refused(errors: list[dict[str, Any]], extensions: Mapping[str, Any] | None = None) -> Reply:
    return Reply.json({"errors": errors} | ({"extensions": extensions} if extensions else {}))


def _told(error: GraphQLError) -> dict[str, Any]:
    return dict(error.formatted)
