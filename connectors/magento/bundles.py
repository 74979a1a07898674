"""Bundles that ship together: Magento is told of the bundle, the hub packs its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connectors.kit.values import Row, number_of, rows_of, text_id
from hub.canonical.amounts import exact
from hub.canonical.errors import Conflict

TOGETHER = "0"
"""The value of a product's attribute `shipment_type`; the other, 1, is separately."""


def shipped_items(
    order: Row, wanted: Mapping[str, Decimal], product: Callable[[Row], Row | None]
) -> list[dict[str, Any]]:
    """What to tell of a parcel: its lines, or the bundle where the bundle ships as one.

    Args:    wanted: id of the item -> pieces in the parcel. product: the product of an item, None where it is gone.
    Raises:  Conflict: the parcel holds only some parts of a bundle that ships as one.
    """
    items = {text_id(item.get("item_id")): item for item in rows_of(order.get("items"))}
    parents = {ref: text_id(items.get(ref, {}).get("parent_item_id")) for ref in wanted}
    bundles = {parent: items[parent] for parent in parents.values() if _is_bundle(items.get(parent))}
    whole = {ref: item for ref, item in bundles.items() if _ships_together(product(item))}
    told = {ref: pieces for ref, pieces in wanted.items() if parents[ref] not in whole}
    told |= {ref: _bundles(item, _parts(items, ref), wanted) for ref, item in whole.items()}
    return [{"order_item_id": number_of(ref), "qty": pieces} for ref, pieces in told.items()]


def _is_bundle(item: Row | None) -> bool:
    return item is not None and item.get("product_type") == "bundle"


def _parts(items: Mapping[str, Row], bundle: str) -> dict[str, Row]:
    return {ref: item for ref, item in items.items() if text_id(item.get("parent_item_id")) == bundle}


def _ships_together(product: Row | None) -> bool:
    attributes = rows_of(product.get("custom_attributes")) if product else []
    return any(row.get("attribute_code") == "shipment_type" and str(row.get("value")) == TOGETHER for row in attributes)


def _bundles(bundle: Row, parts: Mapping[str, Row], wanted: Mapping[str, Decimal]) -> Decimal:
    """How many whole bundles these pieces make. Raises Conflict."""
    made = {wanted.get(ref, Decimal(0)) * _ordered(bundle) / (_ordered(part) or 1) for ref, part in parts.items()}
    if len(made) != 1 or min(made) != int(min(made)):
        sku = bundle.get("sku")
        raise Conflict(
            f"the bundle {sku} ships together, but the parcel holds only some of its parts: set Ship Bundle Items to "
            "Separately"
        )
    return made.pop()


def _ordered(item: Row) -> Decimal:
    return exact(item.get("qty_ordered"), "qty_ordered")
