"""A real Vendure server and the hub: orders, stock, shipments, cancellations and refunds go the full circle."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from graphql import build_client_schema, get_introspection_query, parse, validate

from connectors.kit import registry
from connectors.vendure.documents import DOCUMENTS
from connectors.vendure.sandbox import schema as sandbox_schema
from connectors.vendure.spec import PERMISSIONS
from hub.canonical.errors import AuthFailed
from hub.ports.channel import Channel, Connection
from hub.store.database import Database
from tests.connectors.graphql_schemas import unknown_fields, unknown_values
from tests.real.buyer import RealShop
from tests.real.circle import Circle

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
GROSS = 2379
"""What one piece costs with 19 % tax, in minor units."""

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
USER = "stockline"
RIGHTS = tuple(group[-1] for group in PERMISSIONS)
"""The narrowest that the check asks for."""


@dataclass(frozen=True)
class Door:
    """How the hub gets in: `password` of USER, and an API key with the same rights."""

    password: str
    api_key: str


@pytest.fixture(scope="module")
def door(shop: RealShop) -> Door:
    return Door(*shop.hire(USER, RIGHTS))


@pytest.fixture
def open_day(shop: RealShop, door: Door, database: Database) -> Open:
    def open_(on_shortage: str = "hold") -> Day:
        tag = f"R{next(_tags)}"
        first, second = f"{tag}-LAMP", f"{tag}-BULB"
        shop.stock_shelves({first: 3, second: 0})
        settings = {"shop_url": shop.peer.address, "username": USER}
        secrets = {"password": door.password}
        hub = Circle(database, "vendure", settings, secrets, {first: 30, second: 10}, on_shortage=on_shortage)
        return Day(hub, shop, first, second)

    return open_


@pytest.fixture
def day(open_day: Open) -> Day:
    return open_day()


def test_our_documents_and_the_sandbox_stand_in_the_servers_own_schema(shop: RealShop) -> None:
    theirs = build_client_schema(shop.introspect(get_introspection_query(input_value_deprecation=True)))
    assert [error.message for text in DOCUMENTS for error in validate(theirs, parse(text))] == []
    assert unknown_fields(sandbox_schema(), theirs, stubs=(), freer=()) == []
    assert unknown_values(sandbox_schema(), theirs) == []


def test_the_check_finds_nothing_wrong(day: Day) -> None:
    findings = day.hub.channel.check()
    assert [finding.what for finding in findings if not finding.ok] == []
    assert len(findings) == 5


def test_the_first_push_brings_the_hubs_numbers_onto_the_shelves(day: Day) -> None:
    assert (day.shop.on_sale(day.first), day.shop.on_sale(day.second)) == (30, 10)


def test_an_order_is_imported_reserved_routed_and_shipped_in_two_parcels(day: Day) -> None:
    ref = day.shop.place((day.first, 3), (day.second, 2))
    day.hub.pull()
    placed = day.hub.order(ref)
    assert (placed.state, placed.payment, placed.currency) == ("routed", "paid", "USD")
    assert (day.hub.ats(day.first), day.hub.ats(day.second)) == (27, 8)
    assert day.hub.document(ref)["extra"].get("unexplained") is None
    assert day.in_line()

    day.hub.ship(ref, {day.first: 2}, "TRACK-1")
    day.hub.push()
    assert day.shop.order(ref)["state"] == "PartiallyShipped"
    day.hub.ship(ref, {day.first: 1, day.second: 2}, "TRACK-2")
    day.hub.push()
    order = day.shop.order(ref)
    assert order["state"] == "Shipped"
    parcels = [(made["state"], made["method"], made["trackingCode"]) for made in order["fulfillments"]]
    assert sorted(parcels) == [("Shipped", "DHL", "TRACK-1"), ("Shipped", "DHL", "TRACK-2")]
    day.hub.pull()
    assert day.hub.order(ref).state == "shipped"
    assert (day.hub.ats(day.first), day.in_line(), day.hub.heal()) == (27, True, 0)


def test_a_parcel_told_twice_is_one_fulfillment(day: Day) -> None:
    ref = day.shop.place((day.first, 1))
    day.hub.pull()
    day.hub.ship(ref, {day.first: 1}, "TRACK-1")
    parcels = list[tuple[object, str]]()
    channel = day.hub.channel
    tell = channel.push_shipment
    channel.push_shipment = lambda dispatch, *, key: parcels.append((dispatch, key))  # type: ignore[method-assign]
    day.hub.push()
    for dispatch, key in parcels * 2:
        tell(dispatch, key=key)  # type: ignore[arg-type]
    assert len(day.shop.order(ref)["fulfillments"]) == 1


def test_a_cancellation_in_part_and_whole_arrives_and_frees_the_stock(day: Day) -> None:
    ref = day.shop.place((day.first, 3), (day.second, 2))
    day.hub.pull()
    day.shop.cancel(ref, [(day.first, 1)])
    day.hub.pull()
    assert (day.hub.order(ref).state, day.hub.ats(day.first)) == ("routed", 28)
    day.shop.cancel(ref, [(day.first, 2), (day.second, 2)])
    day.hub.pull()
    assert (day.hub.order(ref).state, day.hub.ats(day.first), day.hub.ats(day.second)) == ("cancelled", 30, 10)
    day.hub.push()
    assert day.in_line()


def test_a_refund_made_in_the_shop_arrives(day: Day) -> None:
    ref = day.shop.place((day.first, 2))
    day.hub.pull()
    day.shop.refund(ref, GROSS)
    day.hub.pull()
    document = day.hub.document(ref)
    assert (document["payment"], document["refunded_total"]) == ("partially_refunded", "23.79")


def test_a_stock_change_made_by_hand_is_found_and_healed(day: Day) -> None:
    day.shop.place((day.first, 1))
    day.hub.pull()
    day.hub.push()
    day.shop.set_on_hand(day.first, 99)
    assert day.shop.on_sale(day.first) == 98
    assert day.hub.heal() == 1
    assert day.shop.on_sale(day.first) == day.hub.ats(day.first) == 29
    assert day.hub.heal() == 0


def test_a_cancellation_after_a_first_parcel_leaves_a_phantom_piece_that_is_healed(day: Day) -> None:
    """Vendure counts the rest of a part-shipped line as returned: it shows one piece too many."""
    ref = day.shop.place((day.first, 2))
    day.hub.pull()
    day.hub.ship(ref, {day.first: 1}, "TRACK-1")
    day.hub.push()
    day.shop.cancel(ref, [(day.first, 1)])
    day.hub.pull()
    assert (day.hub.ats(day.first), day.shop.on_sale(day.first)) == (29, 30)
    day.hub.heal()
    assert day.in_line()


def test_an_order_that_cannot_be_served_is_refused_refunded_and_cancelled(open_day: Open) -> None:
    day = open_day(on_shortage="refuse")
    day.shop.set_on_hand(day.second, 50)
    ref = day.shop.place((day.second, 20))
    day.hub.pull()
    assert day.hub.order(ref).state == "refused"
    day.hub.push()
    order = day.shop.order(ref)
    (payment,) = order["payments"]
    assert (order["state"], [refund["total"] for refund in payment["refunds"]]) == ("Cancelled", [payment["amount"]])
    day.hub.heal()
    assert (day.shop.on_sale(day.second), day.in_line()) == (10, True)


def _channel(shop: RealShop, user: str, password: str) -> Channel:
    settings = {"shop_url": shop.peer.address, "username": user}
    return registry.build(Connection(1, "real", "vendure", settings, {"password": password}))


def test_a_session_that_the_server_ended_is_made_again(shop: RealShop) -> None:
    channel = _channel(shop, shop.peer.user, shop.peer.password)
    assert channel.check()[0].ok
    shop.end_sessions()
    assert channel.check()[0].ok


def test_an_api_key_with_the_same_rights_serves_as_well(shop: RealShop, door: Door) -> None:
    channel = _channel(shop, "", door.api_key)
    assert [finding.what for finding in channel.check() if not finding.ok] == []
    list(channel.pull_orders(None))


@pytest.mark.parametrize("user", [USER, ""])
def test_a_wrong_password_or_key_needs_a_person(shop: RealShop, user: str) -> None:
    with pytest.raises(AuthFailed):
        list(_channel(shop, user, "wrong-password").pull_orders(None))


def test_a_role_that_lacks_a_right_is_told_which(shop: RealShop) -> None:
    password, _ = shop.hire("reader", ("ReadOrder", "ReadProduct", "ReadStockLocation"))
    findings = _channel(shop, "reader", password).check()
    (missing,) = [finding.mend for finding in findings if not finding.ok]
    assert "UpdateOrder, UpdateCatalog or UpdateProduct;" in missing
