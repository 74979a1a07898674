"""Orders come whole and exact, however they changed, and refunds with them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from hub.canonical.errors import BadRecord, ChannelDown
from hub.canonical.order import Payment
from hub.ports.channel import RawRecord
from tests.connectors.contract import SHOPPER
from tests.connectors.mirakl.conftest import connect


def test_the_parts_of_an_order_add_up_with_tax_in_its_prices_and_without(
    sandbox: MiraklSandbox, channel: Mirakl
) -> None:
    for _ in range(2):
        sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 2)])
    orders = [order for page in channel.pull_orders(None) for one in page.records for order in channel.to_orders(one)]
    assert {order.tax_included for order in orders} == {True, False}
    assert {order.total for order in orders} == {Decimal("63.1"), Decimal("75.08")}
    assert [order.extra.get("unexplained") for order in orders] == [None, None]
    assert {order.ship_to.country for order in orders if order.ship_to} == {"DE"}


def test_a_refund_comes_with_the_order(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    sandbox.shop.ship(sandbox.shop.order(ref))
    assert sandbox.refund_order(ref, "MUG-RED", 1)
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert (order.payment, order.wanted(order.lines[0])) == (Payment.PARTIALLY_REFUNDED, 2)
    assert order.refunded_total in {Decimal("12.5"), Decimal("14.88")}


def test_the_first_pull_starts_where_the_merchant_says(sandbox: MiraklSandbox) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert list(connect(sandbox, orders_since="2999-01-01").pull_orders(None)) == []
    assert len(list(connect(sandbox, orders_since="2020-01-01").pull_orders(None))) == 1


@pytest.mark.parametrize("ref", ["", "A,B", "no such order"])
def test_a_reference_that_is_no_order_of_ours_is_none(ref: str, sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert channel.fetch_order(ref) is None


def test_another_order_than_the_one_that_was_asked_for_is_not_taken_for_it(
    sandbox: MiraklSandbox, channel: Mirakl, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    monkeypatch.setattr("connectors.mirakl.client.Paging.page", lambda *_: ([{"order_id": ref}], 1))
    assert channel.fetch_order(ref) is not None
    assert channel.fetch_order(ref.lower()) is None


def test_an_answer_that_is_no_list_is_the_channels_fault(
    sandbox: MiraklSandbox, channel: Mirakl, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.server.watch = None
    monkeypatch.setattr("connectors.mirakl.client.ORDERS", "/account")
    monkeypatch.setattr("connectors.mirakl.feed.ORDERS", "/account")
    monkeypatch.setattr(sandbox.routes, "_check", lambda request, route: None)
    with pytest.raises(ChannelDown, match="the shop sent something else than a list of orders with their number"):
        list(channel.pull_orders(None))


def test_an_empty_page_is_no_order(channel: Mirakl) -> None:
    with pytest.raises(BadRecord, match="expected an order, found none"):
        channel.to_orders(RawRecord("1", b'{"orders": []}'))
