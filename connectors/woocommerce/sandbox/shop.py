"""What the sandbox shop knows and does: items, orders, stock; payloads are made in `shapes.py`."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper
from connectors.woocommerce.sandbox.errors import invalid, no_such

STATUSES = (
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "trash",
    "checkout-draft",
)
GIVES_BACK = frozenset({"cancelled", "pending", "trash"})
EDITABLE = frozenset({"pending", "processing", "on-hold"})
PARCEL = "_stockline_shipment_"
Ring = Callable[[str, int], None]


@dataclass
class Item:
    """A simple product, a variable product (`kind` says), or a variation (`parent_id` is not 0)."""

    id: int
    name: str
    modified: datetime
    sku: str = ""
    price: str = ""
    barcode: str = ""
    kind: str = "simple"
    parent_id: int = 0
    manage: bool = True
    stock: int | None = 0


@dataclass
class Line:
    id: int
    item: Item
    ordered: int
    quantity: int


@dataclass
class Order:
    id: int
    created: datetime
    modified: datetime
    shopper: Shopper
    lines: list[Line]
    status: str = "processing"
    cancelled_by: str = ""
    reduced: bool = True
    completed: datetime | None = None
    meta: dict[str, tuple[int, Any]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    trackings: list[dict[str, Any]] = field(default_factory=list)

    def parcels(self) -> list[Mapping[str, Any]]:
        """What was told about parcels that left (values of our own meta fields)."""
        return [value for key, (_, value) in self.meta.items() if key.startswith(PARCEL) and isinstance(value, dict)]


class Shop:
    """The state of one shop; every public method may be called from any thread."""

    def __init__(self, clock: Callable[[], datetime], ring: Ring) -> None:
        self.lock = threading.RLock()
        self._clock, self._ring, self._ids = clock, ring, itertools.count(101)
        self.items: dict[int, Item] = {}
        self.orders: dict[int, Order] = {}

    def now(self) -> datetime:
        """The shop's clock, in whole seconds as WordPress keeps them."""
        return self._clock().replace(microsecond=0)

    def new_id(self) -> int:
        return next(self._ids)

    # ---- items ----

    def fill(self, items: Sequence[ShopItem]) -> None:
        """Put these on the shelves; every third new one becomes a variation of one variable product."""
        with self.lock:
            for at, item in enumerate(items):
                known = next((one for one in self.items.values() if one.sku == item.sku), None)
                if known is None:
                    known = self._new_item(item, variation=at % 3 == 1)
                known.stock, known.manage, known.price = item.available, True, item.price
                known.modified = self.now()

    def _new_item(self, item: ShopItem, *, variation: bool) -> Item:
        parent = self._variable().id if variation else 0
        made = Item(self.new_id(), item.title, self.now(), item.sku, item.price, item.barcode, parent_id=parent)
        made.kind = "variation" if variation else "simple"
        self.items[made.id] = made
        return made

    def _variable(self) -> Item:
        found = next((item for item in self.items.values() if item.kind == "variable"), None)
        if found is None:
            found = Item(self.new_id(), "Assorted", self.now(), kind="variable", manage=False, stock=None)
            self.items[found.id] = found
        return found

    def by_sku(self, sku: str) -> Item:
        """The item on sale under this SKU. Raises KeyError."""
        found = next((item for item in self.items.values() if item.sku == sku), None)
        if found is None:
            raise KeyError(f"the shop sells no {sku}")
        return found

    def item(self, item_id: int, parent_id: int | None) -> Item:
        """A product (parent_id None) or a variation of that parent. Raises WooError 404."""
        found = self.items.get(item_id)
        if found is None or found.parent_id != (parent_id or 0):
            raise no_such("product" if parent_id is None else "product_variation")
        return found

    def set_stock(self, item: Item, number: int) -> None:
        """Write the number and ring `product.updated`."""
        with self.lock:
            item.stock, item.manage, item.modified = number, True, self.now()
        self._ring("product.updated", item.id)

    def shown(self) -> dict[str, int]:
        """sku -> number shown."""
        with self.lock:
            return {item.sku: item.stock for item in self.items.values() if item.sku and item.stock is not None}

    # ---- orders ----

    def order(self, order_id: int) -> Order:
        """Raises WooError 404."""
        found = self.orders.get(order_id)
        if found is None:
            raise no_such("shop_order")
        return found

    def place(self, shopper: Shopper, basket: Sequence[tuple[Item, int]], status: str = "processing") -> Order:
        """A customer checks out: stock goes down (below zero if need be), `order.created` rings."""
        with self.lock:
            lines = [Line(self.new_id(), item, quantity, quantity) for item, quantity in basket]
            order = Order(self.new_id(), self.now(), self.now(), shopper, lines, status, reduced=False)
            self.orders[order.id] = order
            self._keep_stock(order)
        self._ring("order.created", order.id)
        return order

    def edit(self, order: Order, sku: str, quantity: int) -> bool:
        """Change one line; False where it is too late or there is no such line."""
        with self.lock:
            line = next((one for one in order.lines if one.item.sku == sku and one.quantity), None)
            if line is None or order.status not in EDITABLE or order.parcels() or line.quantity == quantity:
                return False
            if order.reduced:
                self._move(line.item, line.quantity - quantity)
            line.quantity = quantity
            order.modified = self.now()
        self._ring("order.updated", order.id)
        return True

    def cancel(self, order: Order, by: str) -> bool:
        """Cancel; False where something was shipped or it is closed."""
        with self.lock:
            if order.status not in EDITABLE or order.parcels():
                return False
            self._turn(order, "cancelled", by)
        self._ring("order.updated", order.id)
        return True

    def update(self, order: Order, status: str | None, meta: Sequence[Mapping[str, Any]]) -> None:
        """What a client may change through the API: status and meta data. Raises WooError 400."""
        if status is not None and status not in STATUSES:
            raise invalid("status", f"status is not one of {', '.join(STATUSES)}.")
        with self.lock:
            for row in meta:
                known = order.meta.get(str(row["key"]))
                order.meta[str(row["key"])] = (known[0] if known else self.new_id(), row.get("value"))
            if status is not None and status != order.status:
                self._turn(order, status, "api")
            order.modified = self.now()
        self._ring("order.updated", order.id)

    def _turn(self, order: Order, status: str, by: str) -> None:
        order.status, order.modified = status, self.now()
        order.cancelled_by = by if status == "cancelled" else ""
        order.completed = self.now() if status == "completed" else order.completed
        self._keep_stock(order)

    def _keep_stock(self, order: Order) -> None:
        """Take the pieces once when the order counts, give them back once when it does not."""
        wanted = order.status not in GIVES_BACK and order.status != "failed"
        if wanted != order.reduced:
            for line in order.lines:
                left = self.left(order, line)
                self._move(line.item, -left if wanted else left)
            order.reduced = wanted

    def _move(self, item: Item, pieces: int) -> None:
        if item.manage and item.stock is not None:
            item.stock += pieces

    def refund(self, order: Order, lines: Mapping[int, int], reason: str, amount: Decimal | None) -> dict[str, Any]:
        """Give money back for pieces of lines and put the pieces back on sale."""
        with self.lock:
            chosen = [(line, lines[line.id]) for line in order.lines if lines.get(line.id)]
            worth = sum((Decimal(line.item.price) * pieces for line, pieces in chosen), Decimal(0))
            for line, pieces in chosen:
                self._move(line.item, pieces)
            refund = {
                "id": self.new_id(), "created": self.now(), "reason": reason,
                "amount": worth if amount is None else amount,
                "lines": [(self.new_id(), line, pieces) for line, pieces in chosen],
            }  # fmt: skip
            order.refunds.append(refund)
            order.modified = self.now()
            if all(self.left(order, line) == 0 for line in order.lines):
                order.status = "refunded"
        self._ring("order.updated", order.id)
        return refund

    def left(self, order: Order, line: Line) -> int:
        """Pieces of a line still wanted after edits and refunds."""
        refunded = sum(int(pieces) for refund in order.refunds for _, one, pieces in refund["lines"] if one is line)
        return max(0, line.quantity - refunded)

    def trash(self, order: Order) -> None:
        """Move to the trash; `order.deleted` rings, as it does for good deletion."""
        with self.lock:
            self._turn(order, "trash", "api")
        self._ring("order.deleted", order.id)

    def delete(self, order: Order) -> None:
        """Remove for good; `order.deleted` rings."""
        with self.lock:
            if order.reduced:
                self._turn(order, "trash", "api")
            del self.orders[order.id]
        self._ring("order.deleted", order.id)

    # ---- the book ----

    def book(self) -> Iterator[BookOrder]:
        """All orders as the shop knows them."""
        with self.lock:
            for order in self.orders.values():
                yield self._entry(order)

    def _entry(self, order: Order) -> BookOrder:
        shipped: dict[str, int] = {}
        for parcel in order.parcels():
            for line_id, pieces in parcel.get("lines", {}).items():
                shipped[line_id] = shipped.get(line_id, 0) + int(Decimal(str(pieces)))
        whole = order.status == "completed"
        lines = tuple(
            BookLine(
                str(line.id), line.item.sku, line.ordered, 0 if order.status == "cancelled" else self.left(order, line),
                self.left(order, line) if whole else shipped.get(str(line.id), 0),
            )
            for line in order.lines
        )  # fmt: skip
        told = [str(row["tracking_number"]) for row in order.trackings]
        told += [str(parcel["tracking_no"]) for parcel in order.parcels() if parcel.get("tracking_no")]
        return BookOrder(str(order.id), _state(order), lines, tuple(dict.fromkeys(told)), order.created)


def _state(order: Order) -> str:
    if order.status == "cancelled":
        return "refused" if order.cancelled_by == "api" else "cancelled"
    if order.status in {"completed", "trash", "refunded", "failed"}:
        return {"completed": "shipped"}.get(order.status, "cancelled")
    return "partial" if order.parcels() else "open"
