"""Lets an order's lines mean what they were read as, where a person took their listing's link away since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from hub.store.catalog import Catalog, read_kits


def as_read(db: Connection, catalog: Catalog, connection_id: int, old: Mapping[str, Row[Any]]) -> Catalog:
    """The catalog for a later version of one order; a listing that is linked anew means what it means today.

    old: the order's lines as they stand, by the channel's ref.
    """
    lost = {
        (connection_id, line.listing_ref or line.offered_sku or ""): (line.sku, line.units)
        for line in old.values()
        if line.sku is not None and catalog.meaning(connection_id, line.listing_ref, line.offered_sku) is None
    }
    if not lost:
        return catalog
    more = read_kits(db, {sku for sku, _ in lost.values()})
    return replace(catalog, linked={**catalog.linked, **lost}, kits={**catalog.kits, **more})
