"""The check says exactly what is missing, and changes nothing."""

from __future__ import annotations

import pytest

from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from tests.connectors.contract import SHOPPER
from tests.connectors.pinduoduo.conftest import Clock, connect

CALLS = {
    "pdd.order.number.list.increment.get": "permission to read changed orders",
    "pdd.order.information.get": "permission to read an order",
    "pdd.refund.list.increment.get": "permission to read refunds",
    "pdd.goods.list.get": "permission to read goods",
    "pdd.goods.detail.get": "permission to read a SKU's stock",
    "pdd.goods.quantity.update": "permission to write stock",
    "pdd.logistics.companies.get": "permission to read carriers",
    "pdd.logistics.online.send": "permission to ship orders",
    "pdd.order.upload.extra.logistics": "permission to tell further parcels",
}


@pytest.mark.parametrize("denied", CALLS)
def test_each_call_that_the_app_may_not_use_is_named(
    denied: str, sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    sandbox.calls.denied = {denied}
    (wrong,) = [finding for finding in channel.check() if not finding.ok]
    assert wrong.what == CALLS[denied]
    assert wrong.mend.startswith(f"the app may not call {denied}: apply for its permission package")


def test_a_check_tries_every_call_and_changes_nothing(sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    before = sandbox.book(), sandbox.shown_stock()
    findings = channel.check()
    assert [finding.what for finding in findings] == ["app and access token", *CALLS.values()]
    assert all(finding.ok for finding in findings)
    assert (sandbox.book(), sandbox.shown_stock()) == before


@pytest.mark.parametrize("wrong", ["client_id", "client_secret", "access_token"])
def test_wrong_credentials_are_the_only_finding(wrong: str, sandbox: PinduoduoSandbox, clock: Clock) -> None:
    (finding,) = connect(sandbox, clock, **{wrong: "wrong", "refresh_token": ""}).check()
    assert (finding.what, finding.ok) == ("app and access token", False)
    assert finding.mend.startswith(
        "the platform refused the app or its token: check client ID and secret, and authorize the app again: "
    )
