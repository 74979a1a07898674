"""One WooCommerce shop behind the channel port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from connectors.kit.exact_json import loads_exact
from connectors.kit.settings import first_pull
from connectors.kit.signatures import secrets_of
from connectors.woocommerce import webhooks
from connectors.woocommerce.checkup import Checkup
from connectors.woocommerce.client import one, open_api, zone_of
from connectors.woocommerce.feed import OrderFeed
from connectors.woocommerce.orders import read_orders
from connectors.woocommerce.refunds import with_current
from connectors.woocommerce.shipments import Shipments
from connectors.woocommerce.spec import SPEC
from connectors.woocommerce.stock import Stock
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.ports.channel import (
    BaseChannel,
    Channel,
    Connection,
    Dispatch,
    Finding,
    ListingOffer,
    Notice,
    OrderAnswer,
    Page,
    RawRecord,
    StockAnswer,
    StockLine,
    StockReading,
)


class WooCommerce(BaseChannel):
    """One shop. Orders sort by `date_modified_gmt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._settings, self._zone = connection.settings, zone_of(connection.settings)
        names = ("webhook_secret", "webhook_secret_previous")
        self._hook_secrets = [secret for name in names for secret in secrets_of(connection.secrets.get(name, ""))]
        api = open_api(connection)
        self._feed = OrderFeed(
            api, self._zone, timedelta(seconds=SPEC.overlap_s), first_pull(self._settings, self._zone)
        )
        self._stock, self._shipments = Stock(api), Shipments(api)
        self._checkup = Checkup(api, self._zone, next(iter(self._hook_secrets), ""))

    def __repr__(self) -> str:
        return f"WooCommerce({self._settings.get('shop_url')})"

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        return self._checkup.run(callback_url)

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return self._feed.pull(cursor)

    def fetch_order(self, ref: str) -> RawRecord | None:
        return self._feed.one(ref)

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = read_orders(record.raw, self._settings)
        if not orders:
            raise BadRecord("body", record.raw[:200].decode("utf-8", "replace"), "expected an order, found none")
        if len(orders) > 1:
            return orders
        return (with_current(orders[0], one(loads_exact(record.raw))),)

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        return webhooks.read(headers, raw, self._hook_secrets, self._zone)

    def pull_listings(self) -> Iterator[ListingOffer]:
        return self._stock.listings()

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        return self._stock.push(lines)

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        return self._stock.read(listings)

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        self._shipments.ship(dispatch, key)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        if answer.accepted:
            raise self._no("accept_order")
        self._shipments.refuse(answer)


CONNECTOR: Callable[[Connection], Channel] = WooCommerce
