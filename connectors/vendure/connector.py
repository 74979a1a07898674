"""One Vendure shop behind the channel port; what the words mean lies in `mappings/vendure`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connectors.kit.settings import first_pull
from connectors.vendure.checkup import Places, check_access, check_counting
from connectors.vendure.client import open_graph
from connectors.vendure.feed import OrderFeed
from connectors.vendure.orders import decimals, read_orders
from connectors.vendure.shipments import ShippingDesk
from connectors.vendure.spec import SPEC
from connectors.vendure.stock import StockDesk
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.ports.channel import (
    BaseChannel,
    Connection,
    ConnectorFactory,
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


class Vendure(BaseChannel):
    """One shop. Orders sort by `updatedAt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._settings = connection.settings
        self._decimals = decimals(connection.settings)
        self._graph = open_graph(connection)
        self._places = Places(self._graph, connection.settings.get("location_id", "").strip())
        since = first_pull(connection.settings)
        self._feed = OrderFeed(self._graph, timedelta(seconds=SPEC.overlap_s), since)
        self._stock = StockDesk(self._graph, self._places.location)
        handler = connection.settings.get("fulfillment_handler", "").strip() or "manual-fulfillment"
        self._shipping = ShippingDesk(self._graph, handler)

    def __repr__(self) -> str:
        return f"Vendure({self._settings.get('shop_url')})"

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        """`callback_url` is not used: Vendure has no webhooks."""
        findings = list(check_access(self._graph))
        if all(finding.ok for finding in findings):
            findings.append(self._places.check())
            findings.extend(check_counting(self._graph, self._decimals))
        return tuple(findings)

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return self._feed.pull(cursor)

    def fetch_order(self, ref: str) -> RawRecord | None:
        return self._feed.one(ref)

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = read_orders(record.raw, self._settings)
        if not orders:
            raise BadRecord("body", record.raw[:100].decode("utf-8", "replace"), "expected an order, found none")
        return orders

    def pull_listings(self) -> Iterator[ListingOffer]:
        return self._stock.listings()

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        return self._stock.push(lines)

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        return self._stock.read(listings)

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        """`key` is not sent: Vendure takes none, so its fulfillments are read before anything is created."""
        self._shipping.ship(dispatch)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        """Only refusals: an order that Vendure took needs no acceptance."""
        if answer.accepted:
            raise self._no("accept_order")
        self._shipping.refuse(answer)


CONNECTOR: ConnectorFactory = Vendure
