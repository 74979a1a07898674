"""What WooCommerce documents, as a specification: it publishes none that a machine can read.

Names and kinds of fields are those of the examples of its documentation (`docs_examples_v3.json`) and, for the plug-in
that tracks shipments, of captured answers. What no example shows stands below, each with its source. A number may come
as text, as plug-ins write it (shop's captured answers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from tests.connectors.openapi import Specification
from tests.connectors.schemas import Json
from tests.fixtures.data import shared_data_path

FOLDER = shared_data_path() / "woocommerce"
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
FLAG: Json = {"type": "boolean"}
ORDER_MORE: Json = {
    "is_editable": FLAG, "needs_payment": FLAG, "needs_processing": FLAG, "payment_url": TEXT, "_links": {},
    "date_created_gmt": TEXT, "currency_symbol": TEXT,
}  # fmt: skip
"""Source: `ios_fixtures/order.json`, captured; docs_orders.md, "Order properties", and of its parts: a method's
`instance_id`, a refund's `reason`, the phone of `shipping` (since 5.6)."""
PRODUCT_MORE: Json = {"global_unique_id": TEXT, "name": TEXT, "type": TEXT, "parent_id": WHOLE, "error": {}}
"""Source: WC_REST_Products_V2_Controller and WC_REST_Product_Variations_Controller (`global_unique_id` since 9.2; name,
type and parent of a variation since 8.4); `error` of a batch: documentation, "Batch update products"."""
LINE_MORE: Json = {"meta_data": {}, "parent_name": {"type": ["string", "null"]}, "image": {}, "variation_id": WHOLE}
INDEX: Json = {
    "type": "object", "required": ["name", "namespaces"],
    "properties": {
        **{name: TEXT for name in ("name", "description", "url", "home", "timezone_string")},
        "gmt_offset": {"type": ["number", "string"]}, "namespaces": {"type": "array", "items": TEXT},
        **{name: {} for name in ("authentication", "routes", "site_icon", "site_icon_url", "site_logo", "_links")},
    },
}  # fmt: skip
"""Source: WordPress REST API handbook, "Discovery"."""
TRACKING: Json = {
    "type": "object", "required": ["tracking_number"],
    "properties": {
        name: TEXT
        for name in ("tracking_provider", "custom_tracking_provider", "custom_tracking_link", "tracking_number",
                     "date_shipped")
    },
}  # fmt: skip
"""Source: "Shipment Tracking API reference" of the plug-in WooCommerce Shipment Tracking."""
ERROR: Json = {
    "type": "object", "required": ["code", "message"],
    "properties": {"code": TEXT, "message": TEXT, "data": {}, "additional_errors": {}},
}  # fmt: skip
HOOK: Json = {
    "type": "object",
    "properties": {name: TEXT for name in ("name", "topic", "delivery_url", "secret", "status")},
}
ORDERS = {"dates_are_gmt": FLAG, "modified_after": TEXT, "modified_before": TEXT, "customer": WHOLE, "product": WHOLE}
OAUTH = {
    f"oauth_{name}": TEXT for name in ("consumer_key", "nonce", "timestamp", "signature", "signature_method", "version")
}
"""Source: docs_authentication.md, "OAuth tips"."""
PAGE = {"page": WHOLE, "per_page": {"type": "integer", "minimum": 1, "maximum": 100}}
LISTED = {
    **PAGE, "offset": WHOLE, "orderby": TEXT, "order": {"type": "string", "enum": ["asc", "desc"]}, "search": TEXT,
    "include": TEXT, "exclude": TEXT, "after": TEXT, "before": TEXT, "_fields": TEXT, "status": TEXT,
}  # fmt: skip
"""Parameters of every list. Source: docs_introduction.md and "Available parameters" of each; WordPress: `_fields`."""


def learned(values: Iterable[Any]) -> Json:
    """The schema that all these values keep to; fields that none of them has are not in it."""
    kinds, items, fields = set[str](), list[Any](), dict[str, list[Any]]()
    for value in values:
        kinds.add(_kind(value))
        items += value if isinstance(value, list) else []
        for name, child in value.items() if isinstance(value, dict) else ():
            fields.setdefault(name, []).append(child)
    if kinds <= {"null"}:
        return {}
    found: Json = {"type": sorted(kinds | {"null"} | ({"string"} if "number" in kinds else set()))}
    if fields:
        found |= {"properties": {name: learned(each) for name, each in fields.items()}, "additionalProperties": False}
    return found | ({"items": learned(items)} if items else {})


def _kind(value: Any) -> str:
    kinds = ((bool, "boolean"), ((int, float), "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((word for kind, word in kinds if isinstance(value, kind)), "null")


def _examples() -> Iterator[tuple[str, Any]]:
    for one in json.loads((FOLDER / "docs_examples_v3.json").read_text("utf-8")):
        yield from ((one["section"], each) for each in _flat(one["value"]))


def _flat(value: Any) -> Iterator[Any]:
    """The objects of an example: of a list, or of a batch."""
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, dict) and value.keys() <= {"create", "update", "delete"}:
        yield from _flat(list(value.values()))
    elif isinstance(value, dict):
        yield value


def _object(section: str, more: Json | None = None) -> Json:
    found = learned(value for name, value in _examples() if re.search(section, name, re.IGNORECASE))
    return {**found, "type": "object", "properties": {**found["properties"], **(more or {})}}


def _inside(schema: Json, name: str, more: Json) -> None:
    """More fields of the objects in a list of the schema."""
    schema["properties"][name]["items"]["properties"] |= more


@cache
def specification() -> Specification | None:
    """None where the documentation is not on this machine."""
    return Specification({"openapi": "3.0.0", "paths": dict(_paths())}, "/wp-json") if FOLDER.is_dir() else None


def _paths() -> Iterator[tuple[str, Json]]:
    order, product = _object(r"\borders?$", ORDER_MORE), _object("products?$|variations?$", PRODUCT_MORE)
    _inside(order, "line_items", LINE_MORE)
    _inside(order, "shipping_lines", {"instance_id": TEXT})
    _inside(order, "refunds", {"reason": TEXT})
    order["properties"]["shipping"]["properties"]["phone"] = TEXT
    _inside(order, "meta_data", {"value": {}, "display_key": TEXT, "display_value": {}})
    refund, note, hook = _object("refunds?$"), _object("notes?$"), _object("webhooks?$", {"_links": {}})
    v3, batch = "/wc/v3", {"type": "object", "properties": {"update": _many(product)}}
    yield "/", {"get": _call(INDEX)}
    yield f"{v3}/orders", {"get": _call(_many(order), {**LISTED, **ORDERS}), "post": _call(order, asks=order, done=201)}
    yield f"{v3}/orders/{{id}}", {"get": _call(order), "put": _call(order, asks=order)}
    yield f"{v3}/orders/{{id}}/refunds", {"get": _call(_many(refund), LISTED)}
    yield f"{v3}/orders/{{id}}/notes", {"get": _call(_many(note), LISTED), "post": _call(note, asks=note, done=201)}
    yield f"{v3}/products", {"get": _call(_many(product), {**LISTED, "sku": TEXT})}
    yield f"{v3}/products/{{id}}/variations", {"get": _call(_many(product), LISTED)}
    for place in ("products", "products/{id}/variations"):
        yield f"{v3}/{place}/batch", {"post": _call(batch, asks=batch)}
    yield f"{v3}/webhooks", {"get": _call(_many(hook), LISTED), "post": _call(hook, asks=HOOK, done=201)}
    yield f"{v3}/webhooks/{{id}}", {"put": _call(hook, asks=HOOK), "delete": _call(hook, {"force": FLAG})}
    trackings = json.loads((FOLDER / "ios_fixtures" / "shipment_tracking_single.json").read_text("utf-8"))["data"]
    shown = learned(trackings)
    yield (
        "/wc-shipment-tracking/v3/orders/{id}/shipment-trackings",
        {"get": _call(_many(shown)), "post": _call(shown, asks=TRACKING, done=201)},
    )


def _many(item: Json) -> Json:
    return {"type": "array", "items": item}


def _call(gives: Json, query: Json | None = None, *, asks: Json | None = None, done: int = 200) -> Json:
    """One operation; those who sign over http add what OAuth 1.0a needs."""
    names = {**(query or {}), **OAUTH}
    found: Json = {
        "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in names.items()],
        "responses": {str(done): _json(gives), "4XX": _json(ERROR), "5XX": _json(ERROR)},
    }
    return found | ({"requestBody": {"required": True, **_json(asks)}} if asks else {})


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}
