"""The sandbox's SQS queue (signed calls in its JSON protocol), and who subscribed it to what."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.amazon.sandbox import shapes
from connectors.amazon.sandbox.errors import AmazonError, invalid, missing
from connectors.amazon.sandbox.shop import Order, Shop
from connectors.kit.auth.aws import Keys, authorization
from connectors.kit.practice.server import Reply, Request

ARN = "arn:aws:sqs:eu-west-1:444455556666:orders"
KEYS = Keys("AKIASANDBOX", "sandbox/secret/of/an/iam/user", "eu-west-1", "sqs")


@dataclass
class Message:
    """One message. shown_at: when it is given again; receives: how often it was given."""

    id: str
    body: str
    shown_at: Any
    receives: int = 0


class Queue:
    """One queue. subscribed: whether order changes go into it; exists: whether it does."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self.messages = shop, dict[str, Message]()
        self.destinations, self.subscription, self.exists = dict[str, str](), "", True
        self._actions: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ReceiveMessage": self._receive,
            "DeleteMessageBatch": self._delete,
            "GetQueueAttributes": lambda body: {"Attributes": {"QueueArn": ARN}},
        }

    def tell(self, order: Order, kind: str) -> None:
        """Amazon sends a notification, where somebody subscribed."""
        if self.subscription:
            number = self._shop.new_id()
            self.put(json.dumps(shapes.change(order, kind, number, self._shop.now())))

    def put(self, body: str) -> None:
        """Something is sent to the queue."""
        ref = f"m{self._shop.new_id()}"
        self.messages[ref] = Message(ref, body, self._shop.now())

    def answer(self, request: Request, url: str) -> Reply:
        """One signed call."""
        told = authorization(KEYS, request.method, f"{url}{request.path}", request.headers, request.body)
        if not hmac.compare_digest(told, request.headers.get("authorization", "")):
            return _fault(403, "InvalidSignatureException", "The request signature we calculated does not match")
        action = self._actions.get(request.headers.get("x-amz-target", "").removeprefix("AmazonSQS."))
        body = json.loads(request.body)
        if action is None or request.headers.get("content-type") != "application/x-amz-json-1.0":
            return _fault(400, "InvalidAction", "The action is not valid for this endpoint.")
        if not self.exists or body.get("QueueUrl") != f"{url}/444455556666/orders":
            return _fault(400, "QueueDoesNotExist", "The specified queue does not exist.")
        with self._shop.lock:
            return Reply.json(action(body))

    def _receive(self, body: dict[str, Any]) -> dict[str, Any]:
        now, found = self._shop.now(), list[dict[str, str]]()
        for message in list(self.messages.values()):
            if message.shown_at <= now and len(found) < int(body.get("MaxNumberOfMessages", 1)):
                message.shown_at = now + timedelta(seconds=int(body.get("VisibilityTimeout", 30)))
                message.receives += 1
                handle = f"{message.id}#{message.receives}"
                found.append({"MessageId": message.id, "ReceiptHandle": handle, "Body": message.body})
        return {"Messages": found} if found else {}

    def _delete(self, body: dict[str, Any]) -> dict[str, Any]:
        entries = body["Entries"]
        for entry in entries:
            self.messages.pop(str(entry["ReceiptHandle"]).partition("#")[0], None)
        return {"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []}

    # ---- notifications ----

    def all_destinations(self) -> dict[str, Any]:
        """getDestinations"""
        return {"payload": [_destination(ref, arn) for ref, arn in self.destinations.items()]}

    def make_destination(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """createDestination"""
        arn = str(body["resourceSpecification"]["sqs"]["arn"])
        if arn in self.destinations.values():
            raise AmazonError(409, "Conflict", "The destination exists.")
        ref = f"destination-{self._shop.new_id()}"
        self.destinations[ref] = arn
        return {"payload": _destination(ref, arn)}

    def subscribed(self) -> dict[str, Any]:
        """getSubscription"""
        if not self.subscription:
            raise missing("Subscription")
        return {
            "payload": {
                "subscriptionId": "subscription-1",
                "payloadVersion": "1.0",
                "destinationId": self.subscription,
            }
        }

    def subscribe(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """createSubscription"""
        if body.get("destinationId") not in self.destinations or body.get("payloadVersion") != "1.0":
            raise invalid("destinationId")
        self.subscription = str(body["destinationId"])
        return self.subscribed()


def _destination(ref: str, arn: str) -> dict[str, Any]:
    return {"destinationId": ref, "name": "stockline", "resource": {"sqs": {"arn": arn}}}


def _fault(status: int, kind: str, message: str) -> Reply:
    return Reply.json({"__type": f"com.amazonaws.sqs#{kind}", "message": message}, status)
