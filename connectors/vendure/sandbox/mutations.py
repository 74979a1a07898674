"""The mutations of the sandbox: as strict as Vendure about states, stock on hand and what remains to be shipped."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.vendure.sandbox.books import Books, Fulfillment, Item, Line, SandboxOrder
from connectors.vendure.sandbox.views import (
    Node,
    Views,
    failure,
    fulfillment_view,
    order_view,
    payment_view,
    refund_view,
)

HANDLER = "manual-fulfillment"


class Door:
    """Who may come in: one user, the sessions made so far, and whoever has one of the keys."""

    def __init__(self, name: str, password: str) -> None:
        self.name, self.password = name, password
        self.sessions: set[str] = set()
        self.api_keys: set[str] = set()

    def sign_in(self, name: str, password: str) -> str | None:
        """A new session's token; None where name or password is wrong."""
        given, good = f"{name}\n{password}".encode(), f"{self.name}\n{self.password}".encode()
        if not hmac.compare_digest(given, good):
            return None
        token = secrets.token_hex(16)
        self.sessions.add(token)
        return token


class Mutations:
    """Root of all mutations; every one runs with the books locked."""

    def __init__(self, books: Books, views: Views, door: Door) -> None:
        self._books, self._views, self._door = books, views, door

    def root(self, headers: dict[str, str]) -> Node:
        """Resolvers of `Mutation`; `headers` are those of the answer: signing in adds the session's token."""
        return {
            "login": lambda info, username, password: self._login(headers, username, password),
            "addFulfillmentToOrder": self._fulfill,
            "transitionFulfillmentToState": self._move,
            "cancelOrder": self._cancel,
            "cancelPayment": self._cancel_payment,
            "refundOrder": self._refund,
            "updateProductVariants": self._update_variants,
        }

    def _login(self, headers: dict[str, str], username: str, password: str) -> Node:
        token = self._door.sign_in(username, password)
        if token is None:
            return _error("InvalidCredentialsError", "INVALID_CREDENTIALS_ERROR", authenticationError="")
        headers["vendure-auth-token"] = token
        return {"__typename": "CurrentUser", "id": "1", "identifier": username, "channels": []}

    def _fulfill(self, info: Any, input: Mapping[str, Any]) -> Node:
        takes: Counter[str] = Counter()
        for row in input["lines"]:
            takes[row["orderLineId"]] += row["quantity"]
        if not takes or not sum(takes.values()):
            return _error("EmptyOrderLineSelectionError", "EMPTY_ORDER_LINE_SELECTION_ERROR")
        found = [
            (order, line) for order in self._books.orders.values() for line in order.lines if str(line.id) in takes
        ]
        if len(found) != len(takes) or len({order.id for order, _ in found}) != 1:
            raise failure("No OrderLine with this id could be found", "ENTITY_NOT_FOUND")
        chosen = [(line, takes[str(line.id)]) for _, line in found]
        wrong = _wrong_takes(chosen) or _wrong_handler(input["handler"])
        if wrong:
            return wrong
        words = {row["name"]: row["value"] for row in input["handler"]["arguments"]}
        made = self._books.fulfill(found[0][0], chosen, words.get("method", ""), words.get("trackingCode", ""))
        return fulfillment_view(made)

    def _move(self, info: Any, id: str, state: str) -> Node:
        order, made = self._fulfillment(id)
        if (made.state, state) != ("Pending", "Shipped"):
            words = f'Cannot transition Fulfillment from "{made.state}" to "{state}"'
            return _transition("FulfillmentStateTransitionError", words, made.state, state)
        self._books.send(order, made)
        return fulfillment_view(made)

    def _fulfillment(self, id_: str) -> tuple[SandboxOrder, Fulfillment]:
        for order in self._books.orders.values():
            for made in order.fulfillments:
                if str(made.id) == id_:
                    return order, made
        raise failure(f"No Fulfillment with the id {id_} could be found", "ENTITY_NOT_FOUND")

    def _cancel(self, info: Any, input: Mapping[str, Any]) -> Node:
        order = self._order(input["orderId"])
        if input.get("lines") is not None:
            raise failure("the sandbox cancels whole orders", "USER_INPUT_ERROR")
        if not any(line.quantity for line in order.lines):
            return _error("EmptyOrderLineSelectionError", "EMPTY_ORDER_LINE_SELECTION_ERROR")
        state = order.state
        if not self._books.cancel(order.id, input.get("reason"), shipping=bool(input.get("cancelShipping"))):
            return _transition("OrderStateTransitionError", "it has fulfillments", state, "Cancelled")
        return order_view(order) | {"lines": [self._views.line(line) for line in order.lines]}

    def _order(self, id_: str) -> SandboxOrder:
        order = self._books.orders.get(int(id_)) if id_.isdigit() else None
        if order is None:
            raise failure(f"No Order with the id {id_} could be found", "ENTITY_NOT_FOUND")
        return order

    def _paid(self, id_: str) -> SandboxOrder:
        for order in self._books.orders.values():
            if str(order.payment.id) == id_:
                return order
        raise failure(f"No Payment with the id {id_} could be found", "ENTITY_NOT_FOUND")

    def _cancel_payment(self, info: Any, id: str) -> Node:
        order = self._paid(id)
        if order.payment.state != "Authorized":
            words = f'Cannot transition Payment from "{order.payment.state}" to "Cancelled"'
            return _transition("PaymentStateTransitionError", words, order.payment.state, "Cancelled")
        self._books.void(order)
        return payment_view(order.payment)

    def _refund(self, info: Any, input: Mapping[str, Any]) -> Node:
        payment, amount = self._paid(input["paymentId"]).payment, input.get("amount") or 0
        if any(input.get(part) is None for part in ("lines", "shipping", "adjustment")):
            raise failure("NOT NULL constraint failed: refund.shipping", "INTERNAL_SERVER_ERROR")
        if not amount:
            return _error("NothingToRefundError", "NOTHING_TO_REFUND_ERROR")
        if amount > payment.left:
            return _error("RefundAmountError", "REFUND_AMOUNT_ERROR", maximumRefundable=payment.left)
        return refund_view(self._books.refund(payment, amount, input.get("reason")))

    def _update_variants(self, info: Any, input: Sequence[Mapping[str, Any]]) -> list[Node]:
        """All of them or none."""
        known = {str(item.id): item for item in self._books.items.values()}
        for row in input:
            if row["id"] not in known:
                raise failure(f"No ProductVariant with the id {row['id']} could be found", "ENTITY_NOT_FOUND")
            if any(level["stockLocationId"] != str(self._books.location_id) for level in row.get("stockLevels") or ()):
                raise failure("No StockLocation with this id could be found", "ENTITY_NOT_FOUND")
        for row in input:
            self._update(known[row["id"]], row)
        return [self._views.variant(known[row["id"]]) for row in input]

    def _update(self, item: Item, row: Mapping[str, Any]) -> None:
        item.track = row.get("trackInventory") or item.track
        for level in row.get("stockLevels") or ():
            self._books.set_on_hand(item, level["stockOnHand"])


def _wrong_takes(chosen: Sequence[tuple[Line, int]]) -> Node | None:
    for line, pieces in chosen:
        if not 0 < pieces <= line.quantity - line.shipped:
            return _error("ItemsAlreadyFulfilledError", "ITEMS_ALREADY_FULFILLED_ERROR")
        if pieces > line.item.on_hand:
            more = {
                "productVariantId": str(line.item.id), "productVariantName": line.item.title,
                "stockOnHand": line.item.on_hand,
            }  # fmt: skip
            return _error("InsufficientStockOnHandError", "INSUFFICIENT_STOCK_ON_HAND_ERROR", **more)
    return None


def _wrong_handler(handler: Mapping[str, Any]) -> Node | None:
    if handler["code"] != HANDLER:
        return _error("InvalidFulfillmentHandlerError", "INVALID_FULFILLMENT_HANDLER_ERROR")
    return None


def _transition(kind: str, words: str, before: str, after: str) -> Node:
    code = {"FulfillmentStateTransitionError": "FULFILLMENT", "OrderStateTransitionError": "ORDER"}.get(kind, "PAYMENT")
    more = {"transitionError": words, "fromState": before, "toState": after}
    return _error(kind, f"{code}_STATE_TRANSITION_ERROR", **more)


def _error(kind: str, code: str, **more: Any) -> Node:
    return {"__typename": kind, "errorCode": code, "message": code} | more
