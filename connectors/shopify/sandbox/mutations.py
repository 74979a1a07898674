"""The mutations of the sandbox: as strict as the platform about keys, stale numbers and what remains to be shipped."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from graphql.execution.values import get_directive_values

from connectors.shopify.sandbox.books import Books, Item, Line, SandboxOrder
from connectors.shopify.sandbox.hooks import Hooks
from connectors.shopify.sandbox.views import Views, failure, gid, number, stamp, subscription
from hub.canonical.loopback import is_loopback

KEPT_KEYS = 5_000
LIMIT = 1_000_000_000
MAX_LINES = 250
REASONS = frozenset({"correction", "cycle_count_available", "damaged", "other", "received", "restock", "shrinkage"})
Node = dict[str, Any]


class Mutations:
    """Root of all mutations; every one runs with the books locked."""

    def __init__(self, books: Books, hooks: Hooks, views: Views) -> None:
        self._books, self._hooks, self._views = books, hooks, views
        self._keys: OrderedDict[str, tuple[str, Node]] = OrderedDict()

    def root(self) -> Node:
        """Resolvers of `Mutation`."""
        return {
            "inventorySetQuantities": self.set_quantities,
            "fulfillmentCreate": self.create_fulfillment,
            "orderCancel": self.cancel_order,
            "webhookSubscriptionCreate": self.subscribe,
            "webhookSubscriptionDelete": self.unsubscribe,
        }

    def set_quantities(self, info: Any, input: Mapping[str, Any]) -> Node:
        """Once per key: the same key and variables give the first result again."""
        key, asked = _key(info), json.dumps(input, sort_keys=True)
        if key in self._keys:
            return self._again(*self._keys[key], asked)
        result = self._set_quantities(input)
        self._keys[key] = (asked, result)
        while len(self._keys) > KEPT_KEYS:
            self._keys.popitem(last=False)
        return result

    def _again(self, first_asked: str, result: Node, asked: str) -> Node:
        if first_asked != asked:
            return _stock_refused("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", ["input"], "other parameters under this key")
        if result["userErrors"]:
            return _stock_refused("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", ["input"], "the first try failed")
        return result

    def _set_quantities(self, input_: Mapping[str, Any]) -> Node:
        """All lines or none."""
        lines = input_["quantities"]
        if len(lines) > MAX_LINES:
            raise failure(f"The input array holds {len(lines)}, more than {MAX_LINES}", "MAX_INPUT_SIZE_EXCEEDED")
        if input_["name"] != "available":
            return _stock_refused("INVALID_NAME", ["input", "name"], "The sandbox sets available only.")
        if input_["reason"] not in REASONS:
            return _stock_refused("INVALID_REASON", ["input", "reason"], "The specified reason is invalid.")
        errors = [error for at, line in enumerate(lines) if (error := self._wrong(at, line, lines))]
        if errors:
            return {"inventoryAdjustmentGroup": None, "userErrors": errors}
        for line in lines:
            self._books.set_available(self._item(line), line["quantity"])
        group = {"id": gid("InventoryAdjustmentGroup", self._books.new_id()), "reason": input_["reason"]}
        return {"inventoryAdjustmentGroup": group | {"createdAt": stamp(datetime.now(UTC))}, "userErrors": []}

    def _item(self, line: Mapping[str, Any]) -> Item:
        return self._books.by_inventory_item[number("InventoryItem", line["inventoryItemId"])]

    def _wrong(self, at: int, line: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Node | None:
        if "changeFromQuantity" not in line:
            raise failure(f"quantities {at}: changeFromQuantity must be given, or be null", "BAD_REQUEST")
        item = self._books.by_inventory_item.get(number("InventoryItem", line["inventoryItemId"]))
        expected = line["changeFromQuantity"]
        spots = Counter((row["inventoryItemId"], row["locationId"]) for row in lines)
        checks = (
            (item is None, "INVALID_INVENTORY_ITEM", "inventoryItemId"),
            (number("Location", line["locationId"]) != self._books.location_id, "INVALID_LOCATION", "locationId"),
            (line["quantity"] > LIMIT, "INVALID_QUANTITY_TOO_HIGH", "quantity"),
            (line["quantity"] < -LIMIT, "INVALID_QUANTITY_TOO_LOW", "quantity"),
            (max(spots.values()) > 1, "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "inventoryItemId"),
            (item and expected not in {None, item.available}, "CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity"),
        )
        for wrong, code, field in checks:
            if wrong:
                return {"code": code, "field": ["input", "quantities", str(at), field], "message": code.capitalize()}
        return None

    def create_fulfillment(self, info: Any, fulfillment: Mapping[str, Any], message: str | None = None) -> Node:
        asked = fulfillment["lineItemsByFulfillmentOrder"]
        orders = [self._by_fulfillment_order(group["fulfillmentOrderId"]) for group in asked]
        if not orders or any(order is None or order is not orders[0] for order in orders):
            return _ship_refused("Fulfillment orders must be of one order and one location.")
        order = orders[0]
        takes: Counter[int] = Counter()
        for group in asked:
            takes.update(_takes(order, group.get("fulfillmentOrderLineItems")))
        by_id = {line.fulfillment_line_id: line for line in order.lines}
        wrong = _wrong_takes(order, takes, by_id)
        if wrong:
            return _ship_refused(wrong)
        chosen = [(by_id[id_], pieces) for id_, pieces in takes.items()]
        made = self._books.ship(order, chosen, fulfillment.get("trackingInfo") or {})
        return {"fulfillment": self._views.fulfillment(made), "userErrors": []}

    def _by_fulfillment_order(self, id_: str) -> SandboxOrder:
        order = self._books.by_fulfillment_order.get(number("FulfillmentOrder", id_))
        if order is None:
            raise failure(f"Fulfillment order {id_} does not exist.", "NOT_FOUND")
        return order

    def cancel_order(self, info: Any, orderId: str, reason: str, restock: bool, **_: Any) -> Node:
        order = self._books.orders.get(number("Order", orderId))
        if order is None:
            return _cancel_refused("NOT_FOUND", "Order does not exist")
        if order.cancelled_at:
            return _cancel_refused("INVALID", "Order has already been cancelled")
        if not self._books.cancel(order.id, reason, restock=restock):
            return _cancel_refused("INVALID", "Cannot cancel an order with fulfilled items")
        return {"job": {"id": gid("Job", self._books.new_id()), "done": True}, "orderCancelUserErrors": []}

    def subscribe(self, info: Any, topic: str, webhookSubscription: Mapping[str, Any]) -> Node:
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl") or ""
        if urlsplit(uri).scheme != "https" and not is_loopback(uri):
            return _subscribe_refused("Address protocol http:// is not supported")
        made = self._hooks.subscribe(self._books.new_id(), topic, uri)
        if made is None:
            return _subscribe_refused("Address for this topic has already been taken")
        return {"webhookSubscription": subscription(made), "userErrors": []}

    def unsubscribe(self, info: Any, id: str) -> Node:
        if not self._hooks.unsubscribe(number("WebhookSubscription", id)):
            errors = [{"field": ["id"], "message": "Webhook subscription does not exist"}]
            return {"deletedWebhookSubscriptionId": None, "userErrors": errors}
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}


def _key(info: Any) -> str:
    """The key of `@idempotent`; since 2026-04 inventory mutations fail without it."""
    directive = info.schema.get_directive("idempotent")
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if values is None:
        raise failure("The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST")
    key = str(values["key"])
    if not key.strip():
        raise failure("The idempotency key cannot be empty.", "BAD_REQUEST")
    return key


def _takes(order: SandboxOrder, asked: Sequence[Mapping[str, Any]] | None) -> Counter[int]:
    """Fulfillment line -> pieces; without a list everything that remains."""
    if asked is None:
        return Counter({line.fulfillment_line_id: line.remaining for line in order.lines if line.remaining})
    takes: Counter[int] = Counter()
    for row in asked:
        takes[number("FulfillmentOrderLineItem", row["id"])] += row["quantity"]
    return takes


def _wrong_takes(order: SandboxOrder, takes: Counter[int], by_id: Mapping[int, Line]) -> str:
    if order.cancelled_at or order.done or not takes:
        return "Fulfillment order is not in an open state."
    for id_, pieces in takes.items():
        if id_ not in by_id:
            return "Fulfillment order line item does not exist."
        if not 0 < pieces <= by_id[id_].remaining:
            return "Invalid fulfillment order line item quantity requested."
    return ""


def _stock_refused(code: str, field: list[str], message: str) -> Node:
    return {"inventoryAdjustmentGroup": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def _ship_refused(message: str) -> Node:
    return {"fulfillment": None, "userErrors": [{"field": ["fulfillment"], "message": message}]}


def _cancel_refused(code: str, message: str) -> Node:
    return {"job": None, "orderCancelUserErrors": [{"code": code, "field": ["orderId"], "message": message}]}


def _subscribe_refused(message: str) -> Node:
    errors = [{"field": ["webhookSubscription", "callbackUrl"], "message": message}]
    return {"webhookSubscription": None, "userErrors": errors}
