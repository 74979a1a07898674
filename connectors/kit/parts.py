"""A shop whose parts are declared: each is made with the client that asks the channel, so nobody has to wire them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar, Generic, TypeVar

from connectors.kit.orders.queues import ChangeQueue
from connectors.kit.settings import Start, pull_start
from connectors.kit.shop import Checkup, Feed, ReadNotice, ReadOrders, ShippingDesk, ShopChannel, StockDesk
from hub.ports.channel import Connection, Receipt
from hub.ports.clock import utc_now

Client = TypeVar("Client")
Prove = Callable[[Mapping[str, str], str], str]
"""(query, our address) -> the answer to a platform that asks whether the address is ours, or BadInput."""


@dataclass(frozen=True, slots=True)
class Parts(Generic[Client]):
    """What a shop is put together from; settings that a part needs are read by its client.

    client:  opens the channel, with aware UTC now. Raises Misconfigured.
    feed:    from the client, and where pulls start.  zone: in which the merchant says from which day on.
    notices: from the client, what reads webhooks; None where there are none.
    proof:   from the client, what answers a platform that asks whether our address is ours: (query, address) -> answer.
    queue:   from the client, the queue whose messages its feed hands over; None where there is none.
    """

    client: Callable[[Connection, Callable[[], datetime]], Client]
    read_orders: ReadOrders
    feed: Callable[[Client, Start], Feed]
    stock: Callable[[Client], StockDesk]
    shipping: Callable[[Client], ShippingDesk]
    checkup: Callable[[Client], Checkup]
    notices: Callable[[Client], ReadNotice] | None = None
    queue: Callable[[Client], ChangeQueue] | None = None
    proof: Callable[[Client], Prove] | None = None
    zone: tzinfo = UTC


class PartsShop(ShopChannel):
    """One shop behind the channel port, made from its declared `parts`. Raises Misconfigured."""

    parts: ClassVar[Parts[Any]]

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        parts, settings = self.parts, connection.settings
        client = parts.client(connection, now)
        self._queue = parts.queue(client) if parts.queue else None
        self._proof = parts.proof(client) if parts.proof else None
        super().__init__(
            settings,
            parts.read_orders,
            parts.feed(client, pull_start(settings, self.spec, parts.zone)),
            parts.stock(client),
            parts.shipping(client),
            parts.checkup(client),
            parts.notices(client) if parts.notices else None,
        )

    def prove_address(self, query: Mapping[str, str], address: str) -> str:
        """The answer to a platform that asks whether the address is ours."""
        if self._proof is None:
            raise self._no("prove_address")
        return self._proof(query, address)

    def send_receipt(self, receipt: Receipt) -> None:
        """Confirm the messages of a page that is committed."""
        if self._queue is None:
            raise self._no("send_receipt")
        self._queue.confirm(receipt)
