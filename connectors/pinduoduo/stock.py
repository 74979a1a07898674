"""Listings and absolute numbers of one shop: a SKU at a time, after a look at what its goods show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.kit.stock.listings import StockByProduct, one_by_one
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, rows_of, text_id, whole, words
from connectors.pinduoduo.client import LIST, Gateway
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

GOODS, DETAIL, UPDATE = "pdd.goods.list.get", "pdd.goods.detail.get", "pdd.goods.quantity.update"
ABSOLUTE = "1"
SILENT = told("the platform did not take the number, and does not say why")


class Stock(StockByProduct[Gateway]):
    """A listing is one SKU of one of the shop's goods; its `place` names the goods."""

    place = "goods_id"

    def listings(self) -> Iterator[ListingOffer]:
        """Every SKU, on sale or not."""
        for goods in LIST.every(self._gateway.asks(GOODS), "goods_list"):
            yield from (_offer(goods, sku) for sku in rows_of(goods, "sku_list"))

    def levels(self, product: str) -> Mapping[str, Shown]:
        """Each SKU's own number."""
        skus = rows_of(self._gateway.read(DETAIL, {"goods_id": product}), "sku_list")
        return {text_id(sku.get("sku_id")): Shown(whole(sku.get("quantity"), "quantity")) for sku in skus}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> dict[int, StockAnswer]:
        """One call each, which says what became of it."""
        return one_by_one(lines, self._write)

    def _write(self, at: int, line: StockLine) -> StockAnswer:
        number = {"goods_id": self.product_of(line), "sku_id": line.listing_ref, "quantity": str(line.available)}
        told = self._gateway.write(UPDATE, {**number, "update_type": ABSOLUTE}, retry=True)
        if told.get("is_success") is True:
            return StockAnswer(line.listing_ref, True, seen=line.available)
        return StockAnswer(line.listing_ref, False, SILENT)


def _offer(goods: Row, sku: Row) -> ListingOffer:
    return ListingOffer(
        text_id(sku.get("sku_id")), words(sku.get("outer_id")), words(goods.get("goods_name"), sku.get("spec")), None,
        whole(sku.get("sku_quantity"), "sku_quantity"), {"goods_id": text_id(goods.get("goods_id"))},
    )  # fmt: skip
