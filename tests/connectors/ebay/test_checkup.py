"""The check says exactly what is missing: keys, each scope, access, locations."""

from __future__ import annotations

import pytest

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Finding
from tests.connectors.contract import SHOPPER
from tests.connectors.ebay.conftest import connect


def failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.what, finding.mend) for finding in findings if not finding.ok]


def test_an_account_without_fault_is_looked_at_from_every_side_and_nothing_changes(
    sandbox: EbaySandbox, channel: Ebay
) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    before = (sandbox.book(), dict(sandbox.shown_stock()))
    assert [(finding.what, finding.ok) for finding in channel.check()] == [
        ("keys and refresh token", True), ("scope sell.fulfillment", True), ("scope sell.inventory", True),
        ("scope sell.finances", True), ("access to orders", True), ("access to inventory", True),
        ("inventory location", True),
    ]  # fmt: skip
    assert (sandbox.book(), dict(sandbox.shown_stock())) == before


@pytest.mark.parametrize("scope", ["sell.fulfillment", "sell.inventory", "sell.finances"])
def test_a_missing_scope_is_named(scope: str, sandbox: EbaySandbox, channel: Ebay) -> None:
    sandbox.login.granted.discard(scope)
    mend = (
        "the seller has not consented to it: make a new refresh token for sell.fulfillment, sell.inventory, "
        "sell.finances"
    )
    assert failed(channel.check()) == [(f"scope {scope}", mend)]


def test_the_scope_of_refunds_is_asked_for_only_where_orders_are_paid_back(sandbox: EbaySandbox) -> None:
    sandbox.login.granted.discard("sell.finances")
    assert failed(connect(sandbox, refund_refused="no").check()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_secret": "wrong"}, "invalid_client client authentication failed"),
        ({"client_id": "wrong"}, "invalid_client client authentication failed"),
        ({"refresh_token": "wrong"}, "invalid_grant the provided authorization refresh token is invalid"),
    ],
)
def test_wrong_keys_are_told_in_ebays_words(changed: dict[str, str], said: str, sandbox: EbaySandbox) -> None:
    assert failed(connect(sandbox, **changed).check()) == [
        (
            "keys and refresh token",
            f"the refresh token was not taken: {said}; enter App ID, Cert ID and refresh token of one keyset, and the "
            "api_url that it is for",
        )
    ]


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        ("", "there is none: make one with your listing tool"),
        ("DISABLED", "all are disabled: enable one with your listing tool"),
    ],
)
def test_an_account_without_a_place_to_ship_from_is_told(
    status: str, mend: str, sandbox: EbaySandbox, channel: Ebay
) -> None:
    sandbox.routes.location = status
    assert failed(channel.check()) == [("inventory location", mend)]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/sell/inventory/v1/location", "inventory location"),
        ("/commerce/notification/v1/config", "notifications"),
        ("/commerce/notification/v1/destination", "notifications"),
    ],
)
def test_what_the_account_may_not_ask_is_one_finding_beside_the_others(
    path: str, what: str, sandbox: EbaySandbox, channel: Ebay
) -> None:
    sandbox.routes.denied.add(path)
    found = channel.check("https://hub.example/hooks/ebay")
    refused = [one for one in found if one.what == what]
    said = f"GET {path} gave 403: Insufficient permissions to fulfill the request."
    assert [(one.ok, one.mend) for one in refused] == [(False, said)]
    assert [one.ok for one in found if one.what.startswith(("keys", "scope", "access"))] == [True] * 7


def test_a_check_during_an_outage_is_retryable(sandbox: EbaySandbox, channel: Ebay) -> None:
    sandbox.outage(60)
    with pytest.raises(ChannelDown):
        channel.check()
