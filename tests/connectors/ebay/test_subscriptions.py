"""The check registers where eBay sends its notifications and of what, mends both, and says what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.contract.receiver import Receiver, receiving
from hub.ports.channel import Connection, Finding
from tests.connectors.ebay.conftest import connect

HOOKS = ["webhook ORDER_CONFIRMATION", "webhook MARKETPLACE_ACCOUNT_DELETION"]
REGISTERED = [("alert address", True), ("notification address", True), *((hook, True) for hook in HOOKS)]


@pytest.fixture
def receiver(channel: Ebay) -> Iterator[Receiver]:
    with receiving() as running:
        running.answer = lambda query: channel.prove_address(query, running.url)
        yield running


def repaired(findings: tuple[Finding, ...]) -> list[str]:
    assert [finding for finding in findings if not finding.ok] == []
    return [finding.what for finding in findings if finding.repaired]


def failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.what, finding.mend) for finding in findings if not finding.ok]


def test_a_first_check_registers_everything_and_a_second_nothing(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    found = channel.check(receiver.url)
    assert [(finding.what, finding.repaired) for finding in found[-4:]] == REGISTERED
    (place,), (hook, _) = sandbox.notifications.destinations.values(), sandbox.notifications.subscriptions.values()
    assert (place["name"], place["deliveryConfig"]["endpoint"], place["status"]) == (
        "Stockline my-ebay", receiver.url, "ENABLED",
    )  # fmt: skip
    assert (hook["topicId"], hook["destinationId"], hook["payload"]["schemaVersion"]) == (
        "ORDER_CONFIRMATION", place["destinationId"], "1.0",
    )  # fmt: skip
    assert sandbox.notifications.alert == "alerts@stockline.example"
    assert repaired(channel.check(receiver.url)) == []


def test_what_ebay_marked_down_or_somebody_switched_off_is_switched_on_again(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    for place in sandbox.notifications.destinations.values():
        place["status"] = "MARKED_DOWN"
    for hook in sandbox.notifications.subscriptions.values():
        hook["status"] = "DISABLED"
    assert repaired(channel.check(receiver.url)) == ["notification address", *HOOKS]
    assert [one["status"] for one in sandbox.notifications.destinations.values()] == ["ENABLED"]
    assert repaired(channel.check(receiver.url)) == []


def test_a_hub_that_moved_changes_its_destination_and_makes_no_second(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    with receiving() as moved:
        moved.answer = lambda query: channel.prove_address(query, moved.url)
        assert repaired(channel.check(moved.url)) == ["notification address"]
    (place,) = sandbox.notifications.destinations.values()
    assert place["deliveryConfig"]["endpoint"] == moved.url
    assert len(sandbox.notifications.subscriptions) == 2


def test_without_an_address_to_warn_ebay_takes_nothing_and_the_check_asks_for_one(
    sandbox: EbaySandbox, receiver: Receiver
) -> None:
    mend = "eBay wants an e-mail address that it warns: set alert_email"
    assert failed(connect(sandbox, alert_email="").check(receiver.url)) == [("alert address", mend)]
    assert sandbox.notifications.destinations == {}
    sandbox.notifications.alert = "set.before@example.com"
    assert repaired(connect(sandbox, alert_email="").check(receiver.url))[0] == "notification address"
    assert sandbox.notifications.alert == "set.before@example.com"


def test_an_address_that_does_not_prove_itself_is_told_in_ebays_words(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    receiver.answer = lambda query: '{"challengeResponse": "0"}'
    said = "eBay did not take it: The endpoint did not answer the challenge as expected"
    assert failed(channel.check(receiver.url)) == [("notification address", said)]
    assert failed(channel.check("http://hub.example/webhooks/eb")) == [
        ("notification address", "eBay did not take it: Invalid or missing endpoint: it must be https")
    ]
    assert sandbox.notifications.subscriptions == {}


def test_a_token_that_ebay_would_not_take_is_named(sandbox: EbaySandbox, receiver: Receiver) -> None:
    secrets = {**sandbox.secrets, "verification_token": "short"}
    found = Ebay(Connection(1, "eb", "ebay", sandbox.settings, secrets)).check(receiver.url)
    mend = "verification_token must have 32 to 80 letters, digits, _ or -"
    assert failed(found) == [("notification address", mend)]


def test_a_seller_who_did_not_consent_to_notifications_is_told_only_where_they_are_wanted(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    sandbox.login.granted.discard("commerce.notification.subscription")
    assert failed(channel.check()) == []
    ((what, mend),) = failed(channel.check(receiver.url))
    assert what == "scope commerce.notification.subscription"
    assert mend.endswith("for sell.fulfillment, sell.inventory, sell.finances, commerce.notification.subscription")


def test_a_topic_that_ebay_does_not_offer_is_left_out(sandbox: EbaySandbox, channel: Ebay, receiver: Receiver) -> None:
    sandbox.notifications.offered.clear()
    assert repaired(channel.check(receiver.url)) == ["alert address", "notification address"]
