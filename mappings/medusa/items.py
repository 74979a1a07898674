"""Marks what a Medusa order says per item only: whether its prices hold tax, and which inventory item a line takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.engine import readers
from mappings.engine.noise import without_noise

Item = Mapping[str, Any]


def marked(order: Item) -> dict[str, Any]:
    """The order without the noise of computed amounts, and with what follows from its items. Raises BadRecord.

    `stockline_tax_included`: whether the prices of all items hold tax. An item's `stockline_listing`: its inventory
    item, or its variant where that is put together from several.
    """
    clean = without_noise(order)
    listed = readers.items(clean.get("items"), "items", ())
    items = [readers.element(each, "items[{}]", (at,)) for at, each in enumerate(listed)]
    taxed = bool(items) and all(readers.same(item.get("is_tax_inclusive"), "true") for item in items)
    done = [{**item, "stockline_listing": _listing(item, at)} for at, item in enumerate(items)]
    return {**clean, "items": done, "stockline_tax_included": taxed}


def _listing(item: Item, at: int) -> Any:
    place = "items[{}].variant"
    variant = readers.obj(item.get("variant"), place, (at,)) or {}
    links = list(readers.items(variant.get("inventory_items"), f"{place}.inventory_items", (at,)))
    one = readers.element(links[0], f"{place}.inventory_items[0]", (at,)) if len(links) == 1 else {}
    return one.get("inventory_item_id") or item.get("variant_id")
