"""What the sandbox shop knows and does: products, sources, reservations, orders; payloads are made in `shapes.py`."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import BookLine, BookOrder, ShopItem, Shopper, cents
from connectors.magento.sandbox.errors import invalid, no_such

TAX = Decimal("0.10")
POSTAGE = Decimal("4.90")
OPEN = frozenset({"new", "processing", "holded"})


def tax_on(net: Decimal) -> Decimal:
    """Of one row, or of the postage; in whole cents."""
    return cents(net * TAX)


@dataclass
class Product:
    """A simple product; `parent` is the configurable one whose variant it is. Other kinds hold no stock.

    together: of a bundle, whether it ships as one. managed: whether the shop keeps stock of it.
    """

    id: int
    sku: str
    name: str
    price: Decimal
    kind: str = "simple"
    parent: int = 0
    together: bool = False
    managed: bool = True


@dataclass
class Line:
    """One line; `part` is the id of the item that tells a configurable product's variant, 0 where there is none."""

    id: int
    product: Product
    first: int
    ordered: int
    part: int = 0
    canceled: int = 0
    refunded: int = 0
    shipped: int = 0

    @property
    def row(self) -> Decimal:
        """Without tax."""
        return self.product.price * self.ordered

    @property
    def open(self) -> int:
        """Pieces that are neither canceled, refunded nor shipped."""
        return max(0, self.ordered - self.canceled - self.refunded - self.shipped)

    @property
    def current(self) -> int:
        """Pieces still wanted."""
        return max(0, self.ordered - self.canceled - self.refunded)


@dataclass
class Bundle:
    """A bundle bought: `count` of the product, whose parts are lines; `together`: it ships as one."""

    id: int
    product: Product
    count: int
    lines: list[Line]
    together: bool


@dataclass
class Parcel:
    id: int
    source: str
    created: datetime
    lines: list[tuple[Line, int]]
    tracks: list[Mapping[str, str]]
    comment: str


@dataclass
class Order:
    id: int
    created: datetime
    updated: datetime
    shopper: Shopper
    lines: list[Line]
    state: str = "new"
    canceled_by: str = ""
    invoice: int = 0
    refunded: Decimal = Decimal(0)
    bundles: list[Bundle] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    histories: list[tuple[int, datetime, Mapping[str, Any]]] = field(default_factory=list)

    def total(self) -> Decimal:
        """Goods, tax and postage."""
        return sum((line.row for line in self.lines), POSTAGE) + self.tax()

    def tax(self) -> Decimal:
        """Of lines and postage, each in whole cents, so that they add up."""
        return sum((tax_on(line.row) for line in self.lines), tax_on(POSTAGE))


class Shop:
    """The state of one shop; every public method may be called from any thread.

    `sources`: source -> sku -> quantity; what may be sold is their sum and `reserved` (0 or below).
    """

    def __init__(self, clock: Callable[[], datetime], sources: Sequence[str]) -> None:
        self.lock = threading.RLock()
        self._clock, self._ids = clock, itertools.count(101)
        self.products: dict[str, Product] = {}
        self.sources: dict[str, dict[str, Decimal]] = {source: {} for source in sources}
        self.reserved: dict[str, int] = defaultdict(int)
        self.orders: dict[int, Order] = {}

    def now(self) -> datetime:
        """The shop's clock, in whole seconds as its database keeps them."""
        return self._clock().replace(microsecond=0)

    def new_id(self) -> int:
        return next(self._ids)

    # ---- products and stock ----

    def fill(self, items: Sequence[ShopItem]) -> None:
        """Put these on the shelves of the first source; every third new one is a variant of a configurable product."""
        main = next(iter(self.sources))
        with self.lock:
            for at, item in enumerate(items):
                if item.sku not in self.products:
                    self.products[item.sku] = self._new_product(item, variant=at % 3 == 1)
                self.products[item.sku].price = Decimal(item.price)
                self.sources[main][item.sku] = Decimal(item.available - self.reserved[item.sku])

    def _new_product(self, item: ShopItem, *, variant: bool) -> Product:
        parent = self._configurable().id if variant else 0
        return Product(self.new_id(), item.sku, item.title, Decimal(item.price), parent=parent)

    def _configurable(self) -> Product:
        made = Product(self.new_id(), "ASSORTED", "Assorted", Decimal(0), "configurable")
        return self.products.setdefault("ASSORTED", made)

    def product(self, sku: str) -> Product:
        """The product on sale under this SKU. Raises KeyError."""
        found = self.products.get(sku)
        if found is None or found.kind != "simple":
            raise KeyError(f"the shop sells no {sku}")
        return found

    def salable(self, sku: str) -> int:
        """What may be sold."""
        return int(sum(held.get(sku, Decimal(0)) for held in self.sources.values()) + self.reserved[sku])

    def set_source_items(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write absolute quantities; all of them or none. Raises MagentoError 400."""
        if not rows:
            raise invalid("Input data is empty")
        with self.lock:
            for row in rows:
                if row.get("sku") not in self.products or row.get("source_code") not in self.sources:
                    raise invalid("Validation Failed")
            for row in rows:
                counts = row.get("status", 1) == 1
                self.sources[row["source_code"]][row["sku"]] = Decimal(str(row["quantity"])) if counts else Decimal(0)

    def shown(self) -> dict[str, int]:
        """sku -> what may be sold."""
        with self.lock:
            return {sku: self.salable(sku) for sku, product in self.products.items() if product.kind == "simple"}

    # ---- orders ----

    def order(self, order_id: int) -> Order:
        """Raises MagentoError 404."""
        found = self.orders.get(order_id)
        if found is None:
            raise no_such()
        return found

    def place(self, shopper: Shopper, basket: Sequence[tuple[Product, int]], *, paid: bool) -> Order:
        """A customer checks out: reservations are made, the sources stay as they are."""
        with self.lock:
            lines = [self._line(product, pieces) for product, pieces in basket]
            order = Order(self.new_id(), self.now(), self.now(), shopper, lines)
            for line in lines:
                self.reserved[line.product.sku] -= line.ordered
            self.orders[order.id] = order
            if paid:
                self.pay(order)
        return order

    def place_bundle(
        self, shopper: Shopper, parts: Sequence[tuple[Product, int]], count: int, *, together: bool
    ) -> Order:
        """A customer buys `count` bundles of these parts (pieces in one bundle)."""
        with self.lock:
            made = Product(self.new_id(), "-".join(part.sku for part, _ in parts), "Set", Decimal(0), "bundle")
            made.together = together
            self.products[made.sku] = made
            order = self.place(shopper, [(part, pieces * count) for part, pieces in parts], paid=True)
            order.bundles.append(Bundle(self.new_id(), made, count, list(order.lines), together))
            for line in order.lines:
                line.part = 0
        return order

    def _line(self, product: Product, pieces: int) -> Line:
        return Line(self.new_id(), product, pieces, pieces, part=self.new_id() if product.parent else 0)

    def pay(self, order: Order) -> None:
        """The order is paid and invoiced."""
        with self.lock:
            order.invoice, order.state = self.new_id(), "processing"
            self._touch(order)

    def edit(self, order: Order, sku: str, quantity: int) -> bool:
        """Change one line as order editor extensions do; False where it is too late or there is no such line."""
        with self.lock:
            line = next((one for one in order.lines if one.product.sku == sku and one.current), None)
            if line is None or order.state not in OPEN or order.parcels or line.ordered == quantity:
                return False
            self.reserved[sku] += line.ordered - quantity
            line.ordered = quantity
            self._touch(order)
        return True

    def cancel(self, order: Order, by: str) -> bool:
        """Cancel; False where Magento does not: something was shipped or invoiced, or it is closed."""
        with self.lock:
            if order.state not in {"new", "processing"} or order.parcels or order.invoice:
                return False
            for line in order.lines:
                self.reserved[line.product.sku] += line.open
                line.canceled += line.open
            order.state, order.canceled_by = "canceled", by
            self._touch(order)
        return True

    def refund(self, order: Order, lines: Mapping[int, int], by: str = "staff") -> int:
        """A credit memo for pieces of lines that were not shipped; gives its id. Raises MagentoError 400."""
        with self.lock:
            chosen = [(line, lines[line.id]) for line in order.lines if lines.get(line.id)]
            if not order.invoice or not chosen or any(pieces > line.open for line, pieces in chosen):
                raise invalid("The creditmemo can't be created for this order.")
            for line, pieces in chosen:
                line.refunded += pieces
                self.reserved[line.product.sku] += pieces
                net = line.product.price * pieces
                order.refunded += net + tax_on(net)
            if not any(line.current for line in order.lines):
                order.state, order.refunded, order.canceled_by = "closed", order.total(), by
            self._touch(order)
        return self.new_id()

    def ship(self, order: Order, parcel: Parcel) -> int:
        """A parcel leaves: the source gives the pieces, the reservation ends. Raises MagentoError 400."""
        with self.lock:
            held = self.sources.get(parcel.source)
            if held is None:
                raise invalid(f"Source with code {parcel.source} does not exist.")
            if order.state not in OPEN or any(not 0 < pieces <= line.open for line, pieces in parcel.lines):
                raise invalid("The order does not allow a shipment to be created.")
            if any(held.get(line.product.sku, Decimal(0)) < pieces for line, pieces in parcel.lines):
                raise invalid("Not all of your products are available in the requested quantity.")
            for line, pieces in parcel.lines:
                held[line.product.sku] -= pieces
                self.reserved[line.product.sku] += pieces
                line.shipped += pieces
            order.parcels.append(parcel)
            done = not any(line.open for line in order.lines) and order.invoice
            order.state = "complete" if done else "processing"
            self._touch(order)
        return parcel.id

    def tell(self, order: Order, history: Mapping[str, Any]) -> None:
        """A comment in the order's history."""
        with self.lock:
            order.histories.append((self.new_id(), self.now(), history))
            self._touch(order)

    def _touch(self, order: Order) -> None:
        order.updated = self.now()

    # ---- the book ----

    def book(self) -> Iterator[BookOrder]:
        """All orders as the shop knows them."""
        with self.lock:
            for order in self.orders.values():
                lines = tuple(
                    BookLine(str(line.id), line.product.sku, line.first, line.current, line.shipped)
                    for line in order.lines
                )
                told = tuple(track["track_number"] for parcel in order.parcels for track in parcel.tracks)
                yield BookOrder(str(order.id), _state(order), lines, told, order.created)


def _state(order: Order) -> str:
    if order.state in {"canceled", "closed"}:
        return "refused" if order.canceled_by == "api" else "cancelled"
    if order.parcels:
        return "partial" if any(line.open for line in order.lines) else "shipped"
    return "open"
