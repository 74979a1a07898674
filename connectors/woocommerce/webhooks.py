"""Reads webhooks: the signature on the raw bytes first, then what the body says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from connectors.kit.hooks.signatures import header, verify_base64
from connectors.kit.orders.reading import is_whole
from connectors.kit.values import id_in, ids_in, object_in
from connectors.woocommerce.feed import REFUNDS, changed_at
from hub.ports.channel import Notice, RawRecord

PING = re.compile(rb"webhook_id=(\d{1,20})")


def read(headers: Mapping[str, str], raw: bytes, secrets: Sequence[str], zone: ZoneInfo) -> Notice:
    """Verify and read one webhook.

    The event id is the shop's delivery id and a digest of the body: WooCommerce's delivery id is the same for
    everything that one webhook sends within a second (`WC_Webhook::get_new_delivery_id`).
    The ping on creation (`webhook_id=...`) is not signed; it says nothing and changes nothing.
    The body's shape says what it is: the topic stands in a header, which is not signed.
    Raises: AuthFailed, Misconfigured (no secret set), BadRecord.
    """
    ping = PING.fullmatch(raw)
    if ping:
        return Notice(f"ping.{ping[1].decode()}", "ping")
    verify_base64(raw, header(headers, "x-wc-webhook-signature"), secrets)
    topic, delivery = (header(headers, f"x-wc-webhook-{name}") or "" for name in ("topic", "delivery-id"))
    body = object_in(raw)
    ref, changed = id_in(body), changed_at(body, zone)
    told = Notice(f"{delivery}.{hashlib.sha256(raw).hexdigest()[:16]}", topic, triggered_at=changed)
    if "line_items" in body and is_whole(body, *REFUNDS):
        return replace(told, records=(RawRecord(ref, raw, changed),))
    if "stock_quantity" in body or topic.startswith("product."):
        return replace(told, stock_changed=(ref, *ids_in(body.get("variations"))))
    return replace(told, refetch=(ref,))
