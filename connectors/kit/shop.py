"""A shop put together from parts: one that reads orders, one for stock, one for parcels, one that looks around."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import (
    Can,
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

SHOP = frozenset(
    {
        Can.PULL_ORDERS,
        Can.BACKFILL,
        Can.FETCH_ORDER,
        Can.PULL_LISTINGS,
        Can.PUSH_STOCK,
        Can.READ_STOCK,
        Can.PUSH_SHIPMENT,
        Can.REFUSE_ORDER,
    }
)
"""What a `ShopChannel` can do; those with webhooks declare them beside."""
ReadOrders = Callable[[bytes, Mapping[str, str]], tuple[Order, ...]]
"""(payload, settings) -> orders, or BadRecord."""
ReadNotice = Callable[[Mapping[str, str], bytes], Notice]
"""(headers, body) of a webhook -> what it says, or AuthFailed, BadRecord."""


class Feed(Protocol):
    """Reads orders."""

    @property
    def pull(self) -> Callable[[str | None], Iterator[Page]]: ...

    def one(self, ref: str) -> RawRecord | None: ...


@runtime_checkable
class NumberedFeed(Feed, Protocol):
    """Finds orders by the number that the buyer sees too, where that is not the id."""

    def numbered(self, number: str) -> RawRecord | None: ...


class StockDesk(Protocol):
    """Knows listings and numbers."""

    def listings(self) -> Iterator[ListingOffer]: ...

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]: ...

    def read(self, listings: Sequence[StockLine]) -> Iterator[StockReading]: ...


class ShippingDesk(Protocol):
    """Tells of parcels, each once however often it is asked."""

    def ship(self, dispatch: Dispatch, key: str) -> None: ...


@runtime_checkable
class RefusingDesk(ShippingDesk, Protocol):
    """Tells of refusals too, where the platform lets a merchant refuse an order."""

    def refuse(self, answer: OrderAnswer) -> None: ...


@runtime_checkable
class AcceptingDesk(RefusingDesk, Protocol):
    """Tells of what was promised too, where the platform waits for the seller's word; a `MarketDesk` does."""

    def accept(self, answer: OrderAnswer) -> None: ...


class Checkup(Protocol):
    """Looks at everything that a person may have to mend, and repairs webhooks."""

    def run(self, callback_url: str | None) -> tuple[Finding, ...]: ...


class ShopChannel(BaseChannel):
    """One shop behind the channel port. A connector makes the parts in its `__init__` and declares what they can.

    Without `read_notice` it has no webhooks. What its shipping desk can, it can: refuse orders, and accept them.
    named_by: the setting that tells shops of the same channel apart.
    """

    named_by: ClassVar[str] = "shop_url"

    def __init__(
        self,
        settings: Mapping[str, str],
        read_orders: ReadOrders,
        feed: Feed,
        stock: StockDesk,
        shipping: ShippingDesk,
        checkup: Checkup,
        read_notice: ReadNotice | None = None,
    ) -> None:
        self._settings, self._read_orders, self._read_notice = settings, read_orders, read_notice
        self._feed, self._stock, self._shipping, self._checkup = feed, stock, shipping, checkup

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.get(self.named_by)})"

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        return self._checkup.run(callback_url)

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        if self._read_notice is None:
            raise self._no("webhooks")
        return self._read_notice(headers, raw)

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return self._feed.pull(cursor)

    def fetch_order(self, ref: str) -> RawRecord | None:
        return self._feed.one(ref)

    def find_order(self, number: str) -> RawRecord | None:
        if not isinstance(self._feed, NumberedFeed):
            raise self._no("find_order")
        return self._feed.numbered(number)

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = self._read_orders(record.raw, self._settings)
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
        self._shipping.ship(dispatch, key)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        if answer.accepted:
            if not isinstance(self._shipping, AcceptingDesk):
                raise self._no("accept_order")
            self._shipping.accept(answer)
            return
        if not isinstance(self._shipping, RefusingDesk):
            raise self._no("refuse_order")
        self._shipping.refuse(answer)
