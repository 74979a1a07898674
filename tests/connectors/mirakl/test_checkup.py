"""The check says what is missing: address, key, shop, each right."""

from __future__ import annotations

import pytest

from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from hub.canonical.errors import Misconfigured
from hub.ports.channel import Connection, Finding
from tests.connectors.mirakl.conftest import connect


def test_a_good_connection_is_fine_in_every_respect(channel: Mirakl) -> None:
    assert [(finding.what, finding.ok) for finding in channel.check()] == [
        ("marketplace", True),
        ("API key", True),
        ("shop", True),
        ("permission to read orders", True),
        ("permission to answer and ship orders", True),
        ("permission to read offers", True),
        ("permission to write stock", True),
        ("several parcels of an order", True),
    ]


def test_a_wrong_key_ends_the_check(sandbox: MiraklSandbox) -> None:
    (finding,) = connect(sandbox, api_key="wrong").check()
    assert (finding.what, finding.ok) == ("API key", False)
    assert finding.mend == (
        "the marketplace refused the key: make one in its seller portal, under your user name > API key"
    )


@pytest.mark.parametrize(("name", "value"), [("shop_id", "2001"), ("shop_url", "{}/elsewhere")])
def test_a_shop_that_does_not_answer_ends_the_check(name: str, value: str, sandbox: MiraklSandbox) -> None:
    sandbox.server.watch = None
    (finding,) = connect(sandbox, **{name: value.format(sandbox.server.url)}).check()
    assert (finding.what, finding.ok) == ("marketplace", False)
    assert finding.mend == "no shop answers there: check shop_url and shop_id"


@pytest.mark.parametrize(
    ("right", "what"),
    [
        ("orders: read", ["permission to read orders", "several parcels of an order"]),
        ("orders: write", ["permission to answer and ship orders"]),
        ("offers: read", ["permission to read offers"]),
        ("offers: write", ["permission to write stock"]),
    ],
)
def test_a_missing_right_is_named(right: str, what: list[str], sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.routes.rights.discard(right)
    wrong = [finding for finding in channel.check() if not finding.ok]
    assert [finding.what for finding in wrong] == what
    assert right in wrong[0].mend


def test_several_parcels_that_the_marketplace_has_not_are_told(sandbox: MiraklSandbox) -> None:
    sandbox.routes.several = False
    (wrong,) = (finding for finding in connect(sandbox, parcels="several").check() if not finding.ok)
    assert wrong.what == "several parcels of an order"
    assert wrong.mend == "multiple shipments are not switched on there, or not for this key: set parcels to one"


def test_a_shop_that_is_not_open_is_told(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.routes.shop_state = "SUSPENDED"
    mend = "Sandbox (2000) is SUSPENDED: open it in the seller portal, or ask the marketplace why it is not open"
    assert Finding("shop", False, mend) in channel.check()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"api_key": " "}, "api_key must be set"),
        ({"shop_id": "my shop"}, "shop_id = 'my shop': expected the number of your shop, such as 2000"),
        ({"shop_url": "http://shop.example"}, "is not https"),
        ({"call_gaps": "OR12=5"}, "call_gaps: 'OR12=5'"),
        ({"calls_per_second": "fast"}, "calls_per_second = 'fast'"),
        ({"orders_since": "Monday"}, "orders_since = 'Monday'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(changed: dict[str, str], why: str) -> None:
    settings = {"shop_url": "https://shop.example", **changed}
    with pytest.raises(Misconfigured) as refused:
        Mirakl(Connection(1, "m", "mirakl", settings, {"api_key": changed.get("api_key", "k")}))
    assert why in str(refused.value)
