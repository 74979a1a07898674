"""The check says what is missing of app, session and permissions, and opens the shop's queue."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.taobao.client import Queue
from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Finding
from tests.connectors.contract import SHOPPER
from tests.connectors.taobao.conftest import connect


def failed(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.what for finding in findings if not finding.ok]


def test_a_shop_without_fault_is_looked_at_from_every_side(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    before = (sandbox.book(), dict(sandbox.shown_stock()), dict(sandbox.shop.messages))
    assert [(finding.what, finding.ok, finding.repaired) for finding in channel.check()] == [
        (what, True, False)
        for what in (
            "app and session", "permission to read changed orders", "permission to read orders",
            "permission to read refunds", "permission to read products", "permission to read stock",
            "permission to write stock", "permission to write stock without SKUs",
            "permission to read carriers", "permission to ship", "message queue",
        )
    ]  # fmt: skip
    assert (sandbox.book(), dict(sandbox.shown_stock()), dict(sandbox.shop.messages)) == before


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("taobao.trades.sold.increment.get", "permission to read changed orders"),
        ("taobao.trade.fullinfo.get", "permission to read orders"),
        ("taobao.refund.get", "permission to read refunds"),
        ("taobao.items.onsale.get", "permission to read products"),
        ("taobao.item.seller.get", "permission to read stock"),
        ("taobao.skus.quantity.update", "permission to write stock"),
        ("taobao.item.quantity.update", "permission to write stock without SKUs"),
        ("taobao.logistics.companies.get", "permission to read carriers"),
        ("taobao.logistics.offline.send", "permission to ship"),
    ],
)
def test_a_missing_permission_is_named_with_its_call(
    method: str, what: str, sandbox: TaobaoSandbox, channel: Taobao
) -> None:
    sandbox.gate.denied.add(method)
    (finding,) = [finding for finding in channel.check() if not finding.ok]
    assert finding.what == what
    assert finding.mend.startswith(f"the app may not call {method}: apply for its permission package")


@pytest.mark.parametrize("name", ["app_key", "app_secret", "session_key"])
def test_wrong_credentials_end_the_check(name: str, sandbox: TaobaoSandbox) -> None:
    findings = connect(sandbox, **{name: "4321", "refresh_token": ""}).check()
    assert [(finding.what, finding.ok) for finding in findings] == [("app and session", False)]
    assert findings[0].mend.startswith("check app_key and app_secret")


def test_a_queue_that_is_not_open_is_opened_for_all_topics(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.routes.topics = None
    assert [finding.what for finding in channel.check() if finding.repaired] == ["message queue"]
    assert sandbox.routes.topics == ()
    assert not [finding for finding in channel.check() if finding.repaired]


def test_topics_that_are_missing_are_added_to_those_there_are(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.routes.topics = ("taobao_refund_RefundCreated", Queue.topics[0])
    assert [finding.what for finding in channel.check() if finding.repaired] == ["message queue"]
    assert sandbox.routes.topics == ("taobao_refund_RefundCreated", *Queue.topics)


def test_an_app_without_message_service_is_told_both_ways_out(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.routes.topics = None
    sandbox.gate.denied.add("taobao.tmc.user.permit")
    (finding,) = [finding for finding in channel.check() if not finding.ok]
    assert finding.mend.startswith(
        "subscribe to the trade topics in the app's console (消息服务), or set message_queue"
    )
    assert failed(connect(sandbox, message_queue="no").check()) == []


def test_messages_that_go_into_another_group_are_told(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(group="vip"))
    assert failed(connect(sandbox).check()) == []
    (finding,) = [finding for finding in connect(sandbox, queue_group="other").check() if not finding.ok]
    assert finding.mend == "the shop's messages go into group 'vip': correct it"


def test_a_check_during_an_outage_is_retryable(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.outage(60)
    with pytest.raises(ChannelDown):
        channel.check()
