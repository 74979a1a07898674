"""One Amazon seller behind the channel port."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connectors.amazon.checkup import Checkup
from connectors.amazon.client import Seller
from connectors.amazon.feed import OrderFeed
from connectors.amazon.orders import read_orders
from connectors.amazon.queue import Queue
from connectors.amazon.refunds import RefundFeed, read_refund
from connectors.amazon.shipments import Shipments
from connectors.amazon.spec import SPEC
from connectors.amazon.stock import Stock, feed_from
from connectors.kit.settings import first_pull, seconds
from connectors.kit.shop import ShopChannel
from hub.canonical.refund import Refund
from hub.ports.channel import Connection, ConnectorFactory, Page, RawRecord, Receipt


class Amazon(ShopChannel):
    """One seller in one region. Orders are told by `lastUpdatedTime`; the cursor is the end of the searches read."""

    spec = SPEC
    named_by = "seller_id"

    def __init__(self, connection: Connection) -> None:
        settings, seller = connection.settings, Seller(connection)
        self._queue = Queue(connection, seller.id) if settings.get("queue_arn", "").strip() else None
        every = seconds(settings, SPEC, "search_every", most=86_400)
        overlap = timedelta(seconds=SPEC.overlap_s)
        super().__init__(
            settings,
            read_orders,
            OrderFeed(seller, self._queue, overlap, first_pull(settings), every),
            Stock(seller, feed_from(settings)),
            Shipments(seller, settings),
            Checkup(seller, self._queue),
        )
        self._refunds = RefundFeed(seller, first_pull(settings))

    def pull_refunds(self, cursor: str | None) -> Iterator[Page]:
        return self._refunds.pull(cursor)

    def to_refunds(self, record: RawRecord) -> tuple[Refund, ...]:
        return read_refund(record, self._settings)

    def send_receipt(self, receipt: Receipt) -> None:
        """Delete the messages of a page that is committed."""
        if self._queue:
            self._queue.confirm(receipt)


CONNECTOR: ConnectorFactory = Amazon
