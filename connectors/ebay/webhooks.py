"""Reads eBay's notifications: the signature on the raw bytes first, then what the body says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from connectors.ebay.client import NOTIFICATION, Seller, one
from connectors.kit.ecdsa import public_key, verify_ecdsa
from connectors.kit.signatures import header
from connectors.kit.values import object_in, part_of, text_id
from hub.canonical.errors import AuthFailed, BadInput, BadRecord
from hub.canonical.times import parse_time
from hub.ports.channel import Notice

ORDERS, DELETION = "ORDER_CONFIRMATION", "MARKETPLACE_ACCOUNT_DELETION"
WORDS = ("alg", "kid", "signature", "digest")
KID = re.compile(r"[A-Za-z0-9-]{1,64}")
KEPT_S = 3600.0
"""eBay asks for a public key to be kept about an hour."""
MOST_UNKNOWN = 100


class Keys:
    """eBay's public keys by id, each asked for once an hour. Safe to share between threads.

    Ids that eBay does not know are remembered too, and only so many are asked for in an hour: anybody can send them.
    """

    def __init__(self, seller: Seller, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seller, self._clock, self._lock = seller, clock, threading.Lock()
        self._known = dict[str, tuple[float, EllipticCurvePublicKey, str]]()
        self._unknown = dict[str, float]()

    def verify(self, raw: bytes, signature: str | None) -> None:
        """Accept a notification that eBay signed. Raises AuthFailed, and what eBay's API raises."""
        told = _opened(signature)
        with self._lock:
            until, key, digest = self._known.get(told["kid"]) or (0.0, None, "")
            if self._clock() >= until:
                key, digest = self._asked(told["kid"])
        if key is None or told["digest"] != digest or told["alg"] != "ecdsa":
            raise AuthFailed("the notification is signed with a key that eBay does not know")
        verify_ecdsa(raw, told["signature"], key, digest)

    def _asked(self, kid: str) -> tuple[EllipticCurvePublicKey | None, str]:
        """The key and its digest; None where eBay knows none of this id."""
        now = self._clock()
        self._unknown = {one: until for one, until in self._unknown.items() if until > now}
        if kid in self._unknown or (kid not in self._known and len(self._unknown) >= MOST_UNKNOWN):
            return None, ""
        answer = self._seller.app.call("GET", f"{NOTIFICATION}/public_key/{kid}", accept={400, 404})
        if answer.status in {400, 404}:
            self._known.pop(kid, None)
            self._unknown[kid] = now + KEPT_S
            return None, ""
        told = one(answer, "getPublicKey")
        key, digest = public_key(str(told.get("key"))), str(told.get("digest"))
        self._known[kid] = (now + KEPT_S, key, digest)
        return key, digest


def read(headers: Mapping[str, str], raw: bytes, keys: Keys) -> Notice:
    """Verify and read one notification. Raises AuthFailed, BadRecord.

    An order is only named: it is read at once where it stands. A person whose account ended is to be forgotten.
    """
    keys.verify(raw, header(headers, "x-ebay-signature"))
    body = object_in(raw)
    topic = str(part_of(body, "metadata").get("topic"))
    told = part_of(body, "notification")
    event, at = text_id(told.get("notificationId")), parse_time(told.get("eventDate"), "notification.eventDate")
    if not event:
        raise BadRecord("notification.notificationId", None, "expected an id")
    if topic == DELETION:
        person = part_of(told, "data")
        names = (text_id(person.get(name)) for name in ("username", "userId"))
        return Notice(event, topic, triggered_at=at, forget=tuple(filter(None, names)))
    if topic != ORDERS:
        return Notice(event, topic, triggered_at=at)
    data = part_of(told, "data")
    ref = text_id(data.get("orderId"))
    if not ref:
        raise BadRecord("notification.data.orderId", None, "expected the order's id")
    return Notice(event, topic, refetch=(ref,), triggered_at=at)


def prove(query: Mapping[str, str], token: str, address: str) -> str:
    """The answer to eBay's challenge: hex SHA-256 of its code, our token and the address, as JSON. Raises BadInput."""
    code = query.get("challenge_code")
    if not code:
        raise BadInput("this address is asked with a challenge_code, and by eBay only")
    return json.dumps({"challengeResponse": hashlib.sha256(f"{code}{token}{address}".encode()).hexdigest()})


def _opened(signature: str | None) -> Mapping[str, str]:
    """What the signature header says: alg, kid, signature, digest. Raises AuthFailed."""
    try:
        text = base64.b64decode((signature or "").encode("ascii"), validate=True)
        told = json.loads(text) if base64.b64encode(text).decode() == signature else {}
    except (ValueError, RecursionError):
        told = {}
    whole = isinstance(told, dict) and all(isinstance(told.get(word), str) for word in WORDS)
    if not whole or not KID.fullmatch(told["kid"]):
        raise AuthFailed("the webhook has no readable signature")
    return told
