"""A channel that refuses everything: connectors override what their passports declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.canonical.order import Order
from hub.canonical.refund import Refund
from hub.ports.channel import (
    ConnectorSpec,
    Dispatch,
    Finding,
    ListingOffer,
    Notice,
    OrderAnswer,
    Page,
    RawRecord,
    Receipt,
    StockAnswer,
    StockLine,
    StockReading,
)


class ChannelUnsupported(RuntimeError):
    """A method that the passport does not declare was called: a fault of ours."""


class BaseChannel:
    """Refuses everything: a connector overrides what its passport declares."""

    spec: ConnectorSpec

    def _no(self, verb: str) -> ChannelUnsupported:
        return ChannelUnsupported(f"{self.spec.name} does not declare {verb}")

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        raise self._no("check")

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        raise self._no("pull_orders")

    def fetch_order(self, ref: str) -> RawRecord | None:
        raise self._no("fetch_order")

    def find_order(self, number: str) -> RawRecord | None:
        raise self._no("find_order")

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        raise self._no("to_orders")

    def pull_refunds(self, cursor: str | None) -> Iterator[Page]:
        raise self._no("pull_refunds")

    def to_refunds(self, record: RawRecord) -> tuple[Refund, ...]:
        raise self._no("pull_refunds")

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        raise self._no("webhooks")

    def prove_address(self, query: Mapping[str, str], address: str) -> str:
        raise self._no("prove_address")

    def pull_listings(self) -> Iterator[ListingOffer]:
        raise self._no("pull_listings")

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        raise self._no("push_stock")

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        raise self._no("read_stock")

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        raise self._no("push_shipment")

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        raise self._no("answer_order")

    def send_receipt(self, receipt: Receipt) -> None:
        raise self._no("send_receipt")
