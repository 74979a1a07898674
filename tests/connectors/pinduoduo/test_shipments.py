"""Parcels: the first one ships the order, further ones are told beside it, none twice; and orders not to be shipped."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.pinduoduo.client import Gateway
from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from connectors.pinduoduo.shipments import Shipments
from hub.canonical.errors import Conflict, NotFound, TimedOut
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import Connection, Dispatch, DispatchLine, OrderAnswer
from tests.connectors.contract import SHOPPER
from tests.connectors.pinduoduo.conftest import Clock

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def parcel(
    ref: str, number: str = "S1", *, carrier: str = "SF", tracking: str | None = "", final: bool = True
) -> Dispatch:
    no = f"T-{number}" if tracking == "" else tracking
    return Dispatch(ref, ref, number, carrier, no, NOW, (DispatchLine("1", Decimal(1)),), final)


def test_several_parcels_ship_the_order_once(sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    for number in ("S1", "S2", "S1", "S2", "S3"):
        channel.push_shipment(parcel(ref, number, final=number == "S3"), key=number)
    (book,) = sandbox.book()
    assert (book.state, book.trackings) == ("shipped", ("T-S1", "T-S2", "T-S3"))
    assert [carrier for carrier, _ in sandbox.shop.order(ref).tracks] == [44, 44, 44]


def test_a_further_parcel_after_a_timeout_is_one_parcel_when_repeated(
    sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    channel.push_shipment(parcel(ref, "S1"), key="S1")
    sandbox.faults.force("timeout_after_effect")
    with pytest.raises(TimedOut):
        channel.push_shipment(parcel(ref, "S2"), key="S2")
    channel.push_shipment(parcel(ref, "S2"), key="S2")
    assert sandbox.book()[0].trackings == ("T-S1", "T-S2")


@pytest.mark.parametrize(("carrier", "number"), [("SF", 44), ("圆通快递", 85), ("yto", 85), ("331", 331)])
def test_a_carrier_goes_by_its_code_name_or_number(
    carrier: str, number: int, sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    channel.push_shipment(parcel(ref, carrier=carrier), key="k")
    assert sandbox.shop.order(ref).tracks == [(number, "T-S1")]


def test_carriers_are_listed_once_a_day(sandbox: PinduoduoSandbox, clock: Clock) -> None:
    gateway = Gateway(Connection(1, "p", "pinduoduo", sandbox.settings, sandbox.secrets), clock)
    now, asked, watch = [0.0], list[bytes](), sandbox.server.watch
    sandbox.server.watch = lambda request, reply: asked.append(request.body)
    shipments = Shipments(gateway)
    shipments._carriers._clock = lambda: now[0]
    for day in (0.0, 86_399.0, 86_400.0):
        now[0] = day
        shipments.ship(parcel(sandbox.place_order(SHOPPER, [("MUG-RED", 1)])), "k")
    sandbox.server.watch = watch
    assert len([body for body in asked if b"companies" in body]) == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"carrier": "Bob"}, "Pinduoduo knows no carrier 'Bob'; parcel S1 is not told: name the carrier as its list of "
                             "carriers does, and replay the message"),
        ({"carrier": "停用快递"}, "Pinduoduo knows no carrier '停用快递'; parcel S1 is not told: name the carrier as "
                                  "its list of carriers does, and replay the message"),
        ({"tracking": None}, "parcel S1 has no tracking number; Pinduoduo takes none without"),
    ],
)  # fmt: skip
def test_a_parcel_that_the_platform_would_not_take_is_told_and_changes_nothing(
    told: dict[str, str | None], why: str, sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    with pytest.raises(Conflict) as refused:
        channel.push_shipment(parcel(ref, **told), key="k")  # type: ignore[arg-type]
    assert str(refused.value) == why
    assert (sandbox.book()[0].state, sandbox.book()[0].trackings) == ("open", ())


def test_an_order_under_review_is_not_shipped_and_no_order_whose_money_goes_back(
    sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    reviewed, paid_back = (
        sandbox.place_order(SHOPPER, [("MUG-RED", 1)], risk=1),
        sandbox.place_order(SHOPPER, [("MUG-RED", 1)]),
    )
    sandbox.cancel_order(paid_back)
    for ref, why in ((reviewed, "the platform reviews its risk"), (paid_back, "its money goes back")):
        with pytest.raises(Conflict) as refused:
            channel.push_shipment(parcel(ref), key="k")
        assert str(refused.value) == (
            f"order {ref} must not be shipped: {why}; parcel S1 is not told: replay the message once it may"
        )
    assert [book.state for book in sandbox.book()] == ["open", "cancelled"]
    sandbox.shop.change(sandbox.shop.order(reviewed), risk=0)
    channel.push_shipment(parcel(reviewed), key="k")
    assert sandbox.book()[0].state == "shipped"


def test_an_order_that_the_shop_does_not_have_is_not_found(channel: Pinduoduo) -> None:
    with pytest.raises(NotFound, match="the shop has no order 261123-1, or has forgotten it"):
        channel.push_shipment(parcel("261123-1"), key="k")


def test_a_parcel_that_is_quietly_not_taken_is_a_conflict(sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    for first in (True, False):
        sandbox.calls.refuse_quietly = True
        with pytest.raises(Conflict, match="Pinduoduo did not take parcel S2, and does not say why"):
            channel.push_shipment(parcel(ref, "S2"), key="k")
        sandbox.calls.refuse_quietly = False
        if first:
            channel.push_shipment(parcel(ref, "S1"), key="k")


def test_an_order_cannot_be_refused_by_a_call(channel: Pinduoduo) -> None:
    with pytest.raises(ChannelUnsupported):
        channel.answer_order(OrderAnswer("1", "1", False, "out of stock", (), NOW), key="k")
