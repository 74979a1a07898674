"""Orders by search: pages, tokens that end, what changes meanwhile; and by the queue between two searches."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses

from connectors.amazon.connector import Amazon
from connectors.amazon.queue import Queue
from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.practice.server import Reply, Request
from hub.canonical.errors import ChannelDown, HeldBack, InvariantBroken, Rejected
from hub.canonical.order import OrderStatus
from hub.canonical.times import iso
from hub.ports.channel import Connection, Page, Receipt
from tests.connectors.amazon.conftest import connect
from tests.connectors.contract import SHOPPER

SEARCH = "/orders/2026-01-01/orders"


@pytest.fixture
def queued(watched: Any) -> AmazonSandbox:
    """An account whose order changes go into a queue."""
    running: AmazonSandbox = watched(AmazonSandbox(queue=True))
    connect(running).check()
    return running


@pytest.fixture
def wire(sandbox: AmazonSandbox) -> list[Request]:
    """Every request from now on, beside the watch."""
    return watch(sandbox)


def watch(sandbox: AmazonSandbox) -> list[Request]:
    seen, before = list[Request](), sandbox.server.watch

    def look(request: Request, reply: Reply) -> None:
        seen.append(request)
        if before:
            before(request, reply)

    sandbox.server.watch = look
    return seen


def searches(seen: list[Request]) -> list[dict[str, str]]:
    return [dict(request.query) for request in seen if request.path == SEARCH]


def refs(pages: list[Page]) -> list[str]:
    return [record.ref for page in pages for record in page.records]


def place(sandbox: AmazonSandbox, count: int) -> list[str]:
    return [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(count)]


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_more_orders_than_a_page_holds_come_once_each(count: int, sandbox: AmazonSandbox, channel: Amazon) -> None:
    placed = place(sandbox, count)
    assert refs(list(channel.pull_orders(None))) == placed


def test_a_search_says_from_when_on_where_and_which_datasets(channel: Amazon, wire: list[Request]) -> None:
    before = datetime.now(UTC)
    list(channel.pull_orders(None))
    (query,) = searches(wire)
    since = datetime.fromisoformat(query.pop("lastUpdatedAfter"))
    assert abs(before - timedelta(days=30) - since) < timedelta(minutes=5)
    assert query == {
        "marketplaceIds": "A1PA6795UKMFR9", "maxResultsPerPage": "100",
        "includedData": "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES",
    }  # fmt: skip


def test_the_merchant_may_say_where_the_first_pull_starts_but_amazon_keeps_two_years(sandbox: AmazonSandbox) -> None:
    seen = watch(sandbox)
    list(connect(sandbox, orders_since="2019-01-01").pull_orders(None))
    since = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    list(connect(sandbox, orders_since=since).pull_orders(None))
    first, second = (datetime.fromisoformat(query["lastUpdatedAfter"]) for query in searches(seen))
    assert datetime.now(UTC) - first < timedelta(days=730)
    assert f"{second:%Y-%m-%dT%H:%M:%S}" == f"{since}T00:00:00"


def test_the_next_search_starts_two_minutes_before_the_end_of_the_last_one(
    sandbox: AmazonSandbox, channel: Amazon, wire: list[Request]
) -> None:
    place(sandbox, 1)
    (page,) = channel.pull_orders(None)
    assert page.cursor is not None
    list(channel.pull_orders(page.cursor))
    began = datetime.fromisoformat(searches(wire)[-1]["lastUpdatedAfter"])
    assert datetime.fromisoformat(page.cursor) - began == timedelta(seconds=120)


def test_a_pull_goes_on_at_the_page_where_the_last_one_was_stopped(sandbox: AmazonSandbox, wire: list[Request]) -> None:
    placed = place(sandbox, 250)
    pages = connect(sandbox).pull_orders(None)
    first = next(pages)
    pages.close()
    rest = list(connect(sandbox).pull_orders(first.cursor))
    assert refs([first, *rest]) == placed
    assert len(searches(wire)) == 3
    assert len({query["lastUpdatedAfter"] for query in searches(wire)}) == 1


def test_an_order_that_changes_while_it_is_searched_comes_with_the_next_search(sandbox: AmazonSandbox) -> None:
    """It leaves the search; the cursor is the time when that began, not when its last page was read."""
    placed = place(sandbox, 150)
    pages = connect(sandbox).pull_orders(None)
    first = next(pages)
    assert sandbox.cancel_order(placed[140])
    rest = list(pages)
    assert placed[140] not in refs([first, *rest])
    assert datetime.fromisoformat(rest[-1].cursor or "") <= sandbox.shop.order(placed[140]).updated
    later = list(connect(sandbox).pull_orders(rest[-1].cursor))
    assert placed[140] in refs(later)


def test_a_token_of_a_former_pull_that_has_ended_begins_the_search_again(sandbox: AmazonSandbox) -> None:
    placed = place(sandbox, 150)
    pages = connect(sandbox).pull_orders(None)
    first = next(pages)
    sandbox.routes.ended = True
    again = connect(sandbox).pull_orders(first.cursor)
    assert refs([next(again)]) == placed[:100]
    with pytest.raises(Rejected):  # a token of this very pull is another matter
        next(again)


def test_pages_that_repeat_themselves_stop_the_pull(sandbox: AmazonSandbox, channel: Amazon) -> None:
    place(sandbox, 2)
    sandbox.routes.loop_pages = True
    with pytest.raises(InvariantBroken):
        list(channel.pull_orders(None))


def test_a_pull_that_is_held_back_keeps_what_was_read_and_goes_on_there(sandbox: AmazonSandbox) -> None:
    placed, channel = place(sandbox, 150), connect(sandbox)
    with pytest.raises(HeldBack):
        for _ in range(21):
            pages = channel.pull_orders(None)
            first = next(pages)
            pages.close()
    assert refs(list(connect(sandbox).pull_orders(first.cursor))) == placed[100:]


def test_between_two_searches_none_is_made(sandbox: AmazonSandbox, wire: list[Request]) -> None:
    place(sandbox, 1)
    channel = connect(sandbox, search_every="300")
    pages = list(channel.pull_orders(None))
    assert list(channel.pull_orders(pages[-1].cursor)) == []
    assert len(searches(wire)) == 1
    list(channel.pull_orders(iso(datetime.now(UTC) - timedelta(seconds=301))))
    assert len(searches(wire)) == 2


def test_an_order_of_which_pieces_were_cancelled_since_comes_again(sandbox: AmazonSandbox, channel: Amazon) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 3), ("MUG-RED", 1)])
    cursor = list(channel.pull_orders(None))[-1].cursor
    sandbox.shop.cancel_pieces(sandbox.shop.order(ref), "TEA-GREEN", 2)
    (record,) = [record for page in channel.pull_orders(cursor) for record in page.records][-1:]
    (order,) = channel.to_orders(record)
    assert (order.channel_ref, [order.wanted(line) for line in order.lines]) == (ref, [1, 1])


def test_an_order_without_an_id_carries_its_problem(sandbox: AmazonSandbox, channel: Amazon) -> None:
    place(sandbox, 1)
    order = next(iter(sandbox.shop.orders.values()))
    order.id = ""
    sandbox.server.watch = None  # the model does not allow it
    (record,) = next(channel.pull_orders(None)).records
    assert record.problem is not None
    assert record.problem.field == "orderId"


# ---- the queue ----


def settled(sandbox: AmazonSandbox) -> str:
    """A cursor so fresh that no search is due, and a queue without messages."""
    channel = connect(sandbox, search_every="300")
    pages = list(channel.pull_orders(None))
    for page in pages:
        for receipt in page.receipts:
            channel.send_receipt(receipt)
    assert sandbox.queue.messages == {}
    return pages[-1].cursor or ""


def test_the_queue_tells_of_a_change_at_once_and_forgets_it_only_when_it_is_confirmed(queued: AmazonSandbox) -> None:
    cursor, seen = settled(queued), watch(queued)
    channel = connect(queued, search_every="300")
    ref = queued.place_order(SHOPPER, [("MUG-RED", 2)])
    (page,) = channel.pull_orders(cursor)
    assert (refs([page]), page.cursor, searches(seen)) == ([ref], cursor, [])
    assert len(queued.queue.messages) == 1
    (receipt,) = page.receipts
    channel.send_receipt(receipt)
    assert queued.queue.messages == {}
    channel.send_receipt(receipt)  # does no harm


def test_a_message_that_is_not_confirmed_comes_again_later(queued: AmazonSandbox) -> None:
    cursor = settled(queued)
    channel = connect(queued, search_every="300")
    ref = queued.place_order(SHOPPER, [("MUG-RED", 2)])
    (first,) = channel.pull_orders(cursor)
    assert list(channel.pull_orders(cursor)) == []  # hidden for a while
    for message in queued.queue.messages.values():
        message.shown_at = datetime.now(UTC)
    (second,) = channel.pull_orders(cursor)
    assert refs([first]) == refs([second]) == [ref]
    assert first.receipts[0].key != second.receipts[0].key


def test_a_cancellation_comes_through_the_queue(queued: AmazonSandbox) -> None:
    ref = queued.place_order(SHOPPER, [("MUG-RED", 2)])
    cursor = settled(queued)
    assert queued.cancel_order(ref)
    channel = connect(queued, search_every="300")
    (page,) = channel.pull_orders(cursor)
    (order,) = channel.to_orders(page.records[0])
    assert (order.channel_ref, order.status) == (ref, OrderStatus.CANCELLED)


def test_an_order_that_the_search_has_just_given_is_not_read_again(queued: AmazonSandbox) -> None:
    placed, seen = place(queued, 3), watch(queued)
    pages = list(connect(queued).pull_orders(None))
    assert refs(pages) == placed
    assert [request.path for request in seen if request.path.startswith(f"{SEARCH}/")] == []
    assert sum(len(receipt.body["handles"]) for page in pages for receipt in page.receipts) == 3


def test_more_messages_than_a_call_gives_are_all_read_and_deleted_in_tens(queued: AmazonSandbox) -> None:
    cursor = settled(queued)
    placed = place(queued, 25)
    channel = connect(queued, search_every="300")
    pages = list(channel.pull_orders(cursor))
    assert refs(pages) == placed
    handles = [handle for page in pages for receipt in page.receipts for handle in receipt.body["handles"]]
    channel.send_receipt(Receipt("all", {"handles": handles}))
    assert queued.queue.messages == {}


def test_messages_about_other_sellers_other_things_or_nothing_are_left_alone(queued: AmazonSandbox) -> None:
    cursor = settled(queued)
    ref = queued.place_order(SHOPPER, [("MUG-RED", 1)])
    (message,) = queued.queue.messages.values()
    body = json.loads(message.body)
    body["Payload"]["OrderChangeNotification"]["SellerId"] = "SOMEBODY"
    for text in ("{", "7", json.dumps({"NotificationType": "FEED_PROCESSING_FINISHED"}), json.dumps(body)):
        queued.queue.put(text)
    channel = connect(queued, search_every="300")
    (page,) = channel.pull_orders(cursor)
    channel.send_receipt(page.receipts[0])
    assert (refs([page]), len(queued.queue.messages)) == ([ref], 4)


def test_an_order_that_is_gone_when_its_message_is_read_is_passed_over(queued: AmazonSandbox) -> None:
    cursor = settled(queued)
    ref = queued.place_order(SHOPPER, [("MUG-RED", 1)])
    del queued.shop.orders[ref]
    (page,) = connect(queued, search_every="300").pull_orders(cursor)
    assert (page.records, len(page.receipts)) == ((), 1)


def test_the_queues_address_is_that_of_its_region() -> None:
    settings = {"queue_arn": "arn:aws:sqs:us-west-2:123456789012:orders", "aws_access_key": "A"}
    queue = Queue(Connection(1, "a", "amazon", settings, {"aws_secret_key": "s-secret"}), "SELLER")
    with responses.RequestsMock() as wire:
        wire.post("https://sqs.us-west-2.amazonaws.com/", json={})
        assert list(queue.batches()) == []
        body = json.loads(wire.calls[0].request.body or b"")
    assert body["QueueUrl"] == "https://sqs.us-west-2.amazonaws.com/123456789012/orders"


@pytest.mark.parametrize("ours", [True, False])
def test_messages_that_were_not_deleted_are_tried_again_unless_it_is_our_own_fault(ours: bool) -> None:
    """A handle that is too old is our fault: its message comes again with a new one."""
    settings = {"queue_arn": "arn:aws:sqs:us-west-2:123456789012:orders", "aws_access_key": "A"}
    queue = Queue(Connection(1, "a", "amazon", settings, {"aws_secret_key": "s-secret"}), "SELLER")
    with responses.RequestsMock() as wire:
        failed = {"Id": "0", "SenderFault": ours, "Code": "x"}
        wire.post("https://sqs.us-west-2.amazonaws.com/", json={"Successful": [], "Failed": [failed]})
        with contextlib.nullcontext() if ours else pytest.raises(ChannelDown):
            queue.delete(["h1"])


def test_a_search_that_does_not_say_where_it_ends_ends_now() -> None:
    settings = {"client_id": "me", "seller_id": "S", "marketplaces": "ATVPDKIKX0DER"}
    keys = {"client_secret": "s-secret", "refresh_token": "Atzr|r-secret"}
    with responses.RequestsMock() as wire:
        wire.post("https://api.amazon.com/auth/o2/token", json={"access_token": "t", "expires_in": 3600})
        wire.get(f"https://sellingpartnerapi-na.amazon.com{SEARCH}", json={"orders": []})
        before = datetime.now(UTC)
        (page,) = Amazon(Connection(1, "a", "amazon", settings, keys)).pull_orders(None)
    assert before <= datetime.fromisoformat(page.cursor or "") <= datetime.now(UTC)
