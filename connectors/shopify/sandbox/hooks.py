"""Webhook subscriptions of the sandbox shop: signed bodies, both header spellings, deleted after failed retries."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.kit.hooks.signatures import sign_base64
from connectors.kit.practice.deliverer import BACKOFF_S, Deliverer, Delivery
from connectors.kit.practice.sandbox import Faults
from connectors.shopify.sandbox import rest
from connectors.shopify.sandbox.books import Item, SandboxOrder

MAX_SUBSCRIPTIONS = 200


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic (`ORDERS_CREATE`) and the address it is sent to."""

    id: int
    topic: str
    uri: str
    created_at: datetime


class Hooks:
    """Makes and sends webhooks.

    Args: prefix:      of the header names: "X-Shopify-" or "Shopify-"; the platform uses both.
          location_id: asked for when a stock webhook is written (the books are made after this object).
    """

    def __init__(
        self,
        faults: Faults,
        shop: Callable[[], str],
        secret: str,
        version: str,
        location_id: Callable[[], int],
        *,
        prefix: str,
    ) -> None:
        self.secret, self._prefix = secret, prefix
        self._shop, self._version, self._location_id = shop, version, location_id
        self._lock = threading.Lock()
        self._subscriptions: dict[int, Subscription] = {}
        self.deliverer = Deliverer(faults, self._answered, backoff_s=BACKOFF_S)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        with self._lock:
            return tuple(self._subscriptions.values())

    def subscribe(self, id_: int, topic: str, uri: str) -> Subscription | None:
        """None where this topic is already sent to this address."""
        with self._lock:
            if any((made.topic, made.uri) == (topic, uri) for made in self._subscriptions.values()):
                return None
            if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
                return None
            made = self._subscriptions[id_] = Subscription(id_, topic, uri, datetime.now(UTC).replace(microsecond=0))
            return made

    def unsubscribe(self, id_: int) -> bool:
        with self._lock:
            found = self._subscriptions.pop(id_, None)
        self.deliverer.forget(str(id_))
        return found is not None

    def ring(self, topic: str, subject: SandboxOrder | Item) -> None:
        """Send `topic` ("orders/create") to everybody who asked for it."""
        name = topic.replace("/", "_").upper()
        wanted = [made for made in self.subscriptions if made.topic == name]
        if wanted:
            raw = json.dumps(self._body(topic, subject), ensure_ascii=False, separators=(",", ":")).encode()
            event = str(uuid.uuid4())
            for made in wanted:
                self.deliverer.send(Delivery(made.uri, raw, self.headers(topic, raw, event), str(made.id)))

    def headers(self, topic: str, raw: bytes, event: str) -> dict[str, str]:
        """Signed headers."""
        values = {
            "Topic": topic,
            "Hmac-Sha256": sign_base64(self.secret, raw),
            "Shop-Domain": self._shop(),
            "API-Version": self._version,
            "Webhook-Id": str(uuid.uuid4()),
            "Event-Id": event,
            "Triggered-At": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        return {"Content-Type": "application/json"} | {f"{self._prefix}{name}": value for name, value in values.items()}

    def _body(self, topic: str, subject: SandboxOrder | Item) -> dict[str, Any]:
        if isinstance(subject, Item):
            return self._level(subject)
        if topic == "orders/edited":
            return rest.edit_body(subject)
        if topic == "refunds/create":
            return rest.refund_body(subject)
        if topic == "fulfillments/create":
            return rest.fulfillment_body(subject.fulfillments[-1], subject)
        return rest.order_body(subject)

    def _level(self, item: Item) -> dict[str, Any]:
        return {
            "inventory_item_id": item.inventory_item_id,
            "location_id": self._location_id(),
            "available": item.available,
            "updated_at": rest.stamp(datetime.now(UTC).replace(microsecond=0)),
        }

    def _answered(self, delivery: Delivery, accepted: bool, final: bool) -> None:
        """Like the platform: when the last try of a delivery fails, its subscription is gone."""
        if final and not accepted:
            self.unsubscribe(int(delivery.group))
