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


def endpoints(sandbox: EbaySandbox) -> dict[str, str]:
    return {ref: row["deliveryConfig"]["endpoint"] for ref, row in sandbox.notifications.destinations.items()}


def used(sandbox: EbaySandbox) -> set[str]:
    return {hook["destinationId"] for hook in sandbox.notifications.subscriptions.values()}


def test_a_hub_that_moved_takes_its_subscriptions_to_a_destination_of_its_own(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    ((old, _),) = endpoints(sandbox).items()
    with receiving() as moved:
        moved.answer = lambda query: channel.prove_address(query, moved.url)
        assert repaired(channel.check(moved.url)) == ["notification address", *HOOKS]
    (new,) = endpoints(sandbox).keys() - {old}
    assert endpoints(sandbox) == {old: receiver.url, new: moved.url} and used(sandbox) == {new}


@pytest.mark.parametrize("status", ["ENABLED", "MARKED_DOWN"])
def test_a_hub_of_the_same_name_keeps_its_destination(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver, status: str
) -> None:
    other = {
        "destinationId": "77", "name": "Stockline my-ebay", "status": status,
        "deliveryConfig": {"endpoint": "https://other.example/webhooks/my-ebay", "verificationToken": "x" * 40},
    }  # fmt: skip
    sandbox.notifications.destinations["77"] = dict(other)
    channel.check(receiver.url)
    channel.check(receiver.url)
    assert sandbox.notifications.destinations["77"] == other
    assert sorted(endpoints(sandbox).values()) == sorted([receiver.url, "https://other.example/webhooks/my-ebay"])


def test_doubles_of_our_address_are_deleted_once_nothing_needs_them(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    tell = sandbox.notifications
    ((first, row),) = tell.destinations.items()
    tell.destinations = {name: {**row, "destinationId": name} for name in ("8", "9", first)}
    assert repaired(channel.check(receiver.url)) == ["notification address", *HOOKS]
    assert (endpoints(sandbox), used(sandbox)) == ({"8": receiver.url}, {"8"})
    assert repaired(channel.check(receiver.url)) == []


def test_a_double_that_ebay_keeps_because_it_is_in_use_disturbs_nothing(
    sandbox: EbaySandbox, channel: Ebay, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    tell = sandbox.notifications
    ((first, row),) = tell.destinations.items()
    tell.destinations["9"] = {**row, "destinationId": "9"}
    tell.offered.discard("MARKETPLACE_ACCOUNT_DELETION")
    for hook in tell.subscriptions.values():
        hook["destinationId"] = "9" if hook["topicId"] == "MARKETPLACE_ACCOUNT_DELETION" else first
    assert repaired(channel.check(receiver.url)) == []
    assert set(endpoints(sandbox)) == {first, "9"}


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
