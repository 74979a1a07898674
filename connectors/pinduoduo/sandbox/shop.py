"""The sandbox shop's own books: goods, orders, parcels, and what becomes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper
from connectors.pinduoduo.sandbox.errors import PddError, refused

WAITS, SENT, SIGNED = 1, 2, 3
NO_REFUND, ASKED, PAID_BACK = 1, 2, 4
POSTAGE, DISCOUNT = Decimal("3.20"), Decimal("0.50")


@dataclass
class Sku:
    """One thing on sale, the only SKU of its goods. Ids are above 2**53, as the platform's may be."""

    goods_id: int
    sku_id: int
    outer_id: str
    title: str
    price: str
    quantity: int
    on_resource: bool = False
    """A place in a campaign: its number may not be lowered."""


@dataclass
class Line:
    sku: Sku
    count: int


@dataclass
class Order:
    """One order, in the platform's numbers. `back`: money that went back; `tracks`: (carrier, number) a parcel."""

    sn: str
    shopper: Shopper
    lines: list[Line]
    created: datetime
    updated: datetime
    status: int = WAITS
    refund: int = NO_REFUND
    after_sales: int = 0
    risk: int = 0
    back: Decimal = Decimal(0)
    tracks: list[tuple[int, str]] = field(default_factory=list)

    @property
    def goods_amount(self) -> Decimal:
        return sum((Decimal(line.sku.price) * line.count for line in self.lines), Decimal(0))

    @property
    def pay_amount(self) -> Decimal:
        return self.goods_amount - DISCOUNT + POSTAGE


class Shop:
    """One shop. `clock`: aware UTC now."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now, self.lock = clock, threading.RLock()
        self.skus: dict[int, Sku] = {}
        self.orders: dict[str, Order] = {}
        self._last_id = 9_007_199_254_740_993

    def new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def fill(self, items: Sequence[ShopItem]) -> None:
        with self.lock:
            made = [
                Sku(self.new_id(), self.new_id(), item.sku, item.title, item.price, item.available) for item in items
            ]
            self.skus = {sku.sku_id: sku for sku in made}

    def by_outer_id(self, outer_id: str) -> Sku:
        return next(sku for sku in self.skus.values() if sku.outer_id == outer_id)

    def place(self, shopper: Shopper, basket: Sequence[tuple[str, int]], risk: int = 0) -> Order:
        with self.lock:
            now = self.now()
            lines = [Line(self.by_outer_id(outer_id), count) for outer_id, count in basket]
            made = Order(f"{now:%y%m%d}-{self.new_id()}", shopper, lines, now, now, risk=risk)
            for line in lines:
                line.sku.quantity -= line.count
            self.orders[made.sn] = made
            return made

    def order(self, sn: str) -> Order:
        """Raises PddError."""
        if sn not in self.orders:
            raise refused("订单不存在")
        return self.orders[sn]

    def change(self, order: Order, **changed: Any) -> None:
        """Set these fields; the order counts as changed now."""
        with self.lock:
            for name, value in changed.items():
                setattr(order, name, value)
            order.updated = self.now()

    def pay_back(self, order: Order) -> bool:
        """The buyer gets the money back before anything is sent; False where it is too late."""
        with self.lock:
            if order.status != WAITS or order.refund == PAID_BACK:
                return False
            self.change(order, refund=PAID_BACK, after_sales=10, back=order.pay_amount)
            for line in order.lines:
                line.sku.quantity += line.count
            return True

    def send(self, order: Order, carrier: int, number: str) -> None:
        """The first parcel: the whole order counts as sent. Raises PddError."""
        if order.status != WAITS:
            raise refused("订单已发货")
        if order.risk:
            raise refused("订单审核中, 不能发货")
        if order.refund == PAID_BACK:
            raise refused("订单已退款, 不能发货")
        order.tracks.append((carrier, number))
        self.change(order, status=SENT)

    def send_further(self, order: Order, tracks: Sequence[tuple[int, str]]) -> None:
        """Further parcels, for the buyer to see. Raises PddError."""
        if order.status == WAITS:
            raise refused("订单未发货")
        order.tracks.extend(track for track in tracks if track not in order.tracks)
        self.change(order)

    def set_quantity(self, sku: Sku, quantity: int) -> None:
        """Raises PddError: a SKU of a campaign may not be lowered."""
        if sku.on_resource and quantity < sku.quantity:
            raise PddError(50003, "在资源位上的商品不能减少库存")
        sku.quantity = quantity

    def book(self) -> Iterator[BookOrder]:
        for order in self.orders.values():
            gone, sent = order.status == WAITS and order.refund == PAID_BACK, order.status != WAITS
            lines = tuple(
                BookLine(
                    str(line.sku.sku_id), line.sku.outer_id, line.count, 0 if gone else line.count,
                    line.count if sent else 0,
                )
                for line in order.lines
            )  # fmt: skip
            state = "cancelled" if gone else "shipped" if sent else "open"
            yield BookOrder(order.sn, state, lines, tuple(number for _, number in order.tracks), order.created)

    def shown(self) -> dict[str, int]:
        """Merchant's code -> the number on sale."""
        return {sku.outer_id: max(0, sku.quantity) for sku in self.skus.values()}
