"""Listings and stock: SKUs of the shop's products, whole numbers, for the country or for one region's warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from connectors.douyin.client import PAGE, Gateway
from connectors.kit.stock.listings import StockByProduct, one_by_one
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, inside, rows_of, text_id, whole, words
from connectors.kit.wire.paging import token_rows
from hub.canonical.errors import Conflict
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PRODUCTS, SKUS, WRITE = "product.listV2", "sku.list", "sku.syncStock"
DELETED, BY_REGION, BY_STEPS = 2, 1, 10
NO_WAREHOUSE = told("it is sold by region (区域库存): set out_warehouse_id to your code of the warehouse")
STEPPED = told("its stock has steps (阶梯库存), which the hub does not write: set it to normal stock (普通库存)")
FIRST_PAGE = 1
"""Products count their pages from 1, orders from 0; by pages no more than 10,000 products come, so a cursor is used."""


class ByRegion(Shown):
    """The number of one warehouse, not of the country."""

    __slots__ = ()


class Stock(StockByProduct[Gateway]):
    """Listings and numbers of one shop; where a SKU is sold by region, that of the gateway's warehouse counts."""

    place = "product_id"

    def listings(self) -> Iterator[ListingOffer]:
        """Every SKU of every product that is not deleted. Raises InvariantBroken where a page comes again."""
        products = (row for row in token_rows(self._page, PRODUCTS) if row.get("status") != DELETED)
        return (offer for product in products for offer in self._offers(product))

    def _page(self, cursor: str) -> tuple[list[Row], str]:
        after = {"cursor_id": cursor} if cursor else {}
        data = self._gateway.read(PRODUCTS, {"page": FIRST_PAGE, "size": PAGE, "use_cursor": True, **after})
        found = rows_of(data, "data")
        return found, text_id(inside(data, "cursor_id")) if found else ""

    def _offers(self, product: Row) -> Iterator[ListingOffer]:
        ref = text_id(product.get("product_id"))
        for row in self._skus(ref):
            title = words(product.get("name"), *(row.get(f"spec_detail_name{at}") for at in (1, 2, 3)))
            sku = text_id(row.get("code")) or text_id(row.get("out_sku_id")) or None
            yield ListingOffer(text_id(row["id"]), sku, title, None, self._shown(row).number, {"product_id": ref})

    def _skus(self, product: str) -> list[Row]:
        return [row for row in rows_of(self._gateway.read(SKUS, {"product_id": product})) if row.get("id")]

    def _shown(self, row: Row) -> Shown:
        if row.get("sku_type") != BY_REGION:
            stepped = row.get("sku_type") == BY_STEPS
            return Shown(whole(row.get("stock_num"), "stock_num"), STEPPED if stepped else "")
        held = inside(row.get("stock_map"), self._gateway.warehouse)
        return ByRegion(whole(held, "stock_map") or 0) if self._gateway.warehouse else Shown(None, NO_WAREHOUSE)

    def levels(self, product: str) -> Mapping[str, Shown]:
        """What the shop shows of one product's SKUs."""
        return {text_id(row["id"]): self._shown(row) for row in self._skus(product)}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call each, with the line's own key; what was told before is read back like the others."""
        return one_by_one(lines, lambda at, line: self._write(line, shown[at]))

    def _write(self, line: StockLine, before: Shown) -> None:
        asked: dict[str, Any] = {
            "product_id": line.place["product_id"], "sku_id": line.listing_ref, "stock_num": line.available,
            "idempotent_id": line.key, "incremental": False,
        }  # fmt: skip
        place = {"out_warehouse_id": self._gateway.warehouse} if isinstance(before, ByRegion) else {}
        with suppress(Conflict):
            self._gateway.write(WRITE, asked | place, retry=True)
