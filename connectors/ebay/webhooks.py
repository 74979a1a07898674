"""Reads eBay's notifications: the signature on the raw bytes first, then what the body says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from connectors.ebay.client import ABSENT, NOTIFICATION, Seller
from connectors.kit.hooks.ecdsa import KeyRing, PublicKey, verify_named
from connectors.kit.hooks.proving import digest_answer, verification_token
from connectors.kit.hooks.signatures import header
from connectors.kit.parts import Prove
from connectors.kit.shop import ReadNotice
from connectors.kit.values import object_in, part_of, text_id
from connectors.kit.wire.paging import known
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time
from hub.ports.channel import Notice

ORDERS, DELETION = "ORDER_CONFIRMATION", "MARKETPLACE_ACCOUNT_DELETION"


def reader(seller: Seller) -> ReadNotice:
    """Reads what eBay sends this seller."""
    return partial(read, keys=KeyRing(partial(key_of, seller)))


def proof(seller: Seller) -> Prove:
    """Answers eBay's challenge."""
    token = verification_token(seller.connection)
    return lambda query, address: digest_answer(query, token, address)


def key_of(seller: Seller, kid: str) -> PublicKey | None:
    """eBay's public key of this id; None where it knows none."""
    told = known(seller.app.call, f"{NOTIFICATION}/public_key/{kid}", absent=ABSENT)
    return None if told is None else PublicKey.read(str(told.get("key")), str(told.get("digest")))


def read(headers: Mapping[str, str], raw: bytes, keys: KeyRing) -> Notice:
    """Verify and read one notification. Raises AuthFailed, BadRecord.

    An order is only named: it is read at once where it stands. A person whose account ended is to be forgotten.
    """
    verify_named(raw, header(headers, "x-ebay-signature"), keys)
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
    ref = text_id(part_of(told, "data").get("orderId"))
    if not ref:
        raise BadRecord("notification.data.orderId", None, "expected the order's id")
    return Notice(event, topic, refetch=(ref,), triggered_at=at)
