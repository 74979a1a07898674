"""The sandbox shop's webhooks: signed, pinged on creation, and switched off after five failures in a row."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.kit.hooks.signatures import sign_base64
from connectors.kit.practice.deliverer import Deliverer, Delivery
from connectors.kit.practice.sandbox import Faults
from connectors.woocommerce.sandbox.errors import invalid, no_such

TOPICS = frozenset(
    f"{resource}.{event}"
    for resource in ("order", "product", "customer", "coupon")
    for event in ("created", "updated", "deleted", "restored")
)
MAX_FAILURES = 5


@dataclass
class Hook:
    id: int
    name: str
    topic: str
    url: str
    secret: str
    status: str = "active"
    failures: int = 0

    def shape(self) -> dict[str, Any]:
        """The webhook as the API shows it: the secret is write-only."""
        resource, _, event = self.topic.partition(".")
        return {
            "id": self.id, "name": self.name, "status": self.status, "topic": self.topic, "resource": resource,
            "event": event, "hooks": [f"woocommerce_{event}_{resource}"], "delivery_url": self.url,
        }  # fmt: skip


class Hooks:
    """All webhooks of the shop and the thread that delivers them (never retried: WooCommerce does not either)."""

    def __init__(self, faults: Faults, new_id: Callable[[], int], stamp: Callable[[], int]) -> None:
        self._lock = threading.Lock()
        self._new_id, self._stamp = new_id, stamp
        self.all: dict[int, Hook] = {}
        self.deliverer = Deliverer(faults, self._answered, backoff_s=())

    def create(self, body: Mapping[str, Any]) -> Hook:
        """Save a webhook and ping its address. Raises WooError 400."""
        topic, url = str(body.get("topic", "")), str(body.get("delivery_url", ""))
        if topic not in TOPICS:
            raise invalid("topic", "webhook topic must be valid.")
        if not url.startswith(("http://", "https://")):
            raise invalid("delivery_url", "webhook delivery URL must be a valid URL starting with http:// or https://.")
        hook = Hook(self._new_id(), str(body.get("name", "")), topic, url, str(body.get("secret", "")))
        self.all[hook.id] = hook
        ping = {"content-type": "application/x-www-form-urlencoded"}
        self.deliverer.send(Delivery(url, f"webhook_id={hook.id}".encode(), ping, group=str(hook.id)))
        return hook

    def find(self, hook_id: int) -> Hook:
        """Raises WooError 404."""
        if hook_id not in self.all:
            raise no_such("shop_webhook")
        return self.all[hook_id]

    def update(self, hook: Hook, body: Mapping[str, Any]) -> Hook:
        """Change name, secret, address or status; making it active forgets its failures. Raises WooError 400."""
        status = str(body.get("status", hook.status))
        if status not in {"active", "paused", "disabled"}:
            raise invalid("status", "status is not one of active, paused, and disabled.")
        hook.name, hook.secret = str(body.get("name", hook.name)), str(body.get("secret", hook.secret))
        hook.url = str(body.get("delivery_url", hook.url))
        if status == "active" and hook.status != "active":
            hook.failures = 0
        hook.status = status
        return hook

    def ring(self, topic: str, body: Mapping[str, Any], source: str) -> None:
        """Send `body` to every active webhook of this topic."""
        for hook in list(self.all.values()):
            if hook.topic == topic and hook.status == "active":
                raw = json.dumps(body, separators=(",", ":")).encode()
                self.deliverer.send(Delivery(hook.url, raw, self._headers(hook, raw, source), group=str(hook.id)))

    def _headers(self, hook: Hook, raw: bytes, source: str) -> dict[str, str]:
        """As WooCommerce makes them; its delivery id is a hash of webhook and second, the same for a whole second."""
        resource, _, event = hook.topic.partition(".")
        return {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/10.3.0 Hookshot (WordPress/6.9)",
            "X-WC-Webhook-Source": f"{source}/",
            "X-WC-Webhook-Topic": hook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": sign_base64(hook.secret, raw),
            "X-WC-Webhook-ID": str(hook.id),
            "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"{hook.id}{self._stamp()}".encode()).hexdigest()[:32],
        }

    def _answered(self, delivery: Delivery, accepted: bool, final: bool) -> None:
        hook = self.all.get(int(delivery.group))
        if hook is None or not final:
            return
        with self._lock:
            hook.failures = 0 if accepted else hook.failures + 1
            if hook.failures >= MAX_FAILURES and hook.status == "active":
                hook.status = "disabled"
