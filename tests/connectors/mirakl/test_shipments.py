"""Parcels: several of one order by ST01, or the whole order by OR23 and OR24."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.mirakl.client import Seller
from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from connectors.mirakl.shipments import Shipments
from hub.canonical.errors import Conflict, TimedOut
from hub.ports.channel import Connection, Dispatch, DispatchLine
from tests.connectors.contract import SHOPPER
from tests.connectors.mirakl.conftest import connect

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Start = Callable[[MiraklSandbox], MiraklSandbox]


@pytest.fixture
def single(watched: Start) -> MiraklSandbox:
    """A marketplace without multiple shipments."""
    return watched(MiraklSandbox(several=False))


def parcel(sandbox: MiraklSandbox, ref: str, number: str = "S1", *, pieces: int = 0, carrier: str = "DHL",
           url: str | None = None, final: bool = True) -> Dispatch:  # fmt: skip
    """A parcel with `pieces` of the first line (0: all of it)."""
    line = sandbox.shop.order(ref).lines[0]
    lines = (DispatchLine(line.id, Decimal(pieces or line.ordered)),)
    return Dispatch(ref, ref, number, carrier, f"T-{number}", NOW, lines, final, tracking_url=url)


def test_one_line_may_leave_in_several_parcels(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    channel.push_shipment(parcel(sandbox, ref, "S1", pieces=1, final=False), key="k1")
    assert (sandbox.book()[0].state, sandbox.book()[0].lines[0].shipped) == ("partial", 1)
    channel.push_shipment(parcel(sandbox, ref, "S2", pieces=2), key="k2")
    book = sandbox.book()[0]
    assert (book.state, book.lines[0].shipped, book.trackings) == ("shipped", 3, ("T-S1", "T-S2"))


def test_a_parcel_told_before_is_found_behind_many_others(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", 13)])
    for count in range(12):
        channel.push_shipment(parcel(sandbox, ref, f"S{count}", pieces=1, final=False), key=f"k{count}")
    sandbox.faults.force("timeout_after_effect")  # would strike the first write
    channel.push_shipment(parcel(sandbox, ref, "S11", pieces=1, final=False), key="k11")
    assert sandbox.faults.counts["timeout_after_effect"] == 0
    assert sandbox.book()[0].lines[0].shipped == 12


@pytest.mark.parametrize(
    ("carrier", "url", "told"),
    [
        ("DHL", "https://dhl.example/1", {"carrier_code": "DHL", "tracking_number": "T-S1"}),
        ("dhl paket", None, {"carrier_code": "DHL", "tracking_number": "T-S1"}),
        ("Bob", "https://bob.example/1",
         {"carrier_name": "Bob", "tracking_url": "https://bob.example/1", "tracking_number": "T-S1"}),
        ("Bob", None, {"carrier_name": "Bob", "tracking_number": "T-S1"}),
    ],
)  # fmt: skip
def test_a_registered_carrier_goes_by_its_code_another_by_name_and_address(
    carrier: str, url: str | None, told: dict[str, str], watched: Start
) -> None:
    for several in (True, False):
        sandbox = watched(MiraklSandbox(several=several))
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        connect(sandbox).push_shipment(parcel(sandbox, ref, carrier=carrier, url=url), key="k")
        order = sandbox.shop.order(ref)
        assert (order.parcels[0].tracking if several else order.tracking) == told


def test_carriers_are_listed_once_a_day(sandbox: MiraklSandbox) -> None:
    seller = Seller(Connection(1, "m", "mirakl", sandbox.settings, sandbox.secrets))
    now, asked, watch = [0.0], list[str](), sandbox.server.watch
    sandbox.server.watch = lambda request, reply: asked.append(request.path)
    shipments = Shipments(seller)
    shipments._carriers._clock = lambda: now[0]
    for day in (0.0, 86_399.0, 86_400.0):
        now[0] = day
        shipments.ship(parcel(sandbox, sandbox.place_order(SHOPPER, [("MUG-RED", 1)])), "k")
    sandbox.server.watch = watch
    assert asked.count("/api/shipping/carriers") == 2


def test_without_several_parcels_the_last_one_ships_the_order(single: MiraklSandbox) -> None:
    channel, ref = connect(single), single.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(single, ref, "S1", final=False), key="k1")
    assert (single.book()[0].state, single.book()[0].trackings) == ("open", ())
    for _ in range(2):
        channel.push_shipment(parcel(single, ref, "S2"), key="k2")
    book = single.book()[0]
    assert (book.state, book.trackings, [line.shipped for line in book.lines]) == ("shipped", ("T-S2",), [2, 1])


@pytest.mark.parametrize("several", [True, False])
def test_a_parcel_that_turns_out_to_be_the_last_ships_the_order_once(several: bool, watched: Start) -> None:
    sandbox = watched(MiraklSandbox(several=several))
    channel, ref = connect(sandbox), sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k")
    assert sandbox.book()[0].state == ("partial" if several else "open")
    assert sandbox.edit_order(ref, "TEA-GREEN", 0)
    for _ in range(2):
        channel.push_shipment(parcel(sandbox, ref), key="k:last")
    book = sandbox.book()[0]
    assert (book.state, book.trackings, [line.shipped for line in book.lines]) == ("shipped", ("T-S1",), [2, 0])


def test_a_parcel_without_a_whole_unit_is_no_shipment(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    """Mirakl wants a line at least (ST01, `minItems`)."""
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    channel.push_shipment(parcel(sandbox, ref, final=False), key="k1")
    channel.push_shipment(replace(parcel(sandbox, ref, "S2"), lines=()), key="k2")
    assert sandbox.book()[0].trackings == ("T-S1",)


@pytest.mark.parametrize("strikes_at", [1, 2])
def test_an_order_cut_off_between_tracking_and_shipping_is_finished_by_repeating(
    strikes_at: int, single: MiraklSandbox
) -> None:
    channel, ref = connect(single), single.place_order(SHOPPER, [("MUG-RED", 2)])
    told = parcel(single, ref)
    single.faults.force("timeout_after_effect", strikes_at)
    for _ in range(strikes_at):
        with pytest.raises(TimedOut):
            channel.push_shipment(told, key="k")
    channel.push_shipment(told, key="k")
    assert (single.book()[0].state, single.book()[0].trackings) == ("shipped", ("T-S1",))


@pytest.mark.parametrize("several", [True, False])
def test_a_parcel_of_an_order_that_may_not_leave_yet_is_a_conflict_and_changes_nothing(
    several: bool, watched: Start
) -> None:
    sandbox = watched(MiraklSandbox(asks=True, several=several))
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    with pytest.raises(Conflict) as refused:
        connect(sandbox).push_shipment(parcel(sandbox, ref), key="k")
    assert str(refused.value) == (
        f"order {ref} is WAITING_ACCEPTANCE at the marketplace, which takes parcels of orders in SHIPPING only; parcel "
        "S1 is not told: replay the message once it is"
    )
    assert (sandbox.book()[0].state, sandbox.book()[0].trackings) == ("open", ())


def test_a_parcel_with_more_than_was_ordered_is_refused_in_the_marketplaces_words(
    sandbox: MiraklSandbox, channel: Mirakl
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    with pytest.raises(Conflict, match=r"the marketplace refused parcel S1: Shipment quantity is invalid\."):
        channel.push_shipment(parcel(sandbox, ref, pieces=3), key="k")
    assert sandbox.book()[0].lines[0].shipped == 0
