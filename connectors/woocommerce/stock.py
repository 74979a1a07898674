"""Listings and stock: WooCommerce has no compare-and-set, so the number is read before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.http import Api
from connectors.kit.listings import together
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import Row, inside, rows_of, text_id, whole
from connectors.woocommerce.client import PER_PAGE, every, label, one, rows
from connectors.woocommerce.spec import SPEC
from hub.canonical.errors import BadRecord
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PRODUCTS = "/wc/v3/products"
LISTING_FIELDS = "id,name,type,sku,global_unique_id,manage_stock,stock_quantity"
STOCK_FIELDS = "id,manage_stock,stock_quantity"
BY_PARENT = told("its stock is kept on the product; switch on Manage stock for the variation")
SOLD_AS_THEY_ARE = frozenset({"grouped", "external", "variable"})


class Stock(AbsoluteStock):
    """Listings and numbers of one shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def listings(self) -> Iterator[ListingOffer]:
        """Simple products and variations; grouped and external products hold no stock of their own."""
        for row in every(self._api, PRODUCTS, {"_fields": LISTING_FIELDS}):
            if row.get("type") == "variable":
                yield from self._variations(text_id(row.get("id")), label(row.get("name")))
            elif row.get("type") not in SOLD_AS_THEY_ARE:
                yield _offer(row, text_id(row.get("id")), "", None)

    def _variations(self, product: str, title: str | None) -> Iterator[ListingOffer]:
        for row in every(self._api, f"{PRODUCTS}/{product}/variations", {"_fields": LISTING_FIELDS}):
            yield _offer(row, product, text_id(row.get("id")), title)

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Each number; products are asked for together, variations by their product."""
        found: dict[int, Shown] = {}
        for path, some in together(dict(enumerate(lines)), _path, PER_PAGE):
            levels = self._asked(path, [_item(line) for line in some.values()])
            found |= {at: levels[_item(line)] for at, line in some.items() if _item(line) in levels}
        return found

    def _asked(self, path: str, ids: Sequence[str]) -> dict[str, Shown]:
        """id -> what the shop shows; ids it does not know are missing."""
        asked = sorted({item for item in ids if item})
        if not asked:
            return {}
        query = {"include": ",".join(asked), "per_page": str(PER_PAGE), "_fields": STOCK_FIELDS}
        answer = self._api.call("GET", path, params=query, accept={404})
        found = [] if answer.status == 404 else rows(answer.data)
        return {text_id(row.get("id")): _reading(row) for row in found}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One batch per product; the shop answers each line, so nothing is read back."""
        answers: dict[int, StockAnswer] = {}
        for path, some in together(lines, _path, SPEC.max_stock_lines):
            answers |= self._batch(path, some)
        return answers

    def _batch(self, path: str, wanted: Mapping[int, StockLine]) -> dict[int, StockAnswer]:
        update = [
            {"id": int(_item(line)), "manage_stock": True, "stock_quantity": line.available} for line in wanted.values()
        ]
        answer = one(self._api.call("POST", f"{path}/batch", json={"update": update}).data)
        answered = {text_id(row.get("id")): row for row in rows_of(answer, "update")}
        return {at: _written(line, answered.get(_item(line))) for at, line in wanted.items()}


def _reading(row: Row) -> Shown:
    managed = row.get("manage_stock")
    try:
        number = whole(row.get("stock_quantity"), "stock_quantity") if managed else None
    except BadRecord:
        number = None
    return Shown(number, BY_PARENT if managed == "parent" else "")


def _offer(row: Row, product: str, variation: str, title: str | None) -> ListingOffer:
    shown, name = _reading(row), label(row.get("name"))
    return ListingOffer(
        listing_ref=variation or product,
        sku=label(row.get("sku")),
        title=name if not title or (name and title in name) else f"{title} - {name}" if name else title,
        barcode=label(row.get("global_unique_id")),
        available=None if shown.refused else shown.number,
        place={"product_id": product, "variation_id": variation},
    )


def _item(line: StockLine) -> str:
    """The id of the thing that holds the number; "" where it is no number."""
    item = line.place.get("variation_id") or line.listing_ref
    return item if item.isascii() and item.isdigit() else ""


def _path(line: StockLine) -> str:
    """Where products are asked for and told together, or the variations of one."""
    variation, product = line.place.get("variation_id"), line.place.get("product_id", "")
    return f"{PRODUCTS}/{product}/variations" if variation and product.isdigit() else PRODUCTS


def _written(line: StockLine, row: Row | None) -> StockAnswer:
    if row is None:
        return StockAnswer(line.listing_ref, False, "the shop's batch answer does not name it", retry=True)
    if isinstance(row.get("error"), Mapping):
        said = str(inside(row, "error", "message") or inside(row, "error", "code") or "no reason given")[:300]
        return StockAnswer(line.listing_ref, False, f"the shop refused it: {said}")
    seen = _reading(row).number
    if seen != line.available:
        return StockAnswer(line.listing_ref, False, f"after writing the shop shows {seen}", retry=True, seen=seen)
    return StockAnswer(line.listing_ref, True, seen=seen)
