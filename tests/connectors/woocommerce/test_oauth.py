"""How the shop is signed in to: OAuth 1.0a over http, Basic over https, and never plain http by accident."""

from __future__ import annotations

import base64
import time

import pytest
import requests
import responses

from connectors.kit.auth.oauth1 import OAuth1
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from hub.canonical.errors import AuthFailed, Misconfigured
from hub.ports.channel import Connection
from tests.connectors.woocommerce.conftest import connect

KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secret": "w"}


def test_a_request_cannot_be_replayed_altered_or_sent_late(sandbox: WooSandbox) -> None:
    url, keys = sandbox.settings["shop_url"] + "/wp-json/wc/v3/orders", sandbox.secrets
    signed = requests.Request("GET", url, params={"page": "1"}).prepare()
    OAuth1(keys["consumer_key"], keys["consumer_secret"])(signed)
    header = {"Authorization": signed.headers["Authorization"]}

    def said(**params: str) -> tuple[int, str]:
        answer = requests.get(url, params=params, headers=header, timeout=5)
        return answer.status_code, str(answer.json()["message"]) if answer.status_code != 200 else ""

    assert said(page="2") == (401, "Invalid signature - provided signature does not match.")
    assert said(page="1") == (200, "")
    assert said(page="1") == (401, "Invalid nonce - nonce has already been used.")


def test_an_old_timestamp_is_refused(sandbox: WooSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    channel, now = connect(sandbox), time.time()
    monkeypatch.setattr("connectors.kit.auth.oauth1.time.time", lambda: now - 1000)
    monkeypatch.setattr("connectors.woocommerce.sandbox.auth.time", _Clock(now))
    with pytest.raises(AuthFailed, match="Invalid timestamp"):
        list(channel.pull_orders(None))


class _Clock:
    def __init__(self, now: float) -> None:
        self.time = lambda: now


def test_basic_auth_over_http_is_refused(sandbox: WooSandbox) -> None:
    keys = (sandbox.secrets["consumer_key"], sandbox.secrets["consumer_secret"])
    answer = requests.get(sandbox.settings["shop_url"] + "/wp-json/wc/v3/orders", auth=keys, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_cannot_view")


@responses.activate
def test_over_https_the_keys_are_sent_as_basic_auth() -> None:
    responses.get("https://shop.example/blog/wp-json/wc/v3/orders", json=[])
    channel = WooCommerce(Connection(1, "w", "woocommerce", {"shop_url": "https://shop.example/blog/"}, KEYS))
    assert list(channel.pull_orders(None)) == []
    sent = responses.calls[0].request
    assert sent.headers["Authorization"] == "Basic " + base64.b64encode(b"ck_1:cs_1").decode()
    assert "ck_1" not in str(sent.url)


@pytest.mark.parametrize(
    ("_case", "settings", "secrets", "says"),
    [
        ("plain http", {"shop_url": "http://shop.example"}, KEYS, "not https"),
        ("no address", {}, KEYS, "shop_url must be set: The WordPress address, such as"),
        ("no key", {"shop_url": "https://shop.example"}, {}, "consumer_key must be set: WooCommerce > Settings"),
        ("unknown zone", {"shop_url": "https://shop.example", "zone": "Mars/Base"}, KEYS, "IANA"),
        ("a path as zone", {"shop_url": "https://shop.example", "zone": "../../etc/passwd"}, KEYS, "IANA"),
        ("odd pace", {"shop_url": "https://shop.example", "calls_per_second": "fast"}, KEYS, "0.01 to 1000"),
        ("odd date", {"shop_url": "https://shop.example", "orders_since": "last week"}, KEYS, "orders_since"),
        ("endless pace", {"shop_url": "https://shop.example", "calls_per_second": "inf"}, KEYS, "0.01 to 1000"),
    ],
)
def test_wrong_settings_say_what_would_be_right(
    _case: str, settings: dict[str, str], secrets: dict[str, str], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        WooCommerce(Connection(1, "w", "woocommerce", settings, secrets))


def test_plain_http_works_where_it_is_allowed() -> None:
    settings = {"shop_url": "http://shop.internal", "allow_http": "yes"}
    assert "shop.internal" in repr(WooCommerce(Connection(1, "w", "woocommerce", settings, KEYS)))
