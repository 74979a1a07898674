"""A real Vendure server and the hub go the full circle, and what is peculiar to Vendure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import build_client_schema, get_introspection_query, parse, validate

from connectors.vendure import documents
from connectors.vendure.sandbox import schema as sandbox_schema
from hub.canonical.errors import AuthFailed
from tests.connectors.graphql_schemas import documents_in, unknown_fields, unknown_values
from tests.real.conftest import started
from tests.real.full_circle import Day, FullCircle, channel_to
from tests.real.vendure_shop import VendureShop

pytestmark = [pytest.mark.real("sqlite"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def shop() -> Iterator[VendureShop]:
    with started("vendure") as peer:
        opened = VendureShop(peer)
        yield opened
        opened.close()


class VendureCircle(FullCircle):
    """How Vendure calls things."""

    currency, partly, sent, cancelled = "USD", "PartiallyShipped", "Shipped", "Cancelled"
    findings = 5


class TestVendure(VendureCircle):
    """On SQLite."""


def test_our_documents_and_the_sandbox_stand_in_the_servers_own_schema(shop: VendureShop) -> None:
    theirs = build_client_schema(shop.introspect(get_introspection_query(input_value_deprecation=True)))
    assert [error.message for text in documents_in(documents) for error in validate(theirs, parse(text))] == []
    assert unknown_fields(sandbox_schema(), theirs, stubs=(), freer=()) == []
    assert unknown_values(sandbox_schema(), theirs) == []


def test_the_carrier_is_the_method_of_the_fulfillment(day: Day, shop: VendureShop) -> None:
    ref = shop.place((day.first, 1))
    day.hub.pull()
    day.hub.ship(ref, {day.first: 1}, "TRACK-1")
    day.hub.push()
    assert [made["method"] for made in shop.order(ref)["fulfillments"]] == ["DHL"]


def test_a_cancellation_after_a_first_parcel_leaves_a_phantom_piece_that_is_healed(day: Day) -> None:
    """Vendure counts the rest of a part-shipped line as returned: it shows one piece too many."""
    ref = day.shop.place((day.first, 2))
    day.hub.pull()
    day.hub.ship(ref, {day.first: 1}, "TRACK-1")
    day.hub.push()
    day.shop.take_off(ref, day.first, 1)
    day.hub.pull()
    assert (day.hub.ats(day.first), day.shop.on_sale(day.first)) == (29, 30)
    day.hub.heal()
    assert day.in_line()


def test_a_session_that_the_server_ended_is_made_again(shop: VendureShop) -> None:
    channel = channel_to(shop, username=shop.peer.login["user"], password=shop.peer.login["password"])
    assert channel.check()[0].ok
    shop.end_sessions()
    assert channel.check()[0].ok


def test_an_api_key_with_the_same_rights_serves_as_well(shop: VendureShop) -> None:
    channel = channel_to(shop, username="", password=shop.door.api_key)
    assert [finding.what for finding in channel.check() if not finding.ok] == []
    list(channel.pull_orders(None))


def test_a_wrong_api_key_needs_a_person(shop: VendureShop) -> None:
    with pytest.raises(AuthFailed):
        list(channel_to(shop, username="", password="wrong-key").pull_orders(None))


def test_a_role_that_lacks_a_right_is_told_which(shop: VendureShop) -> None:
    password, _ = shop.hire("reader", ("ReadOrder", "ReadProduct", "ReadStockLocation"))
    findings = channel_to(shop, username="reader", password=password).check()
    (missing,) = [finding.mend for finding in findings if not finding.ok]
    assert "UpdateOrder, UpdateCatalog or UpdateProduct;" in missing
