"""Verifies and reads Shopify's webhooks: signed over the raw bytes, with the present or the former secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.kit.hooks.signatures import header, verify_base64
from connectors.kit.values import moment, object_in, part_of
from connectors.shopify.ids import number
from hub.canonical.errors import BadRecord, Misconfigured
from hub.ports.channel import Notice, RawRecord

MAX_BODY = 5_000_000
Reader = Callable[[Mapping[str, Any], bytes], dict[str, Any]]


def read_webhook(headers: Mapping[str, str], raw: bytes, secrets: Sequence[str]) -> Notice:
    """One webhook whose signature holds.

    Args:    headers: with the names `shopify-*` or `x-shopify-*`, in any case.
             secrets: the app's API secret key, and the former one while it is rotated.
    Returns: `event_id` names the delivery's event and topic: Shopify gives one event id to all topics of one action.
    Raises:  AuthFailed: the signature is missing or wrong. Misconfigured: the app was uninstalled.
             BadRecord: the body cannot be read.
    Source:  shopify.dev "Verify webhook deliveries", "Ignore duplicate webhooks"; shopify-api-ruby webhooks/request.rb.
    """
    verify_base64(raw, named(headers, "hmac-sha256"), secrets)
    topic = (named(headers, "topic") or "").strip().lower()
    event = named(headers, "event-id") or named(headers, "webhook-id") or ""
    found = READERS.get(topic, _nothing)(_body(raw), raw)
    at = moment(named(headers, "triggered-at"), "triggered-at")
    return Notice(f"{event}:{topic}" if event else "", topic, triggered_at=at, **found)


def named(headers: Mapping[str, str], name: str) -> str | None:
    """Shopify's header of this name, with the new prefix or the old one."""
    return header(headers, f"shopify-{name}", f"x-shopify-{name}")


def _body(raw: bytes) -> Mapping[str, Any]:
    if len(raw) > MAX_BODY:
        raise BadRecord("body", f"{len(raw)} bytes", f"expected at most {MAX_BODY}")
    return object_in(raw)


def _whole_order(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    return {"records": (RawRecord(_ref(body), raw, moment(body.get("updated_at"), "updated_at")),)}


def _ref(body: Mapping[str, Any]) -> str:
    """The exact id: Shopify's own examples round the number `id`, but not the text `admin_graphql_api_id`."""
    exact = body.get("admin_graphql_api_id")
    return number(exact, "admin_graphql_api_id") if exact else number(body.get("id"), "id")


def _edited_order(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    edit = body.get("order_edit")
    found = edit.get("order_id") if isinstance(edit, Mapping) else body.get("order_id")
    return {"refetch": (number(found, "order_edit.order_id"),)}


def _thin_order(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    return {"refetch": (number(body.get("order_id"), "order_id"),)}


def _stock_changed(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    return {"stock_changed": (number(body.get("inventory_item_id"), "inventory_item_id"),)}


def _uninstalled(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    raise Misconfigured("the app was uninstalled from this shop: install it again and enter the new access token")


def _redacted(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    return {"forget": (number(part_of(body, "customer").get("id"), "customer.id"),)}


def _nothing(body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    return {}


READERS: Mapping[str, Reader] = {
    "orders/create": _whole_order,
    "orders/updated": _whole_order,
    "orders/paid": _whole_order,
    "orders/cancelled": _whole_order,
    "orders/fulfilled": _whole_order,
    "orders/partially_fulfilled": _whole_order,
    "orders/edited": _edited_order,
    "refunds/create": _thin_order,
    "fulfillments/create": _thin_order,
    "fulfillments/update": _thin_order,
    "inventory_levels/update": _stock_changed,
    "app/uninstalled": _uninstalled,
    "customers/redact": _redacted,
}
"""topic -> what its body holds; topics that are not listed change nothing here."""
