"""Reads webhooks: the signature on the raw bytes first, then what the body says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.signatures import header, verify_base64
from connectors.kit.values import object_in, text_id
from connectors.woocommerce.feed import changed_at, has_thin_refunds
from hub.canonical.errors import BadRecord
from hub.ports.channel import Notice, RawRecord

PING = re.compile(rb"webhook_id=(\d{1,20})")


def read(headers: Mapping[str, str], raw: bytes, secrets: Sequence[str], zone: ZoneInfo) -> Notice:
    """Verify and read one webhook.

    The event id is the shop's delivery id and a digest of the body: WooCommerce's delivery id is the same for
    everything that one webhook sends within a second (`WC_Webhook::get_new_delivery_id`).
    The ping on creation (`webhook_id=...`) is not signed; it says nothing and changes nothing.
    Raises: AuthFailed, Misconfigured (no secret set), BadRecord.
    """
    ping = PING.fullmatch(raw)
    if ping:
        return Notice(f"ping.{ping[1].decode()}", "ping")
    verify_base64(raw, header(headers, "x-wc-webhook-signature"), secrets)
    topic = header(headers, "x-wc-webhook-topic") or ""
    delivery = header(headers, "x-wc-webhook-delivery-id") or ""
    return _notice(_body(raw), raw, topic, f"{delivery}.{hashlib.sha256(raw).hexdigest()[:16]}", zone)


def _body(raw: bytes) -> Mapping[str, Any]:
    body = object_in(raw)
    if not text_id(body.get("id")):
        raise BadRecord("id", body.get("id"), "expected an object with an id")
    return body


def _notice(body: Mapping[str, Any], raw: bytes, topic: str, event_id: str, zone: ZoneInfo) -> Notice:
    """The body's shape says what it is: the topic stands in a header, which is not signed."""
    ref, changed = text_id(body["id"]), changed_at(body, zone)
    if "line_items" in body and not has_thin_refunds(body):
        return Notice(event_id, topic, records=(RawRecord(ref, raw, changed),), triggered_at=changed)
    if "stock_quantity" in body or topic.startswith("product."):
        variations = body.get("variations")
        own = [text_id(one) for one in variations] if isinstance(variations, list) else []
        return Notice(event_id, topic, stock_changed=(ref, *(one for one in own if one)), triggered_at=changed)
    return Notice(event_id, topic, refetch=(ref,), triggered_at=changed)
