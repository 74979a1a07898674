"""The check says what is missing, and how to mend it."""

from __future__ import annotations

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from hub.ports.channel import Connection, Finding
from tests.connectors.vendure.shop import channel_of, spy


def _faults(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {finding.what: finding.mend for finding in findings if not finding.ok}


def test_a_good_connection_has_five_findings(shop: VendureSandbox, channel: Vendure) -> None:
    place = shop.settings["location_id"]
    assert [finding.what for finding in channel.check()] == [
        "sign-in", "permissions in channel __default_channel__", f"stock location Default Stock Location ({place})",
        "decimals of amounts", "inventory tracking",
    ]  # fmt: skip


def test_missing_permissions_are_named_by_group(shop: VendureSandbox, channel: Vendure) -> None:
    shop.views.rights = ("ReadOrder", "ReadProduct")
    assert _faults(channel.check()) == {
        "permissions": "missing in channel __default_channel__: UpdateOrder, UpdateCatalog or UpdateProduct, "
        "ReadCatalog or ReadStockLocation; add them to the user's role"
    }


def test_a_location_that_is_not_there_is_told_with_the_choices(shop: VendureSandbox) -> None:
    place = shop.settings["location_id"]
    assert _faults(channel_of(shop, location_id="99").check()) == {
        "stock location": f"location_id 99 is not there; there is Default Stock Location = {place}"
    }


def test_other_decimals_and_untracked_stock_are_told(shop: VendureSandbox, channel: Vendure) -> None:
    shop.views.decimals, shop.views.tracks = 3, False
    assert _faults(channel.check()) == {
        "decimals of amounts": "the server keeps 3: set money_decimals to 3",
        "inventory tracking": "switch on Track inventory by default in Vendure's global settings",
    }


def test_a_wrong_address_is_the_only_finding(shop: VendureSandbox) -> None:
    findings = channel_of(shop, admin_path="shop-api").check()
    assert [(finding.what, finding.ok) for finding in findings] == [("shop", False)]


@pytest.mark.parametrize("hidden", [b"query Orders", b"query Variants", b"query Locations"])
def test_an_api_key_is_tried_by_reading(hidden: bytes, shop: VendureSandbox) -> None:
    shop.door.api_keys.add("a-key")
    channel = Vendure(Connection(1, "s", "vendure", {"shop_url": shop.server.url}, {"password": "a-key"}))
    assert [(finding.what, finding.ok) for finding in channel.check()][:2] == [("sign-in", True), ("permissions", True)]
    seen = spy(shop)
    answer = shop.server._answer

    def forbidding(request: Request) -> Reply:
        forbidden = {"message": "no", "extensions": {"code": "FORBIDDEN"}}
        return Reply.json({"errors": [forbidden]}) if hidden in request.body else answer(request)

    shop.server._answer = forbidding
    assert [finding.mend for finding in channel.check() if not finding.ok] == [
        "give the API key a role with all of the README's (the user's role or the API key does not allow it: no)"
    ]
    assert "Me" not in {request["operationName"] for request in seen}
