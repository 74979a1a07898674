"""Listings and stock: SKUs of the items on sale, or whole items without SKUs; absolute whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.stock.listings import StockByProduct, by_groups
from connectors.kit.stock.shown import Shown
from connectors.kit.top.router import paging, rows
from connectors.kit.values import Row, text_id, whole, words
from connectors.taobao.client import Gateway
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

ON_SALE, ITEM = "taobao.items.onsale.get", "taobao.item.seller.get"
WRITE_SKUS, WRITE_ITEM = "taobao.skus.quantity.update", "taobao.item.quantity.update"
LIST, SKUS = paging(200), 20
ABSOLUTE = "1"
FIELDS = "num_iid,title,num,outer_id,barcode,skus"


class Stock(StockByProduct[Gateway]):
    """Listings and numbers of one shop."""

    place = "num_iid"

    def listings(self) -> Iterator[ListingOffer]:
        """Every SKU of every item on sale; an item without SKUs is a listing itself."""
        for row in LIST.every(self._gateway.asks(ON_SALE, {"fields": "num_iid"}), "items"):
            yield from self._offers(text_id(row.get("num_iid")))

    def _offers(self, item: str) -> list[ListingOffer]:
        """The listings of one item; none where it is gone."""
        found = self._gateway.found(ITEM, {"fields": FIELDS, "num_iid": item}, "item")
        return list(_offers(found)) if found else []

    def levels(self, product: str) -> Mapping[str, Shown]:
        """What the shop shows of one item."""
        return {offer.listing_ref: Shown(offer.available) for offer in self._offers(product)}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call for up to 20 SKUs of one item; what the platform took is read back."""
        return by_groups(lines, self.product_of, SKUS, self._tell)

    def _tell(self, item: str, lines: Sequence[StockLine]) -> None:
        told = {"num_iid": item, "type": ABSOLUTE}
        if lines[0].listing_ref == item:
            self._gateway.write(WRITE_ITEM, told | {"quantity": str(lines[0].available)}, retry=True)
        else:
            numbers = ";".join(f"{line.listing_ref}:{line.available}" for line in lines)
            self._gateway.write(WRITE_SKUS, told | {"skuid_quantities": numbers}, retry=True)


def _offers(item: Row) -> Iterator[ListingOffer]:
    """The listings of one item."""
    own = {"sku_id": item.get("num_iid"), "quantity": item.get("num")}
    for row in rows(item, "skus") or [{**own, "outer_id": item.get("outer_id"), "barcode": item.get("barcode")}]:
        yield ListingOffer(
            text_id(row.get("sku_id")), text_id(row.get("outer_id")) or None, words(item.get("title"), *_values(row)),
            text_id(row.get("barcode")) or None, whole(row.get("quantity"), "quantity"),
            {"num_iid": text_id(item.get("num_iid"))},
        )  # fmt: skip


def _values(sku: Row) -> list[str]:
    """The words for a SKU's properties: "1627207:28326:颜色:红色;…" -> ["红色", …]."""
    parts = (part.split(":", 3) for part in str(sku.get("properties_name") or "").split(";"))
    return [part[3] for part in parts if len(part) == 4]
