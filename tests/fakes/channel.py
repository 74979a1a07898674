"""A channel in memory: scripted orders, listings and stock, failures on demand, and a book of what it was told."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hub.canonical.errors import AuthFailed, BadRecord
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from hub.canonical.refund import Refund, refund_from_dict
from hub.canonical.times import parse_time
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import (
    Can,
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

SPEC = ConnectorSpec("fake", "Fake shop", frozenset(Can))
SECRET = b"fake secret"


def payload(
    ref: str, lines: Mapping[str, tuple[str, str | int]], /, at: str = "2026-11-23T08:00:00Z", **more: Any
) -> Any:
    """An order in the fake's own format, which is the canonical JSON.

    lines: line ref -> (listing ref, quantity). `at` is its `updated_at`.
    """
    rows = [{"channel_ref": line, "listing_ref": listing, "quantity": str(q)} for line, (listing, q) in lines.items()]
    body = {
        "channel": "fake", "channel_ref": ref, "number": f"#{ref}", "updated_at": at, "lines": rows,
        "payment": "paid", "total": "10.00", "currency": "EUR", "ship_to": {"country": "DE", "city": "Berlin"},
    }  # fmt: skip
    return body | more


def refund(ref: str, order_ref: str, amount: str, /, at: str = "2026-11-24T08:00:00Z", **more: Any) -> Any:
    """A refund in the fake's own format, which is the canonical JSON."""
    body = {"channel_ref": ref, "order_ref": order_ref, "amount": amount, "currency": "EUR", "refunded_at": at}
    return body | more


def signed(body: Any) -> tuple[dict[str, str], bytes]:
    """Headers and raw bytes of a webhook of the fake: {"event_id", "orders", "refetch"}."""
    raw = json.dumps(body).encode()
    return {"X-Fake-Signature": hashlib.sha256(SECRET + raw).hexdigest()}, raw


class FakeChannel(BaseChannel):
    """One shop.

    orders:   all versions in the order in which a pull gives them; `page_size` of them on a page.
    refunds:  likewise, as `refund` makes them: told apart from the orders.
    shelf:    listing ref -> the number it shows. compare_and_set: refuse a line whose `last_sent` is not shown.
    fail:     method name -> errors that its next calls raise, first one first.
    meanwhile: method name -> what happens while the call is under way (once).
    told:     (topic, key, value) of every effect; the same key has one effect, `calls` counts every try.
    """

    def __init__(self, spec: ConnectorSpec = SPEC) -> None:
        self.spec = spec
        self.orders: list[Any] = []
        self.refunds: list[Any] = []
        self.page_size = 100
        self.shelf: dict[str, int | None] = {}
        self.listings: list[ListingOffer] = []
        self.receipts: list[Receipt] = []
        self.compare_and_set = False
        self.line_answers: dict[str, StockAnswer] = {}
        self.known_statuses = {"open", "cancelled", "closed"}
        self.fail: dict[str, list[Exception]] = defaultdict(list)
        self.meanwhile: dict[str, Callable[[], object]] = {}
        self.told: list[tuple[str, str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.stock_calls: list[tuple[StockLine, ...]] = []
        self.cursors: list[str | None] = []
        self._lock = threading.Lock()

    def _called(self, name: str) -> None:
        with self._lock:
            self.calls[name] += 1
            error = self.fail[name].pop(0) if self.fail[name] else None
            meanwhile = self.meanwhile.pop(name, None)
        if error is not None:
            raise error
        if meanwhile is not None:
            meanwhile()

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        self._called("check")
        return (Finding("credentials", True),)

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        self._called("pull_orders")
        self.cursors.append(cursor)
        since = parse_time(cursor, "cursor") if cursor else None
        found = [o for o in self.orders if since is None or parse_time(o["updated_at"], "updated_at") >= since]
        for start in range(0, len(found), self.page_size):
            part = found[start : start + self.page_size]
            newest = max(parse_time(order["updated_at"], "updated_at") for order in part)
            receipts = tuple(self.receipts) if start == 0 else ()
            cursor = max(part[-1]["updated_at"], cursor or "")
            yield Page(tuple(self.record(order) for order in part), cursor, receipts, newest)
            self._called("next_page")

    def pull_refunds(self, cursor: str | None) -> Iterator[Page]:
        self._called("pull_refunds")
        self.cursors.append(cursor)
        for start in range(0, len(self.refunds), self.page_size):
            part = self.refunds[start : start + self.page_size]
            records = (RawRecord(one["channel_ref"], json.dumps(one).encode(), kind="refund") for one in part)
            yield Page(tuple(records), f"r{start + len(part)}")

    def to_refunds(self, record: RawRecord) -> tuple[Refund, ...]:
        return (refund_from_dict(json.loads(record.raw)),)

    @staticmethod
    def record(order: Any) -> RawRecord:
        at = parse_time(order["updated_at"], "updated_at") if order.get("updated_at") else None
        return RawRecord(order["channel_ref"], json.dumps(order).encode(), at)

    def fetch_order(self, ref: str) -> RawRecord | None:
        self._called("fetch_order")
        found = [order for order in self.orders if order["channel_ref"] == ref]
        return self.record(found[-1]) if found else None

    def find_order(self, number: str) -> RawRecord | None:
        self._called("find_order")
        found = [order for order in self.orders if order["number"].lstrip("#") == number.lstrip("#")]
        return self.record(found[-1]) if found else None

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        body = json.loads(record.raw)
        if body.get("poison"):
            raise ZeroDivisionError("a bug in a mapping")
        status = body.get("status", "open")
        if status not in self.known_statuses:
            raise BadRecord("status", status, "unknown status: add it to the table")
        return (order_from_dict(body | {"status": status if status in ("cancelled", "closed") else "open"}),)

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        if headers.get("x-fake-signature") != hashlib.sha256(SECRET + raw).hexdigest():
            raise AuthFailed("the signature does not fit")
        body = json.loads(raw)
        if "event_id" not in body:
            raise BadRecord("event_id", None, "expected an event id")
        records = tuple(self.record(order) for order in body.get("orders", ()))
        return Notice(body["event_id"], "orders", records, tuple(body.get("refetch", ())))

    def pull_listings(self) -> Iterator[ListingOffer]:
        self._called("pull_listings")
        yield from self.listings

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        self._called("push_stock")
        self.stock_calls.append(tuple(lines))
        return tuple(self._one(line) for line in lines)

    def _one(self, line: StockLine) -> StockAnswer:
        if line.listing_ref in self.line_answers:
            return self.line_answers[line.listing_ref]
        shown = self.shelf.get(line.listing_ref)
        if self.compare_and_set and shown != line.last_sent:
            return StockAnswer(line.listing_ref, False, stale=True, seen=shown)
        self.shelf[line.listing_ref] = line.available
        return StockAnswer(line.listing_ref, True)

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        self._called("read_stock")
        for line in listings:
            yield StockReading(line.listing_ref, self.shelf.get(line.listing_ref))

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        self._tell("push_shipment", "shipment", key, dispatch)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        self._tell("answer_order", "answer", key, answer)

    def send_receipt(self, receipt: Receipt) -> None:
        self._tell("send_receipt", "receipt", receipt.key, receipt)

    def _tell(self, name: str, topic: str, key: str, value: Any) -> None:
        self._called(name)
        with self._lock:
            if key not in {known for _, known, _ in self.told}:
                self.told.append((topic, key, value))
        self._called(f"after_{name}")

    def dispatches(self) -> list[Dispatch]:
        return [value for topic, _, value in self.told if topic == "shipment"]

    def answers(self) -> list[OrderAnswer]:
        return [value for topic, _, value in self.told if topic == "answer"]
