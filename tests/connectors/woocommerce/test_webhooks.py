"""Webhooks and the check that registers and repairs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import responses

from connectors.kit.contract.receiver import Delivery, Receiver, receiving
from connectors.kit.hooks.signatures import sign_base64
from connectors.kit.practice.server import Reply, Request
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from connectors.woocommerce.spec import TOPICS
from connectors.woocommerce.webhooks import read
from hub.canonical.errors import AuthFailed, BadRecord, ChannelDown, Misconfigured, TimedOut
from hub.ports.channel import Connection, Finding, Notice
from tests.connectors.contract import ITEMS, SHOPPER
from tests.connectors.woocommerce.conftest import connect

UTC_ZONE = ZoneInfo("UTC")
ORDER = {"id": 7, "status": "processing", "line_items": [], "date_modified_gmt": "2026-11-23T08:00:00"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def signed(body: object, secret: str = "s", topic: str = "order.updated", delivery: str = "d1") -> Notice:
    raw = json.dumps(body).encode()
    headers = {"X-WC-Webhook-Signature": sign_base64(secret, raw), "x-wc-webhook-topic": topic}
    return read(headers | {"x-wc-webhook-delivery-id": delivery}, raw, ["s", "old"], UTC_ZONE)


def about(channel: WooCommerce, got: list[Delivery], topic: str) -> list[Notice]:
    notices = [channel.read_webhook(one.headers, one.body) for one in got]
    return [notice for notice in notices if notice.topic == topic]


def test_a_whole_order_is_a_record() -> None:
    notice = signed(ORDER)
    assert (notice.records[0].ref, notice.refetch, notice.stock_changed) == ("7", (), ())
    assert notice.triggered_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "body", "topic"),
    [
        ("deleted", {"id": 7}, "order.deleted"),
        ("a refund without its lines", ORDER | {"refunds": [{"id": 9, "total": "-1.00"}]}, "order.updated"),
    ],
)
def test_a_thin_body_is_read_again(_case: str, body: object, topic: str) -> None:
    notice = signed(body, topic=topic)
    assert (notice.records, notice.refetch) == ((), ("7",))


def test_a_product_means_changed_stock_of_it_and_its_variations() -> None:
    notice = signed({"id": 3, "stock_quantity": None, "variations": [31, 32]}, topic="product.updated")
    assert (notice.stock_changed, notice.refetch) == (("3", "31", "32"), ())


def test_a_false_topic_cannot_turn_an_order_into_stock() -> None:
    """The topic header is not signed."""
    assert [record.ref for record in signed(ORDER, topic="product.updated").records] == ["7"]


def test_two_orders_in_one_second_are_two_events_and_a_repeat_is_one() -> None:
    one, two, again = signed(ORDER), signed(ORDER | {"id": 8}), signed(ORDER)
    assert one.event_id == again.event_id != two.event_id


def test_both_secrets_are_good_while_a_rotation_lasts() -> None:
    assert signed(ORDER, secret="old").records
    with pytest.raises(AuthFailed):
        signed(ORDER, secret="older")


@pytest.mark.parametrize("body", [[], 7, "x", {}, {"id": 0}, {"id": None, "line_items": []}])
def test_a_signed_body_that_is_nothing_is_a_bad_record(body: object) -> None:
    with pytest.raises(BadRecord):
        signed(body)


def test_the_ping_is_taken_and_says_nothing() -> None:
    assert read({}, b"webhook_id=12", ["s"], UTC_ZONE) == Notice("ping.12", "ping")
    for more in (b"webhook_id=12&x=1", b"webhook_id=", b'{"webhook_id": 12}'):
        with pytest.raises(AuthFailed):
            read({}, more, ["s"], UTC_ZONE)


def test_without_a_secret_no_webhook_is_believed(sandbox: WooSandbox) -> None:
    with pytest.raises(Misconfigured):
        connect(sandbox, webhook_secret="").read_webhook({}, b"{}")


# ---- registered, pinged, delivered, switched off, repaired ----


def test_the_check_registers_every_topic_and_the_shop_pings(
    sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver
) -> None:
    findings = channel.check(receiver.url)
    assert [(f.what, f.ok, f.repaired) for f in findings] == [
        ("REST API v3", True, False),
        ("API key", True, False),
        ("write permission", True, False),
        ("time zone", True, False),
        *((f"webhook {topic}", True, True) for topic in TOPICS),
    ]
    got = receiver.wait(lambda got: len(got) == len(TOPICS))
    assert {channel.read_webhook(one.headers, one.body).topic for one in got} == {"ping"}


def test_every_kind_of_event_is_delivered(sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver) -> None:
    channel.check(receiver.url)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.edit_order(ref, "MUG-RED", 1)
    sandbox.change_stock_by_hand("MUG-BLUE", 5)
    sandbox.delete_order(ref)
    got = receiver.wait(lambda got: len(got) == len(TOPICS) + 4)
    topics = [channel.read_webhook(one.headers, one.body).topic for one in got][len(TOPICS) :]
    assert topics == ["order.created", "order.updated", "product.updated", "order.deleted"]
    assert about(channel, got, "order.deleted")[0].refetch == (ref,)
    blue = next(offer for offer in channel.pull_listings() if offer.sku == "MUG-BLUE")
    assert about(channel, got, "product.updated")[0].stock_changed == (blue.listing_ref,)


def test_five_failures_in_a_row_switch_a_webhook_off_and_the_check_repairs_it(
    sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver
) -> None:
    channel.check(receiver.url)
    receiver.wait(lambda got: len(got) == len(TOPICS))
    receiver.status = 500
    for _ in range(7):
        sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        assert sandbox.hooks.deliverer.wait_idle()
    assert [hook.topic for hook in sandbox.hooks.all.values() if hook.status == "disabled"] == ["order.created"]
    assert len(receiver.got) == len(TOPICS) + 5
    receiver.status = 200
    repaired = [finding.what for finding in channel.check(receiver.url) if finding.repaired]
    assert repaired == ["webhook order.created"]
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    receiver.wait(lambda got: len(got) == len(TOPICS) + 6)


def test_a_success_forgets_earlier_failures(sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver) -> None:
    channel.check(receiver.url)
    receiver.wait(lambda got: len(got) == len(TOPICS))
    for status in (500, 500, 500, 500, 200, 500, 500, 500, 500):
        receiver.status = status
        sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        assert sandbox.hooks.deliverer.wait_idle()
    assert {hook.status for hook in sandbox.hooks.all.values()} == {"active"}


def test_a_new_secret_is_given_to_the_webhooks(sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver) -> None:
    channel.check(receiver.url)
    renewed = connect(sandbox, webhook_secret="brand new")
    assert len([f for f in renewed.check(receiver.url) if f.repaired]) == len(TOPICS)
    assert len(sandbox.hooks.all) == len(TOPICS)
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    got = receiver.wait(lambda got: any(one.headers.get("x-wc-webhook-topic") == "order.created" for one in got))
    created = next(one for one in got if one.headers.get("x-wc-webhook-topic") == "order.created")
    assert renewed.read_webhook(created.headers, created.body).records[0].ref == ref
    with pytest.raises(AuthFailed):
        channel.read_webhook(created.headers, created.body)


def test_the_webhooks_of_a_hub_that_answers_are_left_to_it(
    sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver
) -> None:
    """A restored copy of a hub has its secret, and must not take its events away."""
    channel.check("http://127.0.0.1:9/live")
    assert len([f for f in channel.check(receiver.url) if f.repaired]) == len(TOPICS)
    urls = [hook.url for hook in sandbox.hooks.all.values()]
    assert sorted(urls) == sorted(["http://127.0.0.1:9/live", receiver.url] * len(TOPICS))
    assert [f for f in channel.check("http://127.0.0.1:9/live") if f.repaired] == []


def test_what_the_shop_gave_up_on_is_taken_along_when_a_hub_moves_and_doubles_are_deleted(
    sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver
) -> None:
    channel.check("http://127.0.0.1:9/before")
    for hook in sandbox.hooks.all.values():
        hook.status = "disabled"
    assert len([f for f in channel.check(receiver.url) if f.repaired]) == len(TOPICS)
    assert {hook.url for hook in sandbox.hooks.all.values()} == {receiver.url}
    sandbox.hooks.create({"topic": "order.updated", "delivery_url": receiver.url, "secret": "s"})
    sandbox.hooks.create({"topic": "order.updated", "delivery_url": "http://127.0.0.1:9/others", "secret": "s"})
    assert [f.what for f in channel.check(receiver.url) if f.repaired] == ["webhook order.updated"]
    urls = {hook.url for hook in sandbox.hooks.all.values() if hook.topic == "order.updated"}
    assert urls == {"http://127.0.0.1:9/others", receiver.url}
    assert len(sandbox.hooks.all) == len(TOPICS) + 1


def test_a_registration_that_timed_out_is_not_made_twice(
    sandbox: WooSandbox, channel: WooCommerce, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sandbox.server, "_is_write", lambda request: (request.method, request.path[-9:]) == ("POST", "/webhooks")
    )
    sandbox.faults.force("timeout_after_effect", 1)
    with pytest.raises(TimedOut):
        channel.check(receiver.url)
    assert sandbox.faults.counts["timeout_after_effect"] == 1
    assert [finding for finding in channel.check(receiver.url) if not finding.ok] == []
    assert sorted(hook.topic for hook in sandbox.hooks.all.values()) == sorted(TOPICS)


# ---- what the check says ----


def failed(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.what for finding in findings if not finding.ok]


def test_a_key_that_may_only_read_is_found() -> None:
    sandbox = WooSandbox(permissions="read")
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        findings = connect(sandbox).check("http://127.0.0.1:9/x")
    finally:
        sandbox.stop()
    assert failed(findings) == ["write permission"]
    assert "Read/Write" in findings[-1].mend


def test_another_time_zone_is_found_and_the_rest_goes_on(sandbox: WooSandbox) -> None:
    findings = connect(sandbox, zone="Asia/Tokyo").check("http://127.0.0.1:9/x")
    assert failed(findings) == ["time zone"]
    assert "the site says America/New_York" in next(f.mend for f in findings if not f.ok)
    assert findings[-1].what == f"webhook {TOPICS[-1]}"


def test_a_missing_webhook_secret_is_found(sandbox: WooSandbox) -> None:
    assert failed(connect(sandbox, webhook_secret="").check("http://127.0.0.1:9/x")) == ["webhooks"]


def test_a_key_that_may_not_see_webhooks_is_told_with_all_else(sandbox: WooSandbox, channel: WooCommerce) -> None:
    answer = sandbox.server._answer

    def hiding(request: Request) -> Reply:
        if request.path.endswith("/webhooks"):
            return Reply.json({"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list."}, 403)
        return answer(request)

    sandbox.server._answer = hiding
    *fine, last = channel.check("https://hub.example/webhooks/1")
    assert [one.what for one in fine if one.ok] == ["REST API v3", "API key", "write permission", "time zone"]
    assert (last.what, last.ok) == ("webhooks", False)
    assert last.mend.startswith("make the key for a user who may manage the shop (")


def test_a_check_during_an_outage_is_retryable(sandbox: WooSandbox, channel: WooCommerce) -> None:
    sandbox.outage(60)
    with pytest.raises(ChannelDown):
        channel.check()


@responses.activate
@pytest.mark.parametrize("status", [200, 404])
def test_a_site_without_the_api_is_told_what_to_mend(status: int) -> None:
    responses.get("https://shop.example/wp-json/", status=status, json={"namespaces": ["wp/v2"]})
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secret": "w"}
    channel = WooCommerce(Connection(1, "w", "woocommerce", {"shop_url": "https://shop.example"}, keys))
    (finding,) = channel.check()
    assert (finding.what, finding.ok) == ("REST API v3", False)
    assert "permalinks" in finding.mend
