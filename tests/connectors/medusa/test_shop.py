"""What is peculiar to Medusa: pieces counted, reservations that stay, parcels marked, a key and a location checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from connectors.medusa.connector import Medusa
from connectors.medusa.sandbox import MedusaSandbox
from hub.canonical.errors import ChannelDown, Conflict, Misconfigured, NotFound, Rejected
from hub.canonical.order import Order
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import Connection, Dispatch, DispatchLine, Finding, OrderAnswer, StockLine
from tests.connectors.contract import SHOPPER
from tests.connectors.medusa.conftest import connect

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def fetch(channel: Medusa, ref: str) -> Order:
    record = channel.fetch_order(ref)
    assert record is not None
    return channel.to_orders(record)[0]


def parcel(order: Order, number: str, *pieces: int, url: str | None = None) -> Dispatch:
    lines = (
        DispatchLine(line.channel_ref, Decimal(wanted))
        for line, wanted in zip(order.lines, pieces, strict=True)
        if wanted
    )
    return Dispatch(
        order.channel_ref, order.number, number, "DHL", f"T-{number}", NOW, tuple(lines), False, tracking_url=url
    )


def word(ref: str, *, accepted: bool = False) -> OrderAnswer:
    return OrderAnswer(ref, None, accepted, "out of stock", (), NOW)


def level(channel: Medusa, sku: str, number: int) -> StockLine:
    offer = next(offer for offer in channel.pull_listings() if offer.sku == sku)
    return StockLine(offer.listing_ref, number, "stock:1:x:1", sku, place=offer.place)


def once(sandbox: MedusaSandbox, method: str, ending: str, reply: Reply) -> None:
    """The next such request is answered so, and has no effect."""
    answer, left = sandbox.server._answer, [reply]

    def odd(request: Request) -> Reply:
        if left and request.method == method and request.path.endswith(ending):
            return left.pop()
        return answer(request)

    sandbox.server._answer = odd


# ---- orders ----


def test_one_of_two_pieces_is_a_part_whatever_the_shop_calls_it(sandbox: MedusaSandbox, channel: Medusa) -> None:
    """Medusa says `fulfilled` here, and the sandbox too."""
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    assert fetch(channel, ref).fulfillment == "unfulfilled"
    channel.push_shipment(parcel(fetch(channel, ref), "S1", 1), key="k1")
    assert fetch(channel, ref).fulfillment == "partial"
    channel.push_shipment(parcel(fetch(channel, ref), "S2", 1), key="k2")
    assert fetch(channel, ref).fulfillment == "fulfilled"


def test_an_order_is_found_by_its_display_id_and_not_by_what_holds_it(sandbox: MedusaSandbox, channel: Medusa) -> None:
    refs = [sandbox.place_order(SHOPPER, [("MUG-RED", 1)]) for _ in range(12)]
    numbers = [fetch(channel, ref).number for ref in refs]
    found = [channel.find_order(str(number)) for number in numbers]
    assert [record and record.ref for record in found] == refs
    assert channel.find_order(SHOPPER.email) is None


def test_a_line_is_known_by_the_inventory_item_whose_stock_is_written(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    offers = {offer.sku: offer.listing_ref for offer in channel.pull_listings()}
    assert [(line.sku, line.listing_ref) for line in fetch(channel, ref).lines] == [("MUG-RED", offers["MUG-RED"])]


def test_money_paid_back_is_told_with_the_order(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    assert fetch(channel, ref).payment == "paid"
    sandbox.books.refund(sandbox.books.orders[ref], Decimal("2.50"))
    order = fetch(channel, ref)
    assert (order.payment, order.refunded_total) == ("partially_refunded", Decimal("2.5"))
    assert "unexplained" not in order.extra


def test_the_practice_shop_writes_whole_cents_that_add_up(sandbox: MedusaSandbox, channel: Medusa) -> None:
    sandbox.stock_shelves([ShopItem("MUG-RED", "Mug", "10.55", 9), ShopItem("TEA-GREEN", "Tea", "7.95", 9)])
    order = fetch(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 3)]))
    assert [line.tax for line in order.lines] == [Decimal("1.06"), Decimal("2.39")]
    assert (order.tax_total, order.total) == (Decimal("3.95"), Decimal("43.35"))  # the postage: 5.00 and 0.50
    assert "unexplained" not in order.extra


# ---- stock ----


def test_reservations_stay_when_a_number_is_written(sandbox: MedusaSandbox, channel: Medusa) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    assert channel.push_stock([level(channel, "MUG-RED", 10)])[0].ok
    item = sandbox.books.items["MUG-RED"]
    assert (item.stocked, item.reserved, sandbox.shown_stock()["MUG-RED"]) == (13, 3, 10)


def test_an_item_without_a_level_at_the_location_gets_one(sandbox: MedusaSandbox, channel: Medusa) -> None:
    sandbox.books.items["MUG-RED"].leveled = False
    line = level(channel, "MUG-RED", 4)
    assert [reading.available for reading in channel.read_stock([line])] == [None]
    assert channel.push_stock([line])[0].ok
    assert (sandbox.books.items["MUG-RED"].leveled, sandbox.shown_stock()["MUG-RED"]) == (True, 4)


# ---- shipments and refusals ----


def test_every_parcel_is_a_fulfillment_with_its_label(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 1)])
    order = fetch(channel, ref)
    channel.push_shipment(parcel(order, "S1", 2, 1, url="https://dhl.example/T-S1"), key="k1")
    channel.push_shipment(replace(parcel(order, "S2", 1, 0), tracking_no=""), key="k2")
    assert [(made.metadata, made.labels) for made in sandbox.books.orders[ref].made] == [
        (
            {"stockline_parcel": "S1"},
            [{"tracking_number": "T-S1", "tracking_url": "https://dhl.example/T-S1", "label_url": ""}],
        ),
        ({"stockline_parcel": "S2"}, []),
    ]
    assert [line.shipped for line in sandbox.book()[0].lines] == [3, 1]


def test_shipping_does_not_change_what_may_be_sold(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    before = sandbox.shown_stock()["MUG-RED"]
    channel.push_shipment(parcel(fetch(channel, ref), "S1", 3), key="k1")
    assert sandbox.shown_stock()["MUG-RED"] == before


@pytest.mark.parametrize("step", ["/fulfillments", "/shipments"])
def test_a_refusal_that_comes_of_a_change_at_the_same_moment_is_tried_once_more(
    step: str, sandbox: MedusaSandbox, channel: Medusa
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    order = fetch(channel, ref)
    once(sandbox, "POST", step, Reply.json({"type": "not_allowed", "message": "Order status has changed"}, 400))
    channel.push_shipment(parcel(order, "S1", 1), key="k1")
    assert (sandbox.book()[0].state, len(sandbox.books.orders[ref].made)) == ("shipped", 1)


def test_a_parcel_with_too_many_pieces_is_rejected_and_nothing_is_made(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    with pytest.raises(Rejected, match="Quantity to fulfill exceeds the reserved quantity for the item"):
        channel.push_shipment(parcel(fetch(channel, ref), "S1", 2), key="k1")
    assert sandbox.books.orders[ref].made == []


def test_a_canceled_order_is_not_shipped(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    order = fetch(channel, ref)
    sandbox.cancel_order(ref)
    with pytest.raises(Conflict, match=f"order {ref} is canceled at the shop; the parcel is not told"):
        channel.push_shipment(parcel(order, "S1", 1), key="k1")


def test_a_refused_order_is_paid_back(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    channel.answer_order(word(ref), key="k")
    order = fetch(channel, ref)
    assert (order.status, order.payment, sandbox.shown_stock()["MUG-RED"]) == ("cancelled", "refunded", 40)


def test_an_order_of_which_a_parcel_left_is_not_refused(sandbox: MedusaSandbox, channel: Medusa) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    channel.push_shipment(parcel(fetch(channel, ref), "S1", 1), key="k1")
    with pytest.raises(Conflict, match=f"something of order {ref} left; it cannot be refused"):
        channel.answer_order(word(ref), key="k")
    assert sandbox.book()[0].state == "partial"


def test_what_the_shop_does_not_know_is_not_found_and_orders_are_never_accepted(channel: Medusa) -> None:
    with pytest.raises(NotFound):
        channel.answer_order(word("order_none"), key="k")
    with pytest.raises(ChannelUnsupported):
        channel.answer_order(word("order_none", accepted=True), key="k")


# ---- check ----


def failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.what, finding.mend) for finding in findings if not finding.ok]


def test_a_shop_without_fault_is_looked_at_from_every_side(sandbox: MedusaSandbox, channel: Medusa) -> None:
    place = sandbox.books.location
    assert [(finding.what, finding.ok) for finding in channel.check()] == [
        ("admin API", True),
        ("secret API key", True),
        (f"stock location Berlin ({place})", True),
        ("sales channel of the location", True),
    ]


def test_an_unknown_location_is_told_with_those_that_there_are(sandbox: MedusaSandbox) -> None:
    mend = f"location_id sloc_moon is not there; there is Berlin = {sandbox.books.location}"
    assert failed(connect(sandbox, location_id="sloc_moon").check()) == [("stock location", mend)]


def test_a_location_that_no_sales_channel_sells_from_is_told(sandbox: MedusaSandbox, channel: Medusa) -> None:
    sandbox.routes.linked = False
    mend = "connect it to a sales channel: Settings > Locations"
    assert failed(channel.check()) == [("sales channel of the location", mend)]


def test_several_locations_must_be_chosen_from(sandbox: MedusaSandbox, channel: Medusa) -> None:
    rows = [{"id": ref, "name": ref, "address_id": "x"} for ref in ("sloc_1", "sloc_2")]
    once(sandbox, "GET", "/stock-locations", Reply.json({"stock_locations": rows, "count": 2, "offset": 0, "limit": 9}))
    mend = "location_id is not set and the shop has sloc_1 = sloc_1, sloc_2 = sloc_2; enter one of them"
    assert failed(channel.check()) == [("stock location", mend)]


def test_an_address_without_an_admin_api_is_told(sandbox: MedusaSandbox) -> None:
    below = connect(sandbox, shop_url=f"{sandbox.settings['shop_url']}/store")
    sandbox.server.watch = None
    assert failed(below.check()) == [("admin API", "no admin API answers there: check shop_url")]


@pytest.mark.parametrize(
    "call", [lambda channel: list(channel.pull_orders(None)), lambda channel: channel.fetch_order("x")]
)
def test_what_is_no_answer_is_retried_later(
    call: Callable[[Medusa], object], sandbox: MedusaSandbox, channel: Medusa
) -> None:
    sandbox.server._answer = lambda request: Reply.json(["cached"])
    sandbox.server.watch = None
    with pytest.raises(ChannelDown, match="sent something else"):
        call(channel)


def test_a_key_must_be_set() -> None:
    with pytest.raises(Misconfigured, match="api_key must be set"):
        Medusa(Connection(1, "m", "medusa", {"shop_url": "https://shop.example"}, {"api_key": " "}))
