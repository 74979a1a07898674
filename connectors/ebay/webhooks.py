"""Reads eBay's notifications: the signature on the raw bytes first, then what the body says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from connectors.ebay.client import NOTIFICATION, Seller, one
from connectors.kit.ecdsa import KeyRing, PublicKey
from connectors.kit.signatures import header
from connectors.kit.values import object_in, part_of, text_id
from hub.canonical.errors import AuthFailed, BadInput, BadRecord
from hub.canonical.times import parse_time
from hub.ports.channel import Notice

ORDERS, DELETION = "ORDER_CONFIRMATION", "MARKETPLACE_ACCOUNT_DELETION"
WORDS = ("alg", "kid", "signature", "digest")
KID = re.compile(r"[A-Za-z0-9-]{1,64}")


def key_of(seller: Seller, kid: str) -> PublicKey | None:
    """eBay's public key of this id; None where it knows none."""
    answer = seller.app.call("GET", f"{NOTIFICATION}/public_key/{kid}", accept={400, 404})
    if answer.status in {400, 404}:
        return None
    told = one(answer, "getPublicKey")
    return PublicKey.read(str(told.get("key")), str(told.get("digest")))


def verify(raw: bytes, signature: str | None, keys: KeyRing) -> None:
    """Accept a notification that eBay signed. Raises AuthFailed, and what eBay's API raises."""
    told = _opened(signature)
    key = keys.find(told["kid"])
    if key is None or told["digest"] != key.digest or told["alg"] != "ecdsa":
        raise AuthFailed("the notification is signed with a key that eBay does not know")
    key.verify(raw, told["signature"])


def read(headers: Mapping[str, str], raw: bytes, keys: KeyRing) -> Notice:
    """Verify and read one notification. Raises AuthFailed, BadRecord.

    An order is only named: it is read at once where it stands. A person whose account ended is to be forgotten.
    """
    verify(raw, header(headers, "x-ebay-signature"), keys)
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
