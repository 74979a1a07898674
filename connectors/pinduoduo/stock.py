"""Listings and absolute numbers of one shop: a SKU at a time, after a look at what its goods show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.feed import offset_pages
from connectors.kit.gateway import Row
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import text_id, whole
from connectors.pinduoduo.client import Gateway, count, rows
from hub.canonical.errors import Rejected
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

GOODS, DETAIL, UPDATE = "pdd.goods.list.get", "pdd.goods.detail.get", "pdd.goods.quantity.update"
SIZE, ABSOLUTE = 100, "1"


class Stock(AbsoluteStock):
    """A listing is one SKU of one of the shop's goods; its `place` names the goods."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def listings(self) -> Iterator[ListingOffer]:
        """Every SKU, on sale or not."""
        for found, _ in offset_pages(self._goods, GOODS):
            for goods in found:
                yield from (_offer(goods, sku) for sku in rows(goods, "sku_list"))

    def _goods(self, offset: int) -> tuple[list[Row], int]:
        answer = self._gateway.read(GOODS, {"page": str(offset // SIZE + 1), "page_size": str(SIZE)})
        return rows(answer, "goods_list"), count(answer)

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Each SKU's own number, or why it needs no asking; goods are asked for once."""
        named = dict.fromkeys(_goods_of(line) for line in lines)
        numbers = {goods: self._numbers(goods) for goods in named if goods}
        found = ((at, _shown(line, numbers.get(_goods_of(line)))) for at, line in enumerate(lines))
        return {at: shown for at, shown in found if shown}

    def _numbers(self, goods: str) -> Mapping[str, int | None]:
        """SKU -> number of one of the goods; nothing where the shop has no such goods."""
        try:
            answer = self._gateway.read(DETAIL, {"goods_id": goods})
        except Rejected:
            return {}
        return {text_id(sku.get("sku_id")): whole(sku.get("quantity"), "quantity") for sku in rows(answer, "sku_list")}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> dict[int, StockAnswer]:
        return {at: self._write(line) for at, line in lines.items()}

    def _write(self, line: StockLine) -> StockAnswer:
        params = {
            "goods_id": _goods_of(line), "sku_id": line.listing_ref, "quantity": str(line.available),
            "update_type": ABSOLUTE,
        }  # fmt: skip
        try:
            done = self._gateway.write(UPDATE, params, retry=True).get("is_success") is True
        except Rejected as error:
            why = f"the platform refused the number: {error}"
            return StockAnswer(line.listing_ref, False, why)
        if done:
            return StockAnswer(line.listing_ref, True, seen=line.available)
        return StockAnswer(line.listing_ref, False, told("the platform did not take the number, and does not say why"))


def _offer(goods: Row, sku: Row) -> ListingOffer:
    title = " ".join(str(part) for part in (goods.get("goods_name"), sku.get("spec")) if part)
    return ListingOffer(
        text_id(sku.get("sku_id")), str(sku.get("outer_id") or "") or None, title or None, None,
        whole(sku.get("sku_quantity"), "sku_quantity"), {"goods_id": text_id(goods.get("goods_id"))},
    )  # fmt: skip


def _goods_of(line: StockLine) -> str:
    return line.place.get("goods_id", "")


def _shown(line: StockLine, numbers: Mapping[str, int | None] | None) -> Shown | None:
    if numbers is None:
        return Shown(None, told("this is no SKU of Pinduoduo: read the listings again"))
    return Shown(numbers[line.listing_ref]) if line.listing_ref in numbers else None
