"""Refunds by the Finances API: a few calls for all orders, late, in pages, deferred and released, with exact money."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.amazon.connector import Amazon
from connectors.amazon.refunds import RefundFeed
from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.practice.server import Request
from hub.canonical.errors import ChannelDown, InvariantBroken, Rejected
from hub.canonical.refund import Refund
from hub.canonical.times import parse_time
from hub.ports.channel import Page
from hub.ports.clock import utc_now
from hub.store import tables as t
from hub.usecases.connect import check_connection
from hub.usecases.pull_orders import pull_orders
from hub.usecases.pull_refunds import pull_refunds
from tests.connectors.amazon.conftest import connect
from tests.connectors.amazon.test_feed import watch
from tests.connectors.contract import SHOPPER
from tests.connectors.harness import Joined
from tests.fakes.world import World

PATH = "/finances/2024-06-19/transactions"


def asked(seen: list[Request]) -> list[dict[str, str]]:
    return [dict(request.query) for request in seen if request.path == PATH]


def told(channel: Amazon, pages: Iterator[Page] | list[Page]) -> list[Refund]:
    return [refund for page in pages for record in page.records for refund in channel.to_refunds(record)]


def refunded(sandbox: AmazonSandbox, count: int = 1) -> list[str]:
    """New orders, each with the money of one of two pieces given back."""
    refs = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 2)]) for _ in range(count)]
    for ref in refs:
        sandbox.refund(ref, "TEA-GREEN", 1)
    return refs


def span(query: dict[str, str]) -> timedelta:
    return parse_time(query["postedBefore"], "b") - parse_time(query["postedAfter"], "a")


def test_one_call_has_the_refunds_of_all_orders(sandbox: AmazonSandbox, channel: Amazon) -> None:
    refs, seen = refunded(sandbox, 20), watch(sandbox)
    assert [one.order_ref for one in told(channel, channel.pull_refunds(None))] == refs
    (query,) = asked(seen)
    assert sorted(query) == ["postedAfter", "postedBefore"]
    assert span(query) == timedelta(days=30)
    assert not [request for request in seen if request.path.startswith("/orders/")]


def test_a_refund_that_amazon_tells_two_days_late_arrives(watched: Any) -> None:
    """It bears a time that an earlier pull went past."""
    clock = [utc_now()]
    sandbox = watched(AmazonSandbox(clock=lambda: clock[0]))
    channel = connect(sandbox)
    feed = RefundFeed(channel._refunds._seller, None, lambda: clock[0])
    sandbox.finances.late = timedelta(days=2)
    (ref,) = refunded(sandbox)
    first = list(feed.pull(None))
    assert told(channel, first) == []
    cursor = first[-1].cursor
    for hours in (24, 23, 2):
        clock[0] += timedelta(hours=hours)
        pages = list(feed.pull(cursor))
        cursor = pages[-1].cursor
    assert [one.order_ref for one in told(channel, pages)] == [ref]
    clock[0] += timedelta(days=4)
    cursor = list(feed.pull(cursor))[-1].cursor
    assert told(channel, list(feed.pull(cursor))) == []


@pytest.mark.parametrize("hollow", [False, True])
def test_pages_are_read_to_their_end_also_past_empty_ones(
    hollow: bool, sandbox: AmazonSandbox, channel: Amazon
) -> None:
    sandbox.finances.size, sandbox.finances.hollow = 2, hollow
    refs, seen = refunded(sandbox, 5), watch(sandbox)
    assert [one.order_ref for one in told(channel, channel.pull_refunds(None))] == refs
    queries = asked(seen)
    assert len({(query["postedAfter"], query["postedBefore"]) for query in queries}) == 1
    assert ["nextToken" in query for query in queries] == [False, *[True] * (len(queries) - 1)]


def test_a_search_that_breaks_off_goes_on_where_it_stood(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.finances.size = 2
    refs = refunded(sandbox, 6)
    first = next(channel.pull_refunds(None))
    seen = watch(sandbox)
    rest = told(channel, connect(sandbox).pull_refunds(first.cursor))
    assert [one.order_ref for one in (*told(channel, [first]), *rest)][: len(refs)] == refs
    assert "nextToken" in asked(seen)[0]


def test_a_token_that_ended_begins_its_search_again(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.finances.size = 2
    refs = refunded(sandbox, 4)
    cursor = next(channel.pull_refunds(None)).cursor
    sandbox.finances._searches.clear()
    assert [one.order_ref for one in told(channel, channel.pull_refunds(cursor))][:4] == refs


def test_a_token_that_ends_while_it_is_used_is_told(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.finances.size = 2
    refunded(sandbox, 4)
    pages = channel.pull_refunds(None)
    next(pages)
    sandbox.finances.ended = True
    with pytest.raises(Rejected):
        next(pages)


def test_pages_that_loop_stop(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.finances.loop_pages = True
    refunded(sandbox)
    with pytest.raises(InvariantBroken):
        list(itertools.islice(channel.pull_refunds(None), 50))


def test_a_long_way_back_is_walked_by_half_years(sandbox: AmazonSandbox) -> None:
    (ref,), seen = refunded(sandbox), watch(sandbox)
    since = utc_now() - timedelta(days=400)
    channel = connect(sandbox, orders_since=f"{since:%Y-%m-%d}")
    assert [one.order_ref for one in told(channel, channel.pull_refunds(None))] == [ref]
    spans = [span(query) for query in asked(seen)]
    assert len(spans) == 3
    assert max(spans) < timedelta(days=180)
    assert sum(spans, timedelta()) > timedelta(days=399)


def test_a_deferred_refund_and_its_release_are_one(sandbox: AmazonSandbox, channel: Amazon) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 2)])
    sandbox.finances.refund(sandbox.shop.order(ref), "TEA-GREEN", 1, status="DEFERRED")
    (first,) = told(channel, channel.pull_refunds(None))
    sandbox.finances.release()
    both = told(channel, channel.pull_refunds(None))
    assert len(both) == 2
    assert {one.channel_ref for one in both} == {first.channel_ref}
    assert {(one.order_ref, one.amount) for one in both} == {(ref, Decimal("7.9"))}


def test_postage_is_told_apart_and_fees_are_nobodys_refund(sandbox: AmazonSandbox, channel: Amazon) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 2)])
    sandbox.finances.refund(sandbox.shop.order(ref), "TEA-GREEN", 2, goods=Decimal("3.33"), shipping=Decimal("4.90"))
    (found,) = told(channel, channel.pull_refunds(None))
    assert (found.amount, found.shipping, found.tax, found.currency) == (Decimal("8.23"), Decimal("4.9"), None, "EUR")
    assert [(line.sku, line.quantity, line.amount) for line in found.lines] == [("TEA-GREEN", 2, Decimal("8.23"))]


def test_without_the_role_refunds_are_refused_by_name_and_keys_are_not_blamed(
    sandbox: AmazonSandbox, channel: Amazon
) -> None:
    sandbox.login.roles.discard("finance")
    with pytest.raises(Rejected, match="has the role Finance and Accounting") as caught:
        list(channel.pull_refunds(None))
    assert "stockline connection check NAME. Orders, stock and parcels go on without it" in str(caught.value)


# ---- with the hub ----


@pytest.fixture
def circle(world: World, sandbox: AmazonSandbox) -> Joined[AmazonSandbox]:
    world.clock.now = utc_now()
    world.stock("A", "W1", 9)
    return Joined(world, sandbox, connect(sandbox))


def take_in(circle: Joined[AmazonSandbox]) -> None:
    pull_refunds(circle.world.ctx, circle.id)
    circle.world.work()


def test_a_refund_stays_with_its_order_whatever_the_orders_api_says_next(circle: Joined[AmazonSandbox]) -> None:
    world, shop = circle.world, circle.shop
    ref = shop.place_order(SHOPPER, [("A", 2), ("B", 1)])
    world.stock("B", "W1", 9)
    circle.pull()
    world.ship_all(ref)
    circle.send()
    circle.pull()
    assert (world.state(ref), world.document(ref)["payment"]) == ("shipped", "paid")
    shop.refund(ref, "A", 1)
    take_in(circle)
    for _ in range(2):
        shop.shop.touch(shop.shop.order(ref))
        circle.pull()
        body = world.document(ref)
        assert (body["payment"], body["refunded_total"]) == ("partially_refunded", "9.90")
        (row,) = body["extra"]["money_back"]
        (line,) = row["lines"]
        assert line == {
            "line": shop.shop.order(ref).lines[0].id, "listing_ref": "A", "sku": "A", "title": "Thing A",
            "quantity": "1", "amount": "9.90",
        }  # fmt: skip
    assert (world.state(ref), world.balance("A", "W1")) == ("shipped", (7, 0))
    assert world.rows(t.inbox, t.inbox.c.kind == "refetch") == []


def test_a_refund_that_is_told_before_its_order_is_joined_when_it_comes(circle: Joined[AmazonSandbox]) -> None:
    world, shop = circle.world, circle.shop
    ref = shop.place_order(SHOPPER, [("A", 2)])
    shop.refund(ref, "A", 1)
    take_in(circle)
    assert world.rows(t.orders) == []
    circle.pull()
    assert (world.state(ref), world.document(ref)["refunded_total"]) == ("routed", "9.90")


def test_all_money_back_with_postage_closes_an_order_that_did_not_leave(circle: Joined[AmazonSandbox]) -> None:
    world, shop = circle.world, circle.shop
    ref = shop.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    shop.finances.refund(shop.shop.order(ref), "A", 2, shipping=Decimal("4.90"))
    take_in(circle)
    assert (world.state(ref), world.document(ref)["payment"], world.balance("A", "W1")) == (
        "closed",
        "refunded",
        (9, 0),
    )


def test_each_refund_arrives_once_whatever_fails_between(circle: Joined[AmazonSandbox]) -> None:
    """In pages, empty ones among them; half of it shows late; the shop is away for a while; all is told twice."""
    world, shop = circle.world, circle.shop
    ledger = shop.finances
    ledger.size, ledger.hollow = 9, True
    refs = [shop.place_order(SHOPPER, [("A", 1)]) for _ in range(6)]
    due: dict[str, Decimal] = dict.fromkeys(refs, Decimal(0))
    for number, ref in enumerate(refs * 3):
        ledger.late = timedelta(hours=1) if number % 2 else timedelta(0)
        due[ref] += ledger.refund(shop.shop.order(ref), "A", 1, goods=Decimal(number + 1) / 100)
    take_in(circle)
    shop.faults.force("server_error_500", 500)
    for pull in (pull_refunds, pull_orders):
        with pytest.raises(ChannelDown):
            pull(world.ctx, circle.id)
    shop.faults.calm()
    ledger.refunds = [replace(one, shown=one.posted) for one in ledger.refunds]
    circle.pull()
    for _ in range(2):
        take_in(circle)
    back = {row.channel_ref: world.document(row.channel_ref)["refunded_total"] for row in world.rows(t.orders)}
    assert {ref: Decimal(amount) for ref, amount in back.items()} == due
    assert len(world.rows(t.refunds)) == 18


def test_without_the_role_orders_still_arrive_and_the_connection_is_woken_by_the_check(
    circle: Joined[AmazonSandbox],
) -> None:
    world, shop = circle.world, circle.shop
    shop.login.roles.discard("finance")
    ref = shop.place_order(SHOPPER, [("A", 1)])
    with pytest.raises(Rejected):
        pull_refunds(world.ctx, circle.id)
    circle.pull()
    assert world.state(ref) == "routed"
    (stream,) = world.rows(t.streams, t.streams.c.stream == "refunds", t.streams.c.connection_id == circle.id)
    assert "has the role Finance and Accounting" in stream.error
    with world.db.write() as db:
        db.execute(t.connections.update().where(t.connections.c.id == circle.id).values(state="auth_failed"))
    check_connection(world.ctx, circle.id, None)
    (connection,) = world.rows(t.connections, t.connections.c.id == circle.id)
    assert connection.state == "active"


def test_a_part_that_nobody_knows_is_held_by_its_name_until_a_row_says_what_it_is(
    circle: Joined[AmazonSandbox],
) -> None:
    world, shop = circle.world, circle.shop
    ref = shop.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    shop.refund(ref, "A", 1)
    before = shop.finances.transactions

    def odd(query: Any) -> Any:
        body = before(query)
        for row in body["payload"]["transactions"]:
            for item in row["items"] or ():
                item["breakdowns"][0] |= {"breakdownType": "BuyerJoy", "breakdowns": None}
        return body

    shop.finances.transactions = odd  # type: ignore[method-assign]
    take_in(circle)
    (hold,) = world.rows(t.holds)
    assert (hold.field, hold.value, hold.why) == (
        "items[0].breakdowns[0].breakdownType", "BuyerJoy",
        "unknown refund_parts: add a row to tables/refund_parts.csv",
    )  # fmt: skip
    assert world.document(ref)["refunded_total"] is None
