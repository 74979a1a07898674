"""Access tokens, and the limits of each operation as Amazon's models write them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.amazon.client import Seller
from connectors.amazon.operations import OPERATIONS
from connectors.amazon.sandbox import AmazonSandbox
from hub.canonical.errors import HeldBack, Misconfigured, Throttled
from hub.ports.channel import Connection
from tests.connectors.amazon.conftest import CANCEL, FINANCES, MODELS, connect
from tests.connectors.amazon.test_feed import searches, watch
from tests.connectors.contract import SHOPPER

PLAN = re.compile(r"\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|")


def seller(sandbox: AmazonSandbox) -> Seller:
    return Seller(Connection(1, "a", "amazon", sandbox.settings, sandbox.secrets))


@pytest.mark.data
def test_addresses_and_limits_are_those_of_the_models(shared_data: Path) -> None:
    (unmodeled,), (finances,) = CANCEL, FINANCES
    found: dict[str, tuple[str, str, float, int, bool]] = {
        "cancelOrder": ("PUT", unmodeled, 1, 5, False),
        "listTransactions": ("GET", finances, 0.5, 10, False),
    }
    for file in MODELS:
        model: dict[str, Any] = json.loads((shared_data / "amazon" / file).read_text(encoding="utf-8"))
        for path, item in model["paths"].items():
            for method, one in item.items():
                if isinstance(one, dict) and OPERATIONS.get(one.get("operationId", ""), ("", ""))[1] == path:
                    plan = PLAN.search(one["description"])
                    assert plan is not None
                    grantless = "is grantless" in one["description"]
                    found[one["operationId"]] = (method.upper(), path, float(plan[1]), int(plan[2]), grantless)
    assert found == {name: tuple(one) for name, one in OPERATIONS.items()}


def test_no_more_than_twenty_searches_go_at_once_and_other_operations_are_not_held_back(
    sandbox: AmazonSandbox,
) -> None:
    one, ref = seller(sandbox), sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    query = {"lastUpdatedAfter": "2020-01-01T00:00:00Z", "marketplaceIds": ",".join(one.marketplaces)}
    seen = watch(sandbox)
    with pytest.raises(HeldBack) as caught:
        for _ in range(21):
            one.ask("searchOrders", query)
    assert 10 <= len(searches(seen)) <= 20
    assert 30 < (caught.value.retry_after or 0) <= 1 / 0.0056
    assert one.order(ref, "FULFILLMENT") is not None


def test_an_answer_that_names_another_rate_replaces_ours(sandbox: AmazonSandbox) -> None:
    sandbox.routes.rates["searchOrders"] = 50.0
    one = seller(sandbox)
    query = {"lastUpdatedAfter": "2020-01-01T00:00:00Z", "marketplaceIds": ",".join(one.marketplaces)}
    for _ in range(25):
        assert one.ask("searchOrders", query).status == 200


def test_429_without_a_time_waits_for_the_next_call_of_the_usage_plan(sandbox: AmazonSandbox) -> None:
    one = seller(sandbox)
    assert one.ask("getFeed", feedId="1", accept={404}).status == 404
    sandbox.faults.force("rate_limited_429", 1)
    with pytest.raises(Throttled) as caught:
        one.ask("getFeed", feedId="1")
    assert caught.value.retry_after == 0.5


def test_a_token_that_ended_is_renewed_and_the_call_goes_out_again(sandbox: AmazonSandbox) -> None:
    one, ref = seller(sandbox), sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert one.order(ref, "FULFILLMENT") is not None
    sandbox.login.forget()
    assert one.order(ref, "FULFILLMENT") is not None
    assert sandbox.login.given == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"client_id": " "}, "client_id must be set: see connectors/amazon/README.md"),
        ({"refresh_token": ""}, "refresh_token must be set: see connectors/amazon/README.md"),
        ({"marketplaces": "amazon.de"}, "marketplaces = 'amazon.de': expected ids such as ATVPDKIKX0DER, with commas"),
        ({"marketplaces": " , "}, "marketplaces = ',': expected ids such as ATVPDKIKX0DER, with commas"),
        (
            {"api_url": "", "marketplaces": "NEWLYOPENED, A1VC38T7YXB528"},
            "marketplaces: A1VC38T7YXB528 belongs to region fe, and region is na: each region takes a connection of "
            "its own",
        ),
        ({"api_url": "", "region": "moon"}, "region = 'moon': expected na, eu, fe"),
        ({"search_every": "often"}, "search_every = 'often': expected whole seconds from 0 to 86400"),
        ({"feed_from": "0"}, "feed_from = '0': expected a whole number from 1 on"),
        (
            {"queue_arn": "orders"},
            "queue_arn = 'orders': expected one such as arn:aws:sqs:us-east-1:123456789012:orders",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(changed: dict[str, str], message: str, sandbox: AmazonSandbox) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(sandbox, **changed)
    assert str(caught.value) == message
