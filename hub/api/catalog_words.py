"""The words of items, kits and warehouses in the API's answers."""

from __future__ import annotations

from hub.api.parts import Out
from hub.api.stock_words import ComponentOut
from hub.reports.catalog import Item


class ItemOut(Out):
    """One SKU; `components` is empty for a plain one."""

    sku: str
    title: str
    barcode: str
    tags: list[str]
    components: list[ComponentOut]


class KitOut(Out):
    """What one kit is made of; no components: it is a plain SKU."""

    sku: str
    components: list[ComponentOut]


def item_of(item: Item) -> ItemOut:
    """One SKU of the report."""
    return ItemOut(sku=item.sku, title=item.title, barcode=item.barcode, tags=list(item.tags), components=_parts(item))


def kit_of(item: Item) -> KitOut:
    """The kit's part of a SKU."""
    return KitOut(sku=item.sku, components=_parts(item))


def _parts(item: Item) -> list[ComponentOut]:
    return [ComponentOut(sku=sku, quantity=quantity) for sku, quantity in item.components]
