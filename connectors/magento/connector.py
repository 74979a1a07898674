"""One Magento shop behind the channel port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from connectors.kit.settings import first_pull
from connectors.magento.checkup import BULK, REFUND, Checkup
from connectors.magento.client import Sources, code, open_api
from connectors.magento.feed import OrderFeed
from connectors.magento.orders import read_orders
from connectors.magento.shipments import Shipments
from connectors.magento.spec import SPEC
from connectors.magento.stock import Stock
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


class Magento(BaseChannel):
    """One shop. Orders sort by `updated_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._settings = settings = connection.settings
        api, sources, website = open_api(connection), Sources.read(settings), code(settings, "website", "base")
        self._feed = OrderFeed(api, timedelta(seconds=SPEC.overlap_s), first_pull(settings))
        bulk = settings.get("stock_calls") == "bulk"
        self._stock = Stock(api, website, sources.main, bulk=bulk)
        notify, refund = settings.get("notify_customer") != "no", settings.get("refund_refused") == "online"
        self._shipments = Shipments(api, sources, notify=notify, refund=refund)
        more = [trial for needed, trial in ((refund, REFUND), (bulk, BULK)) if needed]
        self._checkup = Checkup(api, sources, website, more)

    def __repr__(self) -> str:
        return f"Magento({self._settings.get('shop_url')})"

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
        if answer.accepted:
            raise self._no("accept_order")
        self._shipments.refuse(answer)


CONNECTOR: Callable[[Connection], Channel] = Magento
