"""A shop from declared parts: each is made with the client, and its queue confirms what was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.kit.orders.queues import Change, ChangeQueue
from connectors.kit.parts import Parts, PartsShop
from connectors.kit.settings import ORDERS_SINCE, Start
from connectors.kit.values import Row
from hub.canonical.errors import Misconfigured
from hub.canonical.order import Order
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import (
    Connection,
    ConnectorSpec,
    Dispatch,
    Finding,
    ListingOffer,
    Notice,
    Page,
    RawRecord,
    Receipt,
    StockAnswer,
    StockLine,
    StockReading,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Client(ChangeQueue):
    """Knows what it was opened with; a queue beside."""

    kind, most = "t", 2

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.key, self.now, self.confirmed = connection.secrets["key"], now, list[Sequence[str]]()

    def receive(self) -> dict[str, Row]:
        return {}

    def change(self, message: Row) -> Change | None:
        return None

    def handle(self, ref: str, message: Row) -> str:
        return ref

    def delete(self, handles: Sequence[str]) -> None:
        self.confirmed.append(handles)


class Part:
    """Every part at once; what it says names the client."""

    def __init__(self, client: Client, start: Start | None = None) -> None:
        self.client, self.start = client, start

    def pull(self, cursor: str | None) -> Iterator[Page]:
        assert self.start is not None
        yield Page((), f"{self.start.first} {self.start.overlap} {self.client.now()}")

    def one(self, ref: str) -> RawRecord | None:
        return RawRecord(ref, self.client.key.encode())

    def listings(self) -> Iterator[ListingOffer]:
        yield ListingOffer("1", self.client.key, None, None, None, {})

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        return ()

    def read(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        yield from ()

    def ship(self, dispatch: Dispatch, key: str) -> None:
        raise AssertionError(key)

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        return (Finding(f"{self.client.key} {callback_url}", True),)


def nothing(raw: bytes, settings: Any) -> tuple[Order, ...]:
    return ()


class Quiet(PartsShop):
    spec = ConnectorSpec("t", "T", frozenset(), (ORDERS_SINCE,), overlap_s=60)
    parts = Parts(Client, nothing, Part, Part, Part, Part, zone=ZoneInfo("Asia/Shanghai"))


class Ringing(PartsShop):
    spec = Quiet.spec
    parts = Parts(
        Client, nothing, Part, Part, Part, Part, queue=lambda client: client,
        notices=lambda client: lambda headers, raw: Notice(client.key, raw.decode()),
    )  # fmt: skip


def opened(shop: type[PartsShop], **settings: str) -> Any:
    return shop(Connection(1, "t", "t", settings, {"key": "k"}), lambda: NOW)


def test_every_part_is_made_with_the_one_client() -> None:
    shop = opened(Quiet)
    assert shop.fetch_order("5") == RawRecord("5", b"k")
    assert [offer.sku for offer in shop.pull_listings()] == ["k"]
    assert shop.check("https://hub.example") == (Finding("k https://hub.example", True),)
    assert len({id(part.client) for part in (shop._feed, shop._stock, shop._shipping, shop._checkup)}) == 1


def test_pulls_start_where_the_merchant_says_in_the_declared_zone() -> None:
    (page,) = opened(Quiet, orders_since="2026-11-23").pull_orders(None)
    assert page.cursor == f"{datetime(2026, 11, 22, 16, tzinfo=UTC)} {timedelta(minutes=1)} {NOW}"
    with pytest.raises(Misconfigured, match="orders_since = 'soon'"):
        opened(Quiet, orders_since="soon")


def test_without_notices_and_queue_there_are_no_webhooks_and_receipts() -> None:
    with pytest.raises(ChannelUnsupported, match="t does not declare webhooks"):
        opened(Quiet).read_webhook({}, b"")
    with pytest.raises(ChannelUnsupported, match="t does not declare send_receipt"):
        opened(Quiet).send_receipt(Receipt("t:1", {"handles": ["a"]}))


def test_webhooks_and_receipts_go_to_the_declared_parts() -> None:
    shop = opened(Ringing)
    assert shop.read_webhook({}, b"paid") == Notice("k", "paid")
    shop.send_receipt(Receipt("t:1", {"handles": ["a", "b", "c"]}))
    assert shop._checkup.client.confirmed == [["a", "b"], ["c"]]


def test_an_address_is_proven_where_that_is_declared() -> None:
    class Proving(PartsShop):
        spec = Quiet.spec
        parts = replace(Quiet.parts, proof=lambda client: lambda query, address: f"{client.key} {query} {address}")

    assert opened(Proving).prove_address({"q": "1"}, "here") == "k {'q': '1'} here"
    with pytest.raises(ChannelUnsupported, match="t does not declare prove_address"):
        opened(Quiet).prove_address({"q": "1"}, "here")
