"""Sorts the items of a Magento order: configurable products, bundles and their parts stand side by side in one list.

A configurable product and the variant chosen are two items; the first has the money and is what ships, the second only
tells the variant. A bundle and its parts are items too: the parts are what is picked and shipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mappings.engine import readers
from mappings.engine.noise import without_noise

_DECIMALS = 4
"""Of every quantity in Magento's tables."""
_SUMMED = ("row_total", "tax_amount")
_COUNTED = ("qty_canceled", "qty_refunded", "qty_shipped")

Item = Mapping[str, Any]
Part = tuple[int, Item]
"""Place in the list, and the item."""


def marked(order: Item) -> dict[str, Any]:
    """The order with a mark on each item, and the variant's product on configurable items.

    `stockline` is "line", "part" (tells the variant of a line) or "bundle" (its parts are lines); a bundle's
    `row_total` and `tax_amount` become what its parts do not account for. Raises BadRecord.
    """
    clean = without_noise(order)
    items = [readers.element(each, "items[{}]", (at,)) for at, each in _listed(clean, "items")]
    parts = defaultdict[str, list[Part]](list)
    by_id = {str(item.get("item_id")): (at, item) for at, item in enumerate(items)}
    for at, item in enumerate(items):
        parts[_parent_id(item)].append((at, item))
    done = [
        _marked((at, item), by_id.get(_parent_id(item)), parts.get(str(item.get("item_id")), []))
        for at, item in enumerate(items)
    ]
    return {**clean, "items": done}


def _listed(value: Item, name: str) -> Iterable[tuple[int, Any]]:
    return enumerate(readers.items(value.get(name), name, ()))


def _parent_id(item: Item) -> str:
    parent = item.get("parent_item_id")
    return "" if parent in (None, 0, "0", "") else str(parent)


def _marked(here: Part, above: Part | None, parts: list[Part]) -> dict[str, Any]:
    item = here[1]
    kind = str(item.get("product_type"))
    if above is not None and str(above[1].get("product_type")) != "bundle":
        return {**item, "stockline": "part"}
    if above is not None:
        return {**item, "stockline": "line", **{name: _shared(here, above, name) for name in _COUNTED}}
    if kind == "bundle" and parts:
        return {**item, "stockline": "bundle", **{name: _unaccounted(here, parts, name) for name in _SUMMED}}
    variant = parts[0][1].get("product_id") if kind == "configurable" and parts else None
    return {**item, "stockline": "line", **({} if variant is None else {"product_id": variant})}


def _shared(part: Part, bundle: Part, name: str) -> Decimal:
    """How many of a part, told of itself or of its bundle: Magento counts one or the other, by the kind of bundle."""
    bundles, ordered = _number(bundle, "qty_ordered"), _number(part, "qty_ordered")
    share = ordered * _number(bundle, name) / bundles if bundles else Decimal(0)
    within = max(Decimal(0), min(ordered, share))
    return max(_number(part, name), readers.trimmed(round(within, _DECIMALS), 0))


def _unaccounted(bundle: Part, parts: list[Part], name: str) -> Decimal:
    """What the bundle costs beyond its parts: nothing where their prices make its own, all of it where it has one."""
    return _number(bundle, name) - sum(_number(part, name) for part in parts)


def _number(part: Part, name: str) -> Decimal:
    value = part[1].get(name)
    found = None if value is None else readers.money(value, f"items[{{}}].{name}", (part[0],))
    return Decimal(0) if found is None else found
