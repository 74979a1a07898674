"""What a query costs and whether the bucket has room: the platform's leaky bucket, with a price list of our own."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MUTATION = 10
SINGLE_QUERY_LIMIT = 1000


class PriceList:
    """Objects cost 1, a connection of n costs the square root of n times one node, a mutation 10 on top."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema, self._variables = schema, variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def cost(self, operation: OperationDefinitionNode) -> int:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - the document was validated
        inside = self._selections(root, operation.selection_set)
        return inside + (MUTATION if operation.operation is OperationType.MUTATION else 0)

    def _selections(self, parent: GraphQLObjectType, selections: SelectionSetNode) -> int:
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(parent, node)
            elif isinstance(node, FragmentSpreadNode):
                total += self._selections(parent, self._fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                total += self._selections(parent, node.selection_set)
        return total

    def _field(self, parent: GraphQLObjectType, node: FieldNode) -> int:
        known = parent.fields.get(node.name.value)
        kind = get_named_type(known.type) if known else None
        if not isinstance(kind, GraphQLObjectType) or node.selection_set is None:
            return 0
        inside = self._selections(kind, node.selection_set)
        if kind.name.endswith("Connection"):
            return 1 + math.ceil(math.sqrt(self._first(node))) * inside
        return inside + (0 if kind.name in {"PageInfo"} or kind.name.endswith("Edge") else 1)

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                if isinstance(argument.value, VariableNode):
                    return int(self._variables.get(argument.value.name.value) or 1)
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
        return 1


def objects(value: Any) -> int:
    """How many objects an answer holds: its actual cost."""
    if isinstance(value, Mapping):
        return 1 + sum(objects(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return sum(objects(item) for item in value)
    return 0


class PointBucket:
    """The shop's cost points."""

    def __init__(self, size: float, rate: float) -> None:
        self.size, self.rate = size, rate
        self._points, self._at = size, time.monotonic()
        self._lock = threading.Lock()

    def take(self, cost: float) -> bool:
        """Spend `cost` if it is there."""
        with self._lock:
            self._refill()
            if cost > self._points:
                return False
            self._points -= cost
            return True

    def give_back(self, points: float) -> None:
        with self._lock:
            self._points = min(self.size, self._points + max(0.0, points))

    def status(self) -> dict[str, float]:
        """`throttleStatus` as the platform writes it."""
        with self._lock:
            self._refill()
            return {"maximumAvailable": self.size, "currentlyAvailable": int(self._points), "restoreRate": self.rate}

    def _refill(self) -> None:
        now = time.monotonic()
        self._points = min(self.size, self._points + (now - self._at) * self.rate)
        self._at = now
