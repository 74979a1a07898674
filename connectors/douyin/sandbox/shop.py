"""What the sandbox shop knows and does: products, orders, packages; `shapes.py` makes payloads."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connectors.douyin.sandbox.errors import bad_param, business
from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper

PAID, PARTLY, SHIPPED, CANCELLED, REFUNDED = 2, 101, 3, 4, 21
ASKED, DONE, UNSHIPPED = 6, 12, 2
FIRST_ID = 6900000000000000000


@dataclass
class Sku:
    """`warehouse`: the merchant's code of the only warehouse, where it is sold by region."""

    id: int
    product: int
    code: str
    name: str
    spec: str
    price: int
    stock: int
    warehouse: str = ""


@dataclass
class Line:
    """`after_sale`: (state, kind) of the last one; `current` pieces are still wanted."""

    id: str
    sku: Sku
    ordered: int
    current: int
    shipped: int = 0
    after_sale: tuple[int, int] = (0, 0)

    @property
    def state(self) -> int:
        if not self.current:
            return CANCELLED
        return SHIPPED if self.shipped >= self.current else PARTLY if self.shipped else PAID


@dataclass
class Package:
    id: str
    company: str
    tracking: str
    sent: datetime
    lines: Sequence[tuple[Line, int]]


@dataclass
class Order:
    id: str
    created: datetime
    updated: datetime
    shopper: Shopper
    lines: list[Line]
    packages: list[Package] = field(default_factory=list)

    @property
    def state(self) -> int:
        live = [line for line in self.lines if line.current]
        if not live:
            return CANCELLED
        if all(line.state == SHIPPED for line in live):
            return SHIPPED
        return PARTLY if any(line.shipped for line in live) else PAID


class Shop:
    """The state of one shop; every public method may be called from any thread.

    `warehouse`: new SKUs are sold by region, from there; "" where they are not.
    """

    def __init__(self, clock: Callable[[], datetime], warehouse: str) -> None:
        self.lock = threading.RLock()
        self._warehouse, self._clock, self._ids = warehouse, clock, itertools.count(FIRST_ID + 1)
        self.skus: dict[int, Sku] = {}
        self.products: dict[str, int] = {}
        self.orders: dict[str, Order] = {}
        self._keys = set[str]()
        self._requests: dict[str, str] = {}

    def now(self) -> datetime:
        """The platform's clock, in whole seconds."""
        return self._clock().replace(microsecond=0)

    def new_id(self) -> int:
        return next(self._ids)

    # ---- products ----

    def fill(self, items: Sequence[ShopItem]) -> None:
        """Put these on sale; "Mug, red" and "Mug, blue" are two SKUs of one product."""
        with self.lock:
            for item in items:
                name, _, spec = item.title.partition(", ")
                product = self.products.setdefault(name, self.new_id())
                found = next((sku for sku in self.skus.values() if sku.code == item.sku), None)
                if found is None:
                    found = Sku(self.new_id(), product, item.sku, name, spec, 0, 0, self._warehouse)
                    self.skus[found.id] = found
                found.price, found.stock = int(Decimal(item.price) * 100), item.available

    def by_code(self, code: str) -> Sku:
        """Raises KeyError."""
        return {sku.code: sku for sku in self.skus.values()}[code]

    def shown(self) -> dict[str, int]:
        """code -> number shown, never below 0."""
        with self.lock:
            return {sku.code: max(0, sku.stock) for sku in self.skus.values()}

    def set_stock(self, product: str, sku: str, warehouse: str, number: int, key: str) -> bool:
        """Write an absolute number; False where this key was told before. Raises DouyinError."""
        with self.lock:
            found = self.skus.get(int(sku)) if sku.isdigit() else None
            if found is None or str(found.product) != product:
                raise business("商品或SKU不存在")
            if warehouse != found.warehouse:
                raise business("仓库不存在")
            if key in self._keys:
                return False
            self._keys.add(key)
            found.stock = number
            return True

    # ---- what the buyer and the staff do ----

    def place(self, shopper: Shopper, basket: Sequence[tuple[Sku, int]]) -> Order:
        """A buyer orders and pays. A line of its own has an id of its own; the first shares the order's."""
        with self.lock:
            ref, now = str(self.new_id()), self.now()
            ids = [ref, *(str(self.new_id()) for _ in basket[1:])]
            lines = [Line(own, sku, pieces, pieces) for own, (sku, pieces) in zip(ids, basket, strict=True)]
            for sku, pieces in basket:
                sku.stock -= pieces
            self.orders[ref] = Order(ref, now, now, shopper, lines)
            return self.orders[ref]

    def edit(self, order: Order, code: str, pieces: int) -> bool:
        """Customer service changes the pieces of a line; False where it is too late or changes nothing."""
        with self.lock:
            line = self._line_of(order, code)
            if line is None or order.state != PAID or pieces < 1 or pieces == line.current:
                return False
            line.sku.stock -= pieces - line.current
            line.ordered = line.current = pieces
            order.updated = self.now()
            return True

    def cancel(self, order: Order) -> bool:
        """The buyer gets the money back before anything left; False where it is too late."""
        with self.lock:
            if order.state != PAID:
                return False
            for line in order.lines:
                self._give_back(line)
            order.updated = self.now()
            return True

    def ask_refund(self, order: Order, code: str) -> None:
        """The buyer asks for the money of a line that has not left."""
        with self.lock:
            line = self._line_of(order, code)
            if line is not None:
                line.after_sale = (ASKED, UNSHIPPED)
                order.updated = self.now()

    def refund(self, order: Order, code: str) -> bool:
        """The money of a line goes back before it left; False where it is too late."""
        with self.lock:
            line = self._line_of(order, code)
            if line is None or line.shipped or not line.current:
                return False
            self._give_back(line)
            order.updated = self.now()
            return True

    def _line_of(self, order: Order, code: str) -> Line | None:
        return next((line for line in order.lines if line.sku.code == code), None)

    def _give_back(self, line: Line) -> None:
        line.sku.stock += line.current
        line.current, line.after_sale = 0, (DONE, UNSHIPPED)

    # ---- what the merchant does ----

    def ship(self, ref: str, pieces: Mapping[str, int], company: str, tracking: str, request: str, reject: bool) -> str:
        """One package; the same request again is the same package. Raises DouyinError."""
        with self.lock:
            if request in self._requests:
                return self._requests[request]
            order = self.orders.get(ref)
            if order is None:
                raise business("订单不存在")
            by_id = {line.id: line for line in order.lines}
            if not pieces or not tracking or not set(pieces) <= by_id.keys():
                raise bad_param("shipped_order_info")
            told = [(by_id[own], number) for own, number in pieces.items()]
            self._may_leave(told, reject)
            for line, number in told:
                line.shipped += number
            self._requests[request] = str(self.new_id())
            order.packages.append(Package(self._requests[request], company, tracking, self.now(), told))
            order.updated = self.now()
            return self._requests[request]

    def _may_leave(self, told: Sequence[tuple[Line, int]], reject: bool) -> None:
        if any(not 0 < number <= line.current - line.shipped for line, number in told):
            raise business("发货数量不正确")
        if not reject and any(line.after_sale[0] == ASKED for line, _ in told):
            raise business("订单存在未完结的售后单")

    # ---- the book ----

    def book(self) -> Iterator[BookOrder]:
        """All orders as the shop knows them."""
        words = {PAID: "open", PARTLY: "partial", SHIPPED: "shipped", CANCELLED: "cancelled"}
        with self.lock:
            for order in self.orders.values():
                lines = tuple(
                    BookLine(line.id, line.sku.code, line.ordered, line.current, line.shipped) for line in order.lines
                )
                trackings = tuple(package.tracking for package in order.packages)
                yield BookOrder(order.id, words[order.state], lines, trackings, order.created)
