"""The practice dealer: what he does wrong on purpose is counted, and a hub that listens ends with the same books."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.kit import registry
from connectors.kit.practice.sandbox import Faults
from connectors.x12.sandbox import X12Sandbox
from connectors.x12.sandbox.papers import SPOILS, STYLES
from hub.canonical.order import Order, OrderStatus
from hub.ports.channel import AnswerLine, Channel, Connection, Dispatch, DispatchLine, OrderAnswer, StockLine
from tests.connectors.contract import ITEMS, SHOPPER

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["folder", "sftp"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[X12Sandbox]:
    sandbox = X12Sandbox(seed=11, faults=Faults(11), transport=request.param)
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        yield sandbox
    finally:
        sandbox.stop()


def channel(sandbox: X12Sandbox) -> Channel:
    return registry.build(Connection(1, "dealer", "x12", dict(sandbox.settings), dict(sandbox.secrets)))


def listen(sandbox: X12Sandbox, made: Channel) -> dict[str, Order]:
    """Pull until the folder is empty, acknowledge everything; the newest state of each order."""
    newest: dict[str, Order] = {}
    deadline = time.monotonic() + 15
    while any(path.is_file() for path in sandbox.mail.to_hub.iterdir()):
        assert time.monotonic() < deadline
        for page in made.pull_orders(None):
            for record in page.records:
                for order in made.to_orders(record) if record.problem is None else ():
                    before = newest.get(order.channel_ref)
                    if before is None or str(order.updated_at) >= str(before.updated_at):
                        newest[order.channel_ref] = order
            for receipt in page.receipts:
                made.send_receipt(receipt)
    return newest


def word(order: Order, accepted: bool) -> OrderAnswer:
    lines = tuple(
        AnswerLine(line.channel_ref, line.quantity, line.quantity * accepted, line.listing_ref, line.sku, line.uom)
        for line in order.lines
    )
    reason = "" if accepted else "none left"
    return OrderAnswer(order.channel_ref, order.number, accepted, reason, lines, NOW, order.to_dict())


def test_every_shape_and_every_fault_ends_with_the_same_orders(sandbox: X12Sandbox) -> None:
    sandbox.faults.rates.update({"duplicate_file": 0.4, "corrupt_file": 0.4})
    placed = [sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 2)]) for _ in range(24)]
    assert sandbox.edit_order(placed[3], "TEA-GREEN", 5)
    assert sandbox.cancel_order(placed[4])
    assert not sandbox.cancel_order(placed[4])
    assert not sandbox.edit_order(placed[4], "TEA-GREEN", 1)
    newest = listen(sandbox, channel(sandbox))
    assert sorted(newest) == sorted(placed)
    wanted = {ref: [int(order.wanted(line)) for line in order.lines] for ref, order in newest.items()}
    assert wanted == {ref: [1, 2] for ref in placed} | {placed[3]: [1, 5], placed[4]: [0, 0]}
    assert newest[placed[4]].status is OrderStatus.CANCELLED
    sandbox.tick()
    counts = sandbox.faults.counts
    assert counts["corrupt_file"] >= len(SPOILS)
    assert counts["duplicate_file"] >= 2
    assert (counts["order_edited"], counts["order_cancelled"]) == (1, 1)
    assert sandbox.complaints == []
    assert set(sandbox.acknowledged.values()) == {"A", "R"}


def test_the_dealer_uses_every_style() -> None:
    assert {X12Sandbox(seed=seed)._dice.choice(STYLES) for seed in range(60)} == set(STYLES)


def test_what_is_ordered_lowers_what_is_shown_until_we_answer(sandbox: X12Sandbox) -> None:
    made = channel(sandbox)
    kept, refused, cancelled = (sandbox.place_order(SHOPPER, [("MUG-RED", 3)]) for _ in range(3))
    assert sandbox.shown_stock()["MUG-RED"] == 31
    orders = listen(sandbox, made)
    made.answer_order(word(orders[refused], False), key="r")
    assert sandbox.shown_stock()["MUG-RED"] == 34
    assert sandbox.cancel_order(cancelled)
    assert sandbox.shown_stock()["MUG-RED"] == 37
    made.answer_order(word(orders[kept], True), key="k")
    assert made.push_stock([StockLine("MUG-RED", 12, "v2")])[0].ok
    assert sandbox.shown_stock()["MUG-RED"] == 12
    assert [order.state for order in sandbox.book()] == ["open", "refused", "cancelled"]
    assert sandbox.complaints == []


def test_a_number_changed_by_hand_stands_until_our_next_one(sandbox: X12Sandbox) -> None:
    sandbox.change_stock_by_hand("MUG-RED", 999)
    assert sandbox.shown_stock()["MUG-RED"] == 999
    channel(sandbox).push_stock([StockLine("MUG-RED", 40, "v2")])
    assert sandbox.shown_stock()["MUG-RED"] == 40
    assert sandbox.faults.counts["manual_stock_change"] == 1


def test_what_was_ordered_in_an_outage_arrives_after_it(sandbox: X12Sandbox) -> None:
    made = channel(sandbox)
    sandbox.outage(0.3)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    time.sleep(0.35)
    sandbox.tick()
    assert list(listen(sandbox, made)) == [ref]
    assert sandbox.faults.counts["outage"] == 1


def test_a_parcel_for_another_order_or_too_much_is_a_complaint(sandbox: X12Sandbox) -> None:
    made = channel(sandbox)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    order = listen(sandbox, made)[ref]
    line = order.lines[0]
    for at, (number, count) in enumerate([("PO999", 1), (order.number, 2)]):
        lines = (DispatchLine(line.channel_ref, Decimal(count), line.listing_ref, line.sku),)
        made.push_shipment(Dispatch(ref, number, f"S{at}", "DHL", "T", NOW, lines, True), key=f"s{at}")
    made.push_stock([StockLine("UNKNOWN", 1, "k")])
    sandbox.tick()
    assert len(sandbox.complaints) == 3
    assert [(book.state, book.trackings) for book in sandbox.book()] == [("open", ())]


def test_a_cancellation_that_crosses_a_parcel_stands(sandbox: X12Sandbox) -> None:
    made = channel(sandbox)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    order = listen(sandbox, made)[ref]
    assert sandbox.edit_order(ref, "MUG-RED", 2) and sandbox.cancel_order(ref)
    lines = (DispatchLine(order.lines[0].channel_ref, Decimal(1), order.lines[0].listing_ref, order.lines[0].sku),)
    made.push_shipment(Dispatch(ref, order.number, "S1", "DHL", "T", NOW, lines, True), key="s1")
    sandbox.tick()
    assert sandbox.complaints == []
    assert [(book.state, book.lines[0].shipped) for book in sandbox.book()] == [("cancelled", 1)]


def test_a_sandbox_that_stops_leaves_nothing_behind() -> None:
    sandbox = X12Sandbox()
    sandbox.start()
    root = sandbox.mail.exchange.parent
    assert root.is_dir()
    sandbox.outage(60)
    sandbox.stop()
    assert not root.exists()
