"""The check says exactly what is missing: keys, each role, listings, the queue, and who tells it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.amazon.connector import Amazon
from connectors.amazon.sandbox import AmazonSandbox
from connectors.amazon.sandbox.queue import ARN
from hub.ports.channel import Finding
from tests.connectors.amazon.conftest import connect
from tests.connectors.contract import SHOPPER

ROLES = [
    "access to orders",
    "access to buyers and addresses",
    "access to feeds",
    "access to shipping",
    "access to listings",
    "access to refunds",
]
NO_ROLE = "Application does not have access to one or more requested data elements: [{}]"
TOLD = "order changes go into the queue"


@pytest.fixture
def queued(watched: Any) -> AmazonSandbox:
    running: AmazonSandbox = watched(AmazonSandbox(queue=True))
    return running


def failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.what, finding.mend) for finding in findings if not finding.ok]


def test_an_account_without_fault_is_looked_at_from_every_side_and_nothing_changes(
    sandbox: AmazonSandbox, channel: Amazon
) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    before = (sandbox.book(), dict(sandbox.shown_stock()))
    assert [(one.what, one.ok) for one in channel.check()] == [
        ("keys and refresh token", True), *((what, True) for what in ROLES),
    ]  # fmt: skip
    assert (sandbox.book(), dict(sandbox.shown_stock())) == before


@pytest.mark.parametrize(
    ("role", "missing", "name"),
    [
        ("orders", ["access to orders", "access to buyers and addresses", "access to shipping"], None),
        ("buyers", ["access to buyers and addresses"], "Direct-to-Consumer Shipping (Restricted)"),
        ("listings", ["access to feeds", "access to listings"], "Product Listing"),
    ],
)
def test_a_missing_role_is_named(
    role: str, missing: list[str], name: str | None, sandbox: AmazonSandbox, channel: Amazon
) -> None:
    sandbox.login.roles.discard(role)
    found = failed(channel.check())
    assert [what for what, _ in found] == missing
    said = NO_ROLE.format(role)
    for _, mend in found:
        assert mend.startswith(f"Amazon refused it ({said}): give the application the role ")
        assert name is None or f"the role {name}, authorize it again, then check" in mend
        assert mend.endswith("again: stockline connection check NAME")


def test_without_the_role_for_refunds_the_check_says_what_is_lost_and_stops_nothing(
    sandbox: AmazonSandbox, channel: Amazon
) -> None:
    sandbox.login.roles.discard("finance")
    found = channel.check()
    assert failed(found) == [
        (
            "access to refunds",
            f"Amazon refused it ({NO_ROLE.format('finance')}): refunds do not arrive until the application has the "
            "role Finance and Accounting and is authorized again; then check it: stockline connection check NAME. "
            "Orders, stock and parcels go on without it",
        )
    ]
    assert [finding.stops for finding in found] == [False] * len(found)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_secret": "wrong"}, "invalid_client Client authentication failed"),
        ({"refresh_token": "wrong"}, "invalid_grant The request has an invalid grant parameter : refresh_token"),
    ],
)
def test_wrong_keys_end_the_check(changed: dict[str, str], said: str, sandbox: AmazonSandbox) -> None:
    mend = (
        f"the refresh token was not taken: {said}; enter LWA client identifier, client secret and refresh token of "
        "one application"
    )
    assert failed(connect(sandbox, **changed).check()) == [("keys and refresh token", mend)]


@pytest.mark.parametrize("changed", [{"seller_id": "A3SOMEBODY"}, {"marketplaces": "ATVPDKIKX0DER"}])
def test_a_seller_of_other_marketplaces_is_told_so(changed: dict[str, str], sandbox: AmazonSandbox) -> None:
    mend = "seller_id, marketplaces and region do not belong together: sellerId or marketplaceIds"
    assert failed(connect(sandbox, **changed).check()) == [("access to listings", mend)]


def test_a_queue_is_subscribed_once(queued: AmazonSandbox) -> None:
    first, second = (connect(queued).check()[-2:] for _ in range(2))
    assert first == (Finding("queue", True), Finding(TOLD, True, repaired=True))
    assert second == (Finding("queue", True), Finding(TOLD, True))
    assert list(queued.queue.destinations.values()) == [ARN]


def test_a_destination_that_is_there_already_is_used(queued: AmazonSandbox) -> None:
    queued.queue.destinations["d1"] = ARN
    assert connect(queued).check()[-1].repaired
    assert (queued.queue.subscription, len(queued.queue.destinations)) == ("d1", 1)


def test_a_subscription_of_another_queue_is_left_to_a_person(queued: AmazonSandbox) -> None:
    queued.queue.destinations["d1"], queued.queue.subscription = "arn:aws:sqs:eu-west-1:444455556666:other", "d1"
    mend = "they go to another queue: delete that subscription, or enter its queue"
    assert failed(connect(queued).check()) == [(TOLD, mend)]
    assert queued.queue.subscription == "d1"


def test_a_queue_that_cannot_be_read_is_told_with_what_aws_says(queued: AmazonSandbox) -> None:
    ((what, mend),) = failed(connect(queued, aws_secret_key="wrong").check())
    assert what == "queue"
    assert mend.startswith("the AWS keys were not taken: POST / gave 403")
    queued.queue.exists = False
    assert failed(connect(queued).check()) == [
        ("queue", "there is no such queue (QueueDoesNotExist): make it in the Amazon SQS console")
    ]


def test_an_application_that_may_not_subscribe_is_told_so(queued: AmazonSandbox) -> None:
    queued.login.roles.discard("notifications")
    ((what, mend),) = failed(connect(queued).check())
    assert what == TOLD
    assert mend.startswith("the application may not subscribe to notifications: GET /notifications/v1/")
