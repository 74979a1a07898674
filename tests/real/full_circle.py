"""The full circle of one shop: orders, stock, parcels, cancellations and refunds go there and back.

Inherit `FullCircle` in a module that has a fixture `shop`, and say how that shop calls things.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from connectors.kit import registry
from hub.canonical.errors import AuthFailed
from hub.ports.channel import Channel, Connection
from hub.store.database import Database
from tests.real.circle import Circle
from tests.real.shop import RealShop

_tags = itertools.count(1)


@dataclass
class Day:
    """The hub and the shop with two things on their shelves: 30 of `first`, 10 of `second`."""

    hub: Circle
    shop: RealShop
    first: str
    second: str

    def in_line(self) -> bool:
        """Whether the shop sells exactly what the hub says may be sold."""
        return all(self.shop.on_sale(sku) == self.hub.ats(sku) for sku in (self.first, self.second))


Open = Callable[..., Day]


def channel_to(shop: RealShop, **changed: str) -> Channel:
    """The connector; `changed` replaces settings or secrets by name."""
    settings = {name: changed.get(name, value) for name, value in shop.settings.items()}
    secrets = {name: changed.get(name, value) for name, value in shop.secrets.items()}
    return registry.build(Connection(1, "real", shop.channel, settings, secrets))


@pytest.fixture
def open_day(shop: RealShop, database: Database) -> Open:
    """Call it for a day with new SKUs."""

    def open_(on_shortage: str = "hold") -> Day:
        tag = f"R{next(_tags)}"
        first, second = f"{tag}-LAMP", f"{tag}-BULB"
        shop.stock_shelves({first: 3, second: 0})
        shelves = {first: 30, second: 10}
        hub = Circle(database, shop.channel, shop.settings, shop.secrets, shelves, on_shortage=on_shortage)
        return Day(hub, shop, first, second)

    return open_


@pytest.fixture
def day(open_day: Open) -> Day:
    return open_day()


class FullCircle:
    """currency, partly, sent, cancelled: the shop's words.  findings: what a good check tells, in number."""

    currency: str
    partly: str
    sent: str
    cancelled: str
    findings: int

    def test_the_check_finds_nothing_wrong(self, day: Day) -> None:
        findings = day.hub.channel.check()
        assert [finding.what for finding in findings if not finding.ok] == []
        assert len(findings) == self.findings

    def test_the_first_push_brings_the_hubs_numbers_onto_the_shelves(self, day: Day) -> None:
        assert (day.shop.on_sale(day.first), day.shop.on_sale(day.second)) == (30, 10)

    def test_an_order_is_imported_reserved_routed_and_shipped_in_two_parcels(self, day: Day) -> None:
        ref = day.shop.place((day.first, 3), (day.second, 2))
        day.hub.pull()
        placed = day.hub.order(ref)
        assert (placed.state, placed.payment, placed.currency) == ("routed", "paid", self.currency)
        assert (day.hub.ats(day.first), day.hub.ats(day.second)) == (27, 8)
        assert day.hub.document(ref)["extra"].get("unexplained") is None
        assert day.in_line()

        day.hub.ship(ref, {day.first: 2}, "TRACK-1")
        day.hub.push()
        assert (day.shop.state(ref), day.shop.parcels(ref)) == (self.partly, ["TRACK-1"])
        day.hub.ship(ref, {day.first: 1, day.second: 2}, "TRACK-2")
        day.hub.push()
        assert (day.shop.state(ref), day.shop.parcels(ref)) == (self.sent, ["TRACK-1", "TRACK-2"])
        day.hub.pull()
        assert day.hub.order(ref).state == "shipped"
        assert (day.hub.ats(day.first), day.in_line(), day.hub.heal()) == (27, True, 0)

    def test_a_parcel_told_twice_is_one_fulfillment(self, day: Day) -> None:
        ref = day.shop.place((day.first, 2))
        day.hub.pull()
        day.hub.ship(ref, {day.first: 1}, "TRACK-1")
        parcels = list[tuple[object, str]]()
        channel = day.hub.channel
        tell = channel.push_shipment
        channel.push_shipment = lambda dispatch, *, key: parcels.append((dispatch, key))  # type: ignore[method-assign]
        day.hub.push()
        assert (len(parcels), day.shop.parcels(ref)) == (1, [])
        for dispatch, key in parcels * 2:
            tell(dispatch, key=key)  # type: ignore[arg-type]
        assert (day.shop.state(ref), day.shop.parcels(ref)) == (self.partly, ["TRACK-1"])

    def test_a_cancellation_in_part_and_whole_arrives_and_frees_the_stock(self, day: Day) -> None:
        ref = day.shop.place((day.first, 3), (day.second, 2))
        day.hub.pull()
        day.shop.take_off(ref, day.first, 1)
        day.hub.pull()
        assert (day.hub.order(ref).state, day.hub.ats(day.first)) == ("routed", 28)
        day.shop.cancel(ref)
        day.hub.pull()
        assert (day.hub.order(ref).state, day.hub.ats(day.first), day.hub.ats(day.second)) == ("cancelled", 30, 10)
        day.hub.push()
        assert day.in_line()

    def test_a_refund_made_in_the_shop_arrives(self, day: Day) -> None:
        ref = day.shop.place((day.first, 2))
        day.hub.pull()
        day.shop.refund(ref, Decimal("23.79"))
        day.hub.pull()
        document = day.hub.document(ref)
        assert (document["payment"], document["refunded_total"]) == ("partially_refunded", "23.79")

    def test_a_stock_change_made_by_hand_is_found_and_healed(self, day: Day) -> None:
        day.shop.place((day.first, 1))
        day.hub.pull()
        day.hub.push()
        day.shop.set_on_hand(day.first, 99)
        assert day.shop.on_sale(day.first) == 98
        assert day.hub.heal() == 1
        assert day.shop.on_sale(day.first) == day.hub.ats(day.first) == 29
        assert day.hub.heal() == 0

    def test_an_order_that_cannot_be_served_is_refused_refunded_and_cancelled(self, open_day: Open) -> None:
        day = open_day(on_shortage="refuse")
        day.shop.set_on_hand(day.second, 50)
        ref = day.shop.place((day.second, 20))
        day.hub.pull()
        assert day.hub.order(ref).state == "refused"
        day.hub.push()
        paid, back = day.shop.money(ref)
        assert (day.shop.state(ref), paid - back) == (self.cancelled, 0)
        assert paid > 0
        day.hub.heal()
        assert (day.shop.on_sale(day.second), day.in_line()) == (10, True)

    def test_a_wrong_password_or_key_needs_a_person(self, shop: RealShop) -> None:
        wrong = channel_to(shop, **dict.fromkeys(shop.secrets, "wrong-password"))
        with pytest.raises(AuthFailed):
            list(wrong.pull_orders(None))
