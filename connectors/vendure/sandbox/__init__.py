"""A shop on this machine that speaks Vendure's Admin API: own books, strict about what it takes, faulty on order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType, execute_sync

from connectors.kit.practice.graphql_server import Asked, Documents
from connectors.kit.practice.sandbox import Faults, Sandbox, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.vendure.sandbox.books import Books
from connectors.vendure.sandbox.mutations import Door, Mutations
from connectors.vendure.sandbox.views import CHANNEL, Views, failure

OPEN_FIELD = "login"


@cache
def _documents() -> Documents:
    return Documents(__package__)


def schema() -> GraphQLSchema:
    """The schema of `schema.graphql` beside this file."""
    return _documents().schema


class VendureSandbox(ShopSandbox):
    """One running shop (protocol: `connectors.kit.practice.sandbox.Sandbox`).

    Args: seed:   makes order codes and the password.
          faults: shared with whoever wants to make them strike.
    """

    channel = "vendure"

    def __init__(self, seed: int = 0, faults: Faults | None = None) -> None:
        chance = random.Random(f"vendure door {seed}")  # noqa: S311 - secrets of a sandbox
        self.books = Books(seed)
        super().__init__(faults or Faults(seed), self.books)
        self.views = Views(self.books)
        self.door = Door("hub", f"pw-{chance.randbytes(8).hex()}")
        self._mutations = Mutations(self.books, self.views, self.door)
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_mutation)

    @property
    def settings(self) -> Mapping[str, str]:
        place = str(self.books.location_id)
        return {"shop_url": self.server.url, "username": self.door.name, "location_id": place}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"password": self.door.password}

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return str(self.books.place(shopper, basket).id)

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.books.edit(int(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.books.cancel(int(ref), None)

    def _set_by_hand(self, sku: str, available: int) -> None:
        item = self.books.items[sku]
        self.books.set_on_hand(item, available + item.allocated)

    def _do(self, request: Request) -> Reply:
        if request.path != "/admin-api" or request.method != "POST":
            return Reply.json({"statusCode": 404, "message": f"Cannot {request.method} {request.path}"}, 404)
        asked = _documents().read(request.body)
        if asked is None:
            return Reply.json({"errors": [{"message": "POST body missing or invalid"}]}, 400)
        if asked.errors or asked.operation is None:
            errors = [_told(error) for error in asked.errors]
            return Reply.json({"errors": errors}, 400)
        refusal = self._refusal(request, asked.operation)
        return Reply.json({"errors": [_told(refusal)], "data": None}) if refusal else self._executed(asked)

    def _refusal(self, request: Request, operation: OperationDefinitionNode) -> GraphQLError | None:
        """The front door: without a session only signing in is answered."""
        if request.headers.get("vendure-token", CHANNEL["token"]) != CHANNEL["token"]:
            return failure("No channel with the provided token could be found", "CHANNEL_NOT_FOUND")
        if request.headers.get("vendure-api-key", "") in self.door.api_keys:
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        fields = {node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)}
        if fields == {OPEN_FIELD} or token in self.door.sessions:
            return None
        return failure("You are not currently authorized to perform this action", "FORBIDDEN")

    def _executed(self, asked: Asked) -> Reply:
        headers: dict[str, str] = {}
        assert asked.document is not None and asked.operation is not None
        with self.books.lock:
            writes = asked.operation.operation is OperationType.MUTATION
            root = self._mutations.root(headers) if writes else self.views.root()
            name = asked.operation.name.value if asked.operation.name else None
            values = dict(asked.variables)
            result = execute_sync(schema(), asked.document, root, variable_values=values, operation_name=name)
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [_told(error) for error in result.errors]
        return Reply.json(body, headers=headers)


def _told(error: GraphQLError) -> dict[str, Any]:
    return dict(error.formatted)


def _is_mutation(request: Request) -> bool:
    """Signing in changes nothing that anybody counts."""
    return b"mutation" in request.body and b"mutation Login" not in request.body


SANDBOX: Callable[[], Sandbox] = VendureSandbox

__all__ = ["SANDBOX", "VendureSandbox", "schema"]
