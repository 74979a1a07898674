"""One shop on one Mirakl marketplace behind the channel port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from connectors.kit.settings import first_pull
from connectors.mirakl.checkup import Checkup
from connectors.mirakl.client import Seller
from connectors.mirakl.feed import OrderFeed
from connectors.mirakl.orders import read_orders
from connectors.mirakl.shipments import Shipments
from connectors.mirakl.spec import SPEC
from connectors.mirakl.stock import Stock
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.ports.channel import (
    BaseChannel,
    Channel,
    Connection,
    Dispatch,
    Finding,
    ListingOffer,
    OrderAnswer,
    Page,
    RawRecord,
    StockAnswer,
    StockLine,
    StockReading,
)


class Mirakl(BaseChannel):
    """One shop. Orders are asked for by `last_updated_date`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._settings = connection.settings
        seller, several = Seller(connection), connection.settings.get("parcels") == "several"
        self._feed = OrderFeed(seller, timedelta(seconds=SPEC.overlap_s), first_pull(self._settings))
        self._stock, self._shipments = Stock(seller), Shipments(seller, several=several)
        self._checkup = Checkup(seller, several=several)

    def __repr__(self) -> str:
        return f"Mirakl({self._settings.get('marketplace_url')})"

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        return self._checkup.run()

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return self._feed.pull(cursor)

    def fetch_order(self, ref: str) -> RawRecord | None:
        return self._feed.one(ref)

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = read_orders(record.raw, self._settings)
        if not orders:
            raise BadRecord("body", record.raw[:200].decode("utf-8", "replace"), "expected an order, found none")
        return orders

    def pull_listings(self) -> Iterator[ListingOffer]:
        return self._stock.listings()

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        return self._stock.push(lines)

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        return self._stock.read(listings)

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        self._shipments.ship(dispatch)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        self._shipments.answer(answer)


CONNECTOR: Callable[[Connection], Channel] = Mirakl
