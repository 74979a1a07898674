"""Listings and stock: SKUs of the items on sale, or whole items without SKUs; absolute whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.gateway import Row
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import text_id, whole
from connectors.taobao.client import Gateway, rows
from hub.canonical.errors import Rejected
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

ON_SALE, ITEM = "taobao.items.onsale.get", "taobao.item.seller.get"
WRITE_SKUS, WRITE_ITEM = "taobao.skus.quantity.update", "taobao.item.quantity.update"
PAGE, SKUS = 200, 20
ABSOLUTE = "1"
FIELDS = "num_iid,title,num,outer_id,barcode,skus"


class Stock(AbsoluteStock):
    """Listings and numbers of one shop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def listings(self) -> Iterator[ListingOffer]:
        """Every SKU of every item on sale; an item without SKUs is a listing itself."""
        for page in self._gateway.pages(ON_SALE, {"fields": "num_iid"}, "items", PAGE):
            for row in page:
                item = self._item(text_id(row.get("num_iid")))
                if item is not None:
                    yield from _offers(item)

    def _item(self, ref: str) -> Row | None:
        try:
            found = self._gateway.read(ITEM, {"fields": FIELDS, "num_iid": ref}).get("item")
        except Rejected:  # the item is gone
            return None
        return found if isinstance(found, dict) else None

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """What the shop shows, one call per item."""
        found = dict[str, Shown]()
        for ref in dict.fromkeys(line.place.get("num_iid", "") for line in lines):
            item = self._item(ref) if ref else None
            found |= {offer.listing_ref: Shown(offer.available) for offer in (_offers(item) if item else ())}
        return {at: found[line.listing_ref] for at, line in enumerate(lines) if line.listing_ref in found}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call for up to 20 SKUs of one item; what the platform took is read back."""
        items = dict[str, list[int]]()
        for at, line in lines.items():
            items.setdefault(line.place["num_iid"], []).append(at)
        refused = dict[int, StockAnswer]()
        for item, places in items.items():
            for start in range(0, len(places), SKUS):
                chosen = {at: lines[at] for at in places[start : start + SKUS]}
                why = self._told(item, list(chosen.values()))
                refused |= {at: StockAnswer(line.listing_ref, False, why) for at, line in chosen.items() if why}
        return refused

    def _told(self, item: str, lines: Sequence[StockLine]) -> str:
        """Why the platform refused these numbers; "" where it took them."""
        told = {"num_iid": item, "type": ABSOLUTE}
        try:
            if lines[0].listing_ref == item:
                self._gateway.write(WRITE_ITEM, told | {"quantity": str(lines[0].available)}, retry=True)
            else:
                numbers = ";".join(f"{line.listing_ref}:{line.available}" for line in lines)
                self._gateway.write(WRITE_SKUS, told | {"skuid_quantities": numbers}, retry=True)
        except Rejected as error:
            return str(error)
        return ""


def _offers(item: Row) -> Iterator[ListingOffer]:
    """The listings of one item."""
    ref, name, skus = text_id(item.get("num_iid")), str(item.get("title") or ""), rows(item.get("skus"))
    own = {"sku_id": item.get("num_iid"), "quantity": item.get("num")}
    for row in skus or [{**own, "outer_id": item.get("outer_id"), "barcode": item.get("barcode")}]:
        title = " ".join(filter(None, [name, *_values(row)])) or None
        code = text_id(row.get("outer_id")) or None
        number = whole(row.get("quantity"), "quantity")
        barcode = text_id(row.get("barcode")) or None
        yield ListingOffer(text_id(row.get("sku_id")), code, title, barcode, number, {"num_iid": ref})


def _values(sku: Row) -> list[str]:
    """The words for a SKU's properties: "1627207:28326:颜色:红色;…" -> ["红色", …]."""
    parts = (part.split(":", 3) for part in str(sku.get("properties_name") or "").split(";"))
    return [part[3] for part in parts if len(part) == 4]
