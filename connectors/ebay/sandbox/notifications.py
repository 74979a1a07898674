"""The sandbox's Notification API: whom to warn, destinations that prove themselves, subscriptions, signed messages."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.ebay.sandbox.errors import EbayError
from connectors.ebay.sandbox.shapes import stamp
from connectors.kit.practice.deliverer import Deliverer, Delivery
from connectors.kit.practice.sandbox import Faults
from connectors.kit.practice.server import Reply
from hub.canonical.loopback import is_loopback

ORDERS, DELETION = "ORDER_CONFIRMATION", "MARKETPLACE_ACCOUNT_DELETION"
TOPICS = {ORDERS: "USER", DELETION: "APPLICATION"}
"""Topic -> whose consent it needs: the seller's (USER) or the application's own (APPLICATION)."""
STATUSES = frozenset({"ENABLED", "DISABLED"})
PROOF_S = 5.0
DOMAIN = "API_NOTIFICATION"
Row = dict[str, Any]


class Notifications:
    """Keys, destinations and subscriptions of one application. `offered`: the topics that eBay has for it."""

    def __init__(self, seed: int, faults: Faults, clock: Callable[[], datetime], new_id: Callable[[], int]) -> None:
        number = int.from_bytes(hashlib.sha256(f"{seed}key".encode()).digest()) >> 1
        self._key, self.kid = ec.derive_private_key(number, ec.SECP256R1()), f"9936261a-{seed:04d}"
        self._clock, self._new_id = clock, new_id
        self.alert, self.offered = "", set(TOPICS)
        self.destinations, self.subscriptions = dict[str, Row](), dict[str, Row]()
        self.deliverer = Deliverer(faults, self._answered)

    # ---- what the application asks ----

    def public_key(self, kid: str) -> Reply:
        if kid != self.kid:
            raise _missing(195003, "public key")
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        text = f"-----BEGIN PUBLIC KEY-----{base64.b64encode(der).decode()}-----END PUBLIC KEY-----"
        return Reply.json({"key": text, "algorithm": "ECDSA", "digest": "SHA1"})

    def config(self) -> Reply:
        if not self.alert:
            raise _missing(195030, "config")
        return Reply.json({"alertEmail": self.alert})

    def set_config(self, body: Row) -> Reply:
        if "@" not in str(body.get("alertEmail")):
            raise _wrong(195029, "Invalid or missing alertEmail")
        self.alert = str(body["alertEmail"])
        return Reply(204)

    def topic(self, name: str) -> Reply:
        if name not in self.offered:
            raise _missing(195001, "topic")
        form = {"format": ["JSON"], "deliveryProtocol": "HTTPS", "deprecated": False}
        forms = [{**form, "schemaVersion": "0.9", "deprecated": True}, {**form, "schemaVersion": "1.0"}]
        return Reply.json({"topicId": name, "scope": TOPICS[name], "status": "ENABLED", "supportedPayloads": forms})

    def listed_destinations(self) -> Reply:
        return Reply.json({"total": len(self.destinations), "destinations": list(self.destinations.values())})

    def listed_subscriptions(self, whose: str) -> Reply:
        found = [one for one in self.subscriptions.values() if TOPICS[one["topicId"]] == whose]
        return Reply.json({"total": len(found), "subscriptions": found})

    def save_destination(self, body: Row, ref: str = "") -> Reply:
        """Made, or with `ref` changed; only once its address has proven itself."""
        if not self.alert:
            raise _wrong(195031, "Alert configuration is missing")
        if ref and ref not in self.destinations:
            raise _missing(195015, "destination")
        delivery = body.get("deliveryConfig") or {}
        same = [
            row for row in self.destinations.values() if row["deliveryConfig"]["endpoint"] == delivery.get("endpoint")
        ]
        if any(row["destinationId"] != ref for row in same):
            raise EbayError(409, 195021, "Destination exists for this endpoint", DOMAIN)
        if not body.get("name") or body.get("status") not in STATUSES:
            raise _wrong(195017, "Invalid or missing name or status")
        _prove(str(delivery.get("endpoint")), str(delivery.get("verificationToken")))
        row = {"destinationId": ref or str(self._new_id()), **body}
        self.destinations[row["destinationId"]] = row
        return _saved("destination", row["destinationId"], made=not ref)

    def delete_destination(self, ref: str) -> Reply:
        """Not one that a subscription needs."""
        if ref not in self.destinations:
            raise _missing(195022, "destination")
        if any(one["destinationId"] == ref for one in self.subscriptions.values()):
            raise EbayError(409, 195024, "Destination is in use and cannot be deleted.", DOMAIN)
        del self.destinations[ref]
        return Reply(204)

    def save_subscription(self, body: Row, whose: str, ref: str = "") -> Reply:
        """Made, or with `ref` changed, by the seller (USER) or the application."""
        if ref and ref not in self.subscriptions:
            raise _missing(195010, "subscription")
        row = {**self.subscriptions.get(ref, {}), **body}
        if row.get("topicId") not in self.offered or row.get("status") not in STATUSES:
            raise _wrong(195004, "Invalid or missing topic or status")
        if TOPICS[row["topicId"]] != whose:
            raise EbayError(403, 195011, "Not authorized for this topic", DOMAIN)
        if row.get("destinationId") not in self.destinations:
            raise _wrong(195006, "Invalid or missing destination id")
        payload = row.get("payload") or {}
        if (payload.get("schemaVersion"), payload.get("deliveryProtocol")) != ("1.0", "HTTPS"):
            raise _wrong(195008, "The schema version or the delivery protocol is not supported")
        if not ref and any(one["topicId"] == row["topicId"] for one in self.subscriptions.values()):
            raise EbayError(409, 195012, "The subscription already exists", DOMAIN)
        row = {"subscriptionId": ref or str(self._new_id()), "creationDate": stamp(self._clock()), **row}
        self.subscriptions[row["subscriptionId"]] = row
        return _saved("subscription", row["subscriptionId"], made=not ref)

    # ---- what eBay sends ----

    def order_confirmed(self, order_id: str, line_ids: list[str]) -> None:
        """One notification a line, as eBay sends them."""
        for ref in line_ids:
            self.send(ORDERS, {"orderId": order_id, "orderLineItems": [{"lineItemId": ref}]})

    def send(self, topic: str, data: Mapping[str, Any]) -> None:
        """Signed, to whoever subscribed."""
        now = stamp(self._clock())
        told = {
            "notificationId": f"{secrets.token_hex(16)}_{self._new_id()}", "eventDate": now, "publishDate": now,
            "publishAttemptCount": 1, "data": data,
        }  # fmt: skip
        body = {"metadata": {"topic": topic, "schemaVersion": "1.0", "deprecated": False}, "notification": told}
        raw = json.dumps(body, separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "x-ebay-signature": self.signature(raw)}
        for one in self.subscriptions.values():
            place = self.destinations[one["destinationId"]]
            if (one["topicId"], one["status"], place["status"]) == (topic, "ENABLED", "ENABLED"):
                url = place["deliveryConfig"]["endpoint"]
                self.deliverer.send(Delivery(url, raw, headers, place["destinationId"]))

    def signature(self, raw: bytes) -> str:
        """The header: base64 of JSON with algorithm, key id, signature and digest."""
        signed = self._key.sign(raw, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - what eBay's keys say
        told = {
            "alg": "ecdsa", "kid": self.kid, "signature": base64.b64encode(signed).decode(), "digest": "SHA1",
        }  # fmt: skip
        return base64.b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()

    def _answered(self, delivery: Delivery, accepted: bool, final: bool) -> None:
        """A destination that never answers is marked down."""
        if final and not accepted and delivery.group in self.destinations:
            self.destinations[delivery.group]["status"] = "MARKED_DOWN"


def _prove(endpoint: str, token: str) -> None:
    """Ask the address for the digest of a code, our token and itself. Raises EbayError."""
    if urlsplit(endpoint).scheme != "https" and not is_loopback(endpoint):
        raise _wrong(195020, "Invalid or missing endpoint: it must be https")
    if not 32 <= len(token) <= 80:
        raise _wrong(195021, "Invalid or missing verification token")
    code = secrets.token_hex(8)
    wanted = hashlib.sha256(f"{code}{token}{endpoint}".encode()).hexdigest()
    try:
        answer = requests.get(endpoint, params={"challenge_code": code}, timeout=PROOF_S)
        told = answer.json().get("challengeResponse") if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        told = None
    if told != wanted:
        raise _wrong(195019, "The endpoint did not answer the challenge as expected")


def _saved(kind: str, ref: str, *, made: bool) -> Reply:
    place = {"location": f"https://api.ebay.com/commerce/notification/v1/{kind}/{ref}"}
    return Reply.json({}, 201, place) if made else Reply(204)


def _missing(error_id: int, what: str) -> EbayError:
    return EbayError(404, error_id, f"The {what} does not exist", DOMAIN)


def _wrong(error_id: int, message: str) -> EbayError:
    return EbayError(400, error_id, message, DOMAIN)
