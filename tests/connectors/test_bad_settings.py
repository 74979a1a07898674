"""`stockline connection add` and `change` refuse settings of which no channel can be built, for every connector."""

from __future__ import annotations

import json
import re

import pytest

from connectors.kit import registry
from tests.cli.conftest import Done, Run, run
from tests.connectors.test_connect_docs import GUIDES, TYPED, Typed

__all__ = ["run"]
BY_GUIDE = {typed.channel: typed for typed in TYPED if typed.guide in GUIDES}
PACE = "expected a number from 0.01 to 1000"
DATE = "orders_since = 'soon': expected a date such as 2026-11-01"
EXAMPLE = "expected an address such as https://shop.example\n"
QUERY, BLANK = f"what begins with ? or #; {EXAMPLE}", f"it holds a blank; {EXAMPLE}"
HOST = f"its host or port cannot be; {EXAMPLE}"
BAD = [
    ("amazon", "region", "moon", "setting region: use na or eu or fe\n"),
    ("amazon", "orders_since", "soon", DATE),
    (
        "amazon",
        "marketplaces",
        "A13V1IB3VIYZZH,ATVPDKIKX0DER",
        "stockline: marketplaces: ATVPDKIKX0DER belongs to region na, and region is eu: each region takes a "
        "connection of its own\n",
    ),
    ("douyin", "shop_id", "mine", "shop_id = 'mine': expected a number, as the open platform shows it"),
    ("ebay", "calls_per_second", "abc", f"calls_per_second = 'abc': {PACE}"),
    ("magento", "source_code", "a b", "source_code = 'a b': expected a code such as default"),
    ("medusa", "calls_per_second", "abc", f"calls_per_second = 'abc': {PACE}"),
    ("mirakl", "shop_id", "mine", "shop_id = 'mine': expected the number of your shop, such as 2000"),
    ("pinduoduo", "behind_s", "-1", "behind_s = '-1': expected whole seconds from 0 to 3600"),
    (
        "shopify",
        "shop_url",
        "shop.example",
        "shop_url = 'shop.example': it lacks https:// at its beginning: write https://shop.example\n",
    ),
    (
        "magento",
        "shop_url",
        "shop.example:8443/store",
        "shop_url = 'shop.example:8443': it lacks https:// at its beginning: write https://shop.example:8443\n",
    ),
    (
        "mirakl",
        "shop_url",
        "127.0.0.1:9000",
        "shop_url = '127.0.0.1:9000': it lacks http:// at its beginning: write http://",
    ),
    ("medusa", "shop_url", "sk_8f3aSecretKey", "shop_url = '(no host)': expected an address such as https://shop.e"),
    ("medusa", "shop_url", "eyJhbGciOi.eyJzdWIiOiIx.dBjftJeZ4CVP1", "shop_url = '(no host)': expected an address"),
    ("taobao", "orders_since", "soon", DATE),
    ("vendure", "money_decimals", "x", "setting money_decimals: use 0 or 2 or 3\n"),
    ("woocommerce", "zone", "Mars/Base", "zone = 'Mars/Base': expected an IANA name such as Europe/Berlin"),
    ("amazon", "login_url", "https://login.example/?x", f"login_url = 'https://login.example': leave out {QUERY}"),
    ("amazon", "api_url", "https://api example", f"api_url = 'https://api example': {BLANK}"),
    (
        "woocommerce",
        "shop_url",
        "https://shop.example/wp-admin/?x=1",
        f"shop_url = 'https://shop.example': leave out {QUERY}",
    ),
    ("woocommerce", "shop_url", "https://shop_example:abc", f"shop_url = 'https://shop_example:abc': {HOST}"),
    ("magento", "shop_url", "https://shop.example:99999", f"shop_url = 'https://shop.example:99999': {HOST}"),
    ("mirakl", "shop_url", "https://name mirakl.net", f"shop_url = 'https://name mirakl.net': {BLANK}"),
    (
        "vendure",
        "shop_url",
        "https://user:pw@shop.example",
        "shop_url = 'https://shop.example': leave out what stands before the @: a user name or password has no ",
    ),
    ("ebay", "api_url", "http://api.example", "api_url = 'http://api.example': it is not https; enter the https "),
    ("taobao", "gateway_url", "https://", "gateway_url = '(no host)': expected an address"),
    ("x12", "zone", "Mars/Base", "zone = 'Mars/Base'"),
    ("x12", "outbound_dir", "/srv/edi/acme//in/", "inbound_dir and outbound_dir are both '/srv/edi/acme//in/': they "),
    ("x12", "archive_dir", "/srv/edi/acme/in", "inbound_dir and archive_dir are both '/srv/edi/acme/in': they must"),
    ("x12", "our_id", "STOCKLINE-GERMANY", "setting our_id = 'STOCKLINE-GERMANY': expected at most 15 characters"),
    (
        "x12",
        "partner_id",
        "PARTNER-ID-OF-16",
        "setting partner_id = 'PARTNER-ID-OF-16': expected at most 15 characters",
    ),
    ("x12", "partner_id", "MYCOMPANY", "our_id and partner_id are both 'MYCOMPANY': each side has an id of its own"),
    ("x12", "currency", "EURO", "setting currency = 'EURO': expected 3 letters such as USD"),
    ("x12", "country", "U5", "setting country = 'U5': expected 2 letters such as US"),
    ("x12", "settle_s", "abc", "setting settle_s = 'abc': expected seconds such as 1"),
    ("x12", "sftp_port", "0", "setting sftp_port = '0': expected a port such as 22"),
    (
        "feed",
        "calls_per_day",
        "many",
        "calls_per_day = 'many': use a whole number from 1 to 1000000000, such as 5000\n",
    ),
]


TOGETHER = [
    ("amazon", {"login_url": "https://a b", "search_every": "often", "feed_from": "0", "marketplaces": "a b"}),
    ("amazon", {"queue_arn": "orders", "queue_url": "https://[::1", "api_url": "http://api.example"}),
    ("douyin", {"shop_id": "mine", "gateway_url": "https://[::1", "orders_since": "soon"}),
    ("ebay", {"api_url": "https://[::1", "calls_per_second": "abc", "orders_since": "soon"}),
    ("magento", {"shop_url": "https://[::1", "store_code": "a b", "source_code": "c d", "website": "e f"}),
    ("magento", {"sources": "BER, MUC=a b", "calls_per_second": "abc"}),
    ("medusa", {"shop_url": "https://[::1", "calls_per_second": "abc", "orders_since": "soon"}),
    ("mirakl", {"shop_id": "mine", "call_gaps": "all=1", "calls_per_second": "abc", "orders_since": "soon"}),
    ("pinduoduo", {"behind_s": "-1", "gateway_url": "https://[::1", "calls_per_second": "abc"}),
    ("shopify", {"shop_url": "https://[::1", "api_version": "newest", "location_id": "main shop"}),
    ("taobao", {"gateway_url": "https://[::1", "calls_per_second": "abc", "orders_since": "soon"}),
    ("vendure", {"shop_url": "https://[::1", "calls_per_second": "abc", "orders_since": "soon"}),
    ("woocommerce", {"shop_url": "https://[::1", "zone": "Mars/Base", "calls_per_day": "many"}),
    ("x12", {"settle_s": "abc", "patience_s": "abc", "sftp_port": "0", "zone": "Mars/Base", "currency": "EURO",
             "country": "U5", "our_id": "STOCKLINE-GERMANY", "archive_dir": "/srv/edi/acme/in"}),
]  # fmt: skip
"""Several settings of one connector that cannot be: each has its sentence."""


def _add(run: Run, typed: Typed, monkeypatch: pytest.MonkeyPatch, **bad: str) -> Done:
    monkeypatch.setenv("TEST_SECRET", "x" * 24)
    pairs = [text for name, value in (typed.settings | bad).items() for text in ("--set", f"{name}={value}")]
    secrets = [text for name in typed.secrets for text in ("--secret", f"{name.partition('=')[0]}=env:TEST_SECRET")]
    return run("connection", "add", typed.channel, typed.name, *pairs, *secrets)


def test_every_connector_is_tried() -> None:
    assert {channel for channel, *_ in BAD} == set(registry.names())


@pytest.mark.parametrize(("channel", "field", "value", "words"), BAD, ids=lambda part: part[:20])
def test_a_setting_that_cannot_be_used_is_refused_in_one_sentence_and_stores_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, channel: str, field: str, value: str, words: str
) -> None:
    done = _add(run, BY_GUIDE[channel], monkeypatch, **{field: value})
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    assert done.err.startswith("stockline: ") and words in done.err and "pw" not in done.err
    assert json.loads(run("connection", "--json").out) == []


@pytest.mark.parametrize(("channel", "bad"), TOGETHER, ids=lambda part: part if isinstance(part, str) else "")
def test_all_that_cannot_be_used_is_named_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, channel: str, bad: dict[str, str]
) -> None:
    done = _add(run, BY_GUIDE[channel], monkeypatch, **bad)
    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "") and all(line.startswith("stockline: ") for line in lines), done
    named = [{name for name in bad if re.search(rf"\b{name}( =|:| are both|\s)", line)} for line in lines]
    assert set.union(*named) == set(bad), done.err
    assert len(lines) >= len(bad), "a line for each"


def test_what_is_said_of_a_field_by_the_hub_is_not_said_again_by_the_connector(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _add(run, BY_GUIDE["amazon"], monkeypatch, region="moon", feed_from="0")
    assert done.err == (
        "stockline: feed_from = '0': expected a whole number from 1 on\nstockline: setting region: use na or eu or fe\n"
    )


def test_a_change_is_held_to_the_same_and_leaves_all_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = BY_GUIDE["woocommerce"]
    assert _add(run, typed, monkeypatch).code == 0
    refused = run("connection", "change", typed.name, "--set", "zone=Mars/Base")
    assert (refused.code, refused.err) == (
        2, "stockline: zone = 'Mars/Base': expected an IANA name such as Europe/Berlin\n"
    )  # fmt: skip
    assert "Mars" not in run("doctor").out
    assert run("connection", "change", typed.name, "--set", "zone=Europe/Paris").code == 0
