"""Pulling orders: nothing is lost between pages, refunds bring their lines, local dates are in the site's zone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import responses

from connectors.kit.practice.sandbox import Faults
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from hub.canonical.errors import BadRecord, InvariantBroken, Misconfigured
from hub.canonical.order import OrderStatus, Payment
from hub.ports.channel import Connection, Page
from tests.connectors.contract import ITEMS, SHOPPER
from tests.connectors.woocommerce.conftest import connect

KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secret": "w"}
ORDERS = "https://shop.example/wp-json/wc/v3/orders"


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 5, 30, 0, 900, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def refs(pages: list[Page]) -> list[str]:
    return [record.ref for page in pages for record in page.records]


@pytest.mark.parametrize("step_s", [0, 1, 30])
def test_many_orders_in_one_second_or_spread_are_pulled_once_each(step_s: int) -> None:
    time = Time()
    sandbox = WooSandbox(clock=time)
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        placed = []
        for _ in range(250):
            placed.append(sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]))
            time.now += timedelta(seconds=step_s)
        pages = list(connect(sandbox).pull_orders(None))
    finally:
        sandbox.stop()
    assert refs(pages) == placed
    assert [page.cursor for page in pages] == sorted(str(page.cursor) for page in pages)


def test_orders_that_change_between_two_pages_push_nobody_out(sandbox: WooSandbox) -> None:
    time = Time()
    shop = WooSandbox(clock=time)
    shop.start()
    try:
        shop.stock_shelves(ITEMS)
        placed = []
        for _ in range(205):
            placed.append(shop.place_order(SHOPPER, [("TEA-GREEN", 1)]))
            time.now += timedelta(seconds=10)
        pages = connect(shop).pull_orders(None)
        first = next(pages)
        for ref in placed[:50]:
            assert shop.edit_order(ref, "TEA-GREEN", 3)
        rest = list(pages)
    finally:
        shop.stop()
    assert refs([first]) == placed[:100]
    assert refs(rest) == placed[100:] + placed[:50]


def test_a_pull_starts_two_minutes_before_the_cursor() -> None:
    time = Time()
    shop = WooSandbox(clock=time)
    shop.start()
    try:
        shop.stock_shelves(ITEMS)
        refs_by_age = {}
        for age in (300, 121, 120, 60, 0):
            time.now = datetime(2026, 11, 1, 5, 30, tzinfo=UTC) - timedelta(seconds=age)
            refs_by_age[age] = shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
        pulled = refs(list(connect(shop).pull_orders("2026-11-01T05:30:00Z")))
    finally:
        shop.stop()
    assert pulled == [refs_by_age[120], refs_by_age[60], refs_by_age[0]]


def test_the_first_pull_starts_where_the_merchant_says() -> None:
    time = Time()
    shop = WooSandbox(clock=time)
    shop.start()
    try:
        shop.stock_shelves(ITEMS)
        shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
        time.now = datetime(2026, 11, 3, 5, tzinfo=UTC)  # midnight in New York
        new = shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
        assert refs(list(connect(shop, orders_since="2026-11-03").pull_orders(None))) == [new]
        assert len(refs(list(connect(shop, orders_since="2026-11-03").pull_orders("2026-11-01T05:30:00Z")))) == 2
    finally:
        shop.stop()


def test_the_hour_that_summer_time_repeats_is_told_apart() -> None:
    """2026-11-01 05:30 and 06:30 UTC are both 01:30 in New York."""
    time = Time()
    shop = WooSandbox(clock=time)
    shop.start()
    try:
        shop.stock_shelves(ITEMS)
        shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
        time.now += timedelta(hours=1)
        shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
        channel = connect(shop)
        records = [record for page in channel.pull_orders(None) for record in page.records]
        times = [channel.to_orders(record)[0].placed_at for record in records]
    finally:
        shop.stop()
    local = [json.loads(record.raw)["date_created"] for record in records]
    assert local == ["2026-11-01T01:30:00", "2026-11-01T01:30:00"]
    assert [f"{moment:%H:%M}" for moment in times if moment] == ["05:30", "06:30"]


def test_a_refund_brings_its_lines_and_what_is_still_wanted(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 2)])
    assert sandbox.refund_order(ref, "MUG-RED", 1)
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert {line.sku: (line.quantity, order.wanted(line)) for line in order.lines} == {
        "MUG-RED": (3, 2),
        "TEA-GREEN": (2, 2),
    }
    assert order.payment is Payment.PARTIALLY_REFUNDED
    assert order.refunded_total is not None
    assert str(order.refunded_total) == "12.50"
    assert sandbox.shown_stock()["MUG-RED"] == 38
    (pulled,) = [record for page in channel.pull_orders(None) for record in page.records]
    assert channel.to_orders(pulled) == (order,)


def test_a_refund_of_everything_leaves_nothing_wanted(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    assert sandbox.refund_order(ref, "MUG-RED", 2)
    assert sandbox.refund_order(ref, "MUG-RED", 1)
    assert not sandbox.refund_order(ref, "MUG-RED", 1)
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert [order.wanted(line) for line in order.lines] == [0]
    assert order.payment is Payment.REFUNDED


def test_a_trashed_order_is_cancelled_and_a_deleted_one_is_gone(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    sandbox.shop.trash(sandbox.shop.order(int(ref)))
    record = channel.fetch_order(ref)
    assert record is not None
    assert channel.to_orders(record)[0].status is OrderStatus.CANCELLED
    assert sandbox.shown_stock()["MUG-RED"] == 40
    sandbox.delete_order(ref)
    assert channel.fetch_order(ref) is None


@responses.activate
def test_a_plugins_number_is_found_by_the_shops_own_search_and_never_by_half_of_it() -> None:
    rows = [{"id": 7, "number": "W-10011"}, {"id": 8, "number": "W-1001"}, {"id": 1001, "number": "9"}]
    responses.get("https://shop.example/wp-json/wc/v3/orders", json=rows)
    found = remote().find_order("#W-1001")
    assert (found and found.ref, remote().find_order("W-100"), remote().find_order(" # ")) == ("8", None, None)
    assert [call.request.params["search"] for call in responses.calls] == ["W-1001", "W-100"]


@pytest.mark.parametrize("ref", ["", "abc", "-1", "1/../2", "٣", "1?x=1"])
def test_a_reference_that_is_no_number_is_not_asked_for(ref: str, channel: WooCommerce, sandbox: WooSandbox) -> None:
    sandbox.faults.force("server_error_500", 1)
    assert channel.fetch_order(ref) is None
    assert sandbox.faults.counts["server_error_500"] == 0


def remote() -> WooCommerce:
    return WooCommerce(
        Connection(1, "w", "woocommerce", {"shop_url": "https://shop.example", "zone": "Asia/Tokyo"}, KEYS)
    )


@responses.activate
def test_a_list_in_an_envelope_is_read_and_dates_fall_back_to_the_sites_zone() -> None:
    order = {"id": 820982911946154501, "status": "processing", "date_modified": "2026-11-23T09:00:00", "line_items": []}
    responses.get(ORDERS, json={"data": [order]})
    (page,) = remote().pull_orders(None)
    assert page.records[0].ref == "820982911946154501"
    assert page.cursor == "2026-11-23T00:00:00Z"


@responses.activate
def test_each_record_keeps_its_own_bytes() -> None:
    bodies = [b'{"id": 1, "total":"1.10", "name":"caf\\u00e9", "meta": 1.10}', b'{ "id":2 , "line_items":[] }']
    responses.get(ORDERS, body=b"[" + b" , ".join(bodies) + b"]", content_type="application/json")
    (page,) = remote().pull_orders(None)
    assert [record.raw for record in page.records] == bodies


@responses.activate
def test_a_record_without_an_id_is_held_and_its_neighbor_goes_on() -> None:
    responses.get(ORDERS, json=[{"id": None, "status": "x"}, {"id": 5, "date_modified_gmt": "2026-11-23T09:00:00"}])
    (page,) = remote().pull_orders(None)
    first, second = page.records
    assert isinstance(first.problem, BadRecord)
    assert first.problem.field == "id"
    assert (second.ref, second.problem) == ("5", None)


@responses.activate
def test_a_shop_that_cannot_sort_by_change_needs_a_person() -> None:
    responses.get(ORDERS, status=400, json={"code": "rest_invalid_param", "message": "Invalid parameter(s): orderby"})
    with pytest.raises(Misconfigured, match="cannot sort orders"):
        list(remote().pull_orders(None))


@responses.activate
def test_a_full_page_without_any_date_that_repeats_is_an_error() -> None:
    responses.get(ORDERS, json=[{"id": number} for number in range(1, 101)])
    with pytest.raises(InvariantBroken, match="came twice"):
        list(remote().pull_orders(None))


def test_a_pull_through_every_kind_of_weather_finds_every_order() -> None:
    faults = Faults(3, {"rate_limited_429": 0.1, "server_error_500": 0.2})
    sandbox = WooSandbox(faults=faults)
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(130)]
        channel, cursor, found = connect(sandbox), None, set[str]()
        for _ in range(20):
            try:
                for page in channel.pull_orders(cursor):
                    found |= {record.ref for record in page.records}
                    cursor = page.cursor
                break
            except Exception as error:  # noqa: BLE001 - the hub would wait and come again
                assert type(error).__name__ in {"ChannelDown", "Throttled"}
    finally:
        sandbox.stop()
    assert found == set(placed)
