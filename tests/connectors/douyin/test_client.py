"""The open platform's calls: signature, a token that renews itself, and what each of its codes means for us."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from connectors.douyin.client import Gateway
from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from connectors.kit.auth.signing import sign_douyin, sign_douyin_message
from connectors.kit.practice.server import Reply, Request
from connectors.kit.wire.gateway import NotGranted
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Conflict,
    Misconfigured,
    Rejected,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.ports.channel import Connection
from tests.connectors.contract import SHOPPER
from tests.connectors.douyin.conftest import connect

GATEWAY = "https://platform.example"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOKEN = "token-4711-of-the-shop"


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def connection(**settings: str) -> Connection:
    given = {"app_key": "7000000000000000000", "shop_id": "77001", "gateway_url": GATEWAY, **settings}
    return Connection(1, "d", "douyin", given, {"app_secret": "the-app-secret"})


@pytest.fixture
def remote() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        given = {"access_token": TOKEN, "expires_in": 604800}
        mock.post(f"{GATEWAY}/token/create", json={"code": 10000, "data": given})
        yield mock


def refusal(code: int, sub: str = "", words: str = "no") -> dict[str, Any]:
    return {"code": code, "msg": "failed", "sub_code": sub, "sub_msg": words}


def test_a_call_is_signed_over_the_very_bytes_that_are_sent(remote: responses.RequestsMock) -> None:
    remote.post(f"{GATEWAY}/sku/list", json={"code": 10000, "data": []})
    Gateway(connection(), lambda: NOW).read("sku.list", {"product_id": "1", "a": "<甲&乙>"})
    sent = remote.calls[-1].request
    query = dict(parse_qsl(urlsplit(str(sent.url)).query))
    assert sent.body == '{"a":"<甲&乙>","product_id":"1"}'.encode()
    assert query == {
        "app_key": "7000000000000000000", "method": "sku.list", "timestamp": str(int(NOW.timestamp())), "v": "2",
        "sign_method": "hmac-sha256", "access_token": TOKEN,
        "sign": sign_douyin("the-app-secret", query | {"param_json": '{"a":"<甲&乙>","product_id":"1"}'}),
    }  # fmt: skip


def test_an_app_of_the_shop_itself_gets_its_token_by_asking(remote: responses.RequestsMock) -> None:
    Gateway(connection(), lambda: NOW).renew()
    assert json.loads(remote.calls[0].request.body or b"") == {
        "code": "", "grant_type": "authorization_self", "shop_id": "77001",
    }  # fmt: skip
    assert "access_token" not in str(remote.calls[0].request.url)


@pytest.mark.parametrize(
    ("answer", "read", "written"),
    [
        (refusal(20000, "dop.service-error"), ChannelDown, TimedOut),
        (refusal(20001), ChannelDown, TimedOut),
        (refusal(90000, "dop.unknown-error"), ChannelDown, TimedOut),
        (refusal(60000), Throttled, Throttled),
        (refusal(30001, "isv.app-permissions-insufficient"), NotGranted, NotGranted),
        (refusal(30001, "dop.authorization-closed"), AuthFailed, AuthFailed),
        (refusal(30002), Misconfigured, Misconfigured),
        (refusal(40003, "isv.timestamp-invalid"), Misconfigured, Misconfigured),
        (refusal(40003, "isv.signature-invalid"), AuthFailed, AuthFailed),
        (refusal(40003, "isv.access-token-invalid"), AuthFailed, AuthFailed),
        (refusal(40003, "isv.parameter-format-invalid"), Rejected, Rejected),
        (refusal(40003, "isv.idempotent-id-existed"), Conflict, Conflict),
        (refusal(50002, "isv.business-failed:1"), Rejected, Rejected),
        (refusal(80000), AuthFailed, AuthFailed),
        ({"err_no": 7, "message": "no"}, Rejected, Rejected),
        (["no object"], ChannelDown, TimedOut),
        ({"hello": 1}, ChannelDown, TimedOut),
    ],
)
def test_each_code_of_the_platform_is_one_of_our_errors(
    answer: Any, read: type[StocklineError], written: type[StocklineError], remote: responses.RequestsMock
) -> None:
    remote.post(f"{GATEWAY}/sku/list", json=answer)
    gateway = Gateway(connection(), lambda: NOW)
    for call, expected in ((gateway.read, read), (gateway.write, written)):
        with pytest.raises(StocklineError) as caught:
            call("sku.list", {})
        assert type(caught.value) is expected
        assert "sku.list" in str(caught.value)


def test_the_older_form_of_a_good_answer_is_good_too(remote: responses.RequestsMock) -> None:
    remote.post(f"{GATEWAY}/sku/list", json={"err_no": 0, "message": "success", "data": [1]})
    assert Gateway(connection(), lambda: NOW).read("sku.list", {}) == [1]


def test_neither_token_nor_secret_is_ever_in_a_message(remote: responses.RequestsMock) -> None:
    words = f"access_token不存在: {TOKEN} the-app-secret"
    remote.post(f"{GATEWAY}/sku/list", json=refusal(40003, "isv.access-token-no-existed", words))
    with pytest.raises(AuthFailed) as caught:
        Gateway(connection(), lambda: NOW).read("sku.list", {})
    assert str(caught.value) == "sku.list: 40003 isv.access-token-no-existed access_token不存在: *** ***"


def test_a_limit_keeps_the_next_call_back(remote: responses.RequestsMock) -> None:
    remote.post(f"{GATEWAY}/sku/list", json=refusal(60000))
    with pytest.raises(Throttled) as caught:
        Gateway(connection(), lambda: NOW).read("sku.list", {})
    assert caught.value.retry_after == 1.0


def test_a_token_that_was_replaced_is_replaced_here_too(sandbox: DouyinSandbox, channel: Douyin) -> None:
    placed = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert channel.fetch_order(placed) is not None
    sandbox.gate.revoke()
    assert channel.fetch_order(placed) is not None


def test_a_token_is_asked_for_once_and_again_before_it_ends(watched: Any) -> None:
    clock = Clock()
    sandbox: DouyinSandbox = watched(DouyinSandbox(clock=clock))
    asked: list[str] = []
    watch = sandbox.server.watch
    assert watch is not None

    def counting(request: Request, reply: Reply) -> None:
        asked.append(request.path)
        watch(request, reply)

    sandbox.server.watch = counting
    settings = Connection(1, "d", "douyin", sandbox.settings, sandbox.secrets)
    gateway = Gateway(settings, clock)
    for wait in (timedelta(0), timedelta(days=6, hours=23), timedelta(minutes=31)):
        clock.now += wait
        gateway.read("order.logisticsCompanyList", {})
    assert asked.count("/token/create") == 2


def test_a_clock_that_is_wrong_is_told_to_a_person(watched: Any) -> None:
    sandbox: DouyinSandbox = watched(DouyinSandbox(clock=lambda: NOW))
    with pytest.raises(Misconfigured, match="this machine's clock"):
        connect(sandbox).fetch_order("1")


@pytest.mark.parametrize("name", ["app_key", "shop_id"])
def test_numbers_that_are_none_are_refused_by_name(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} = 'abc'"):
        Douyin(connection(**{name: "abc"}))


def test_a_secret_is_needed() -> None:
    bare = Connection(1, "d", "douyin", connection().settings, {"app_secret": " "})
    with pytest.raises(Misconfigured, match="app_secret must be set"):
        Douyin(bare)


def test_the_sandbox_takes_no_body_but_the_one_that_was_signed() -> None:
    """Sorted names, no blanks: as the platform wants its `param_json`."""
    sandbox = DouyinSandbox()
    body = b'{"shop_id":"77001", "grant_type":"authorization_self","code":""}'
    stamp = str(int(datetime.now(UTC).timestamp()))
    query = {"app_key": sandbox.gate.app_key, "method": "token.create", "timestamp": stamp, "v": "2"}
    sign = sign_douyin(sandbox.gate.secret, query | {"param_json": body.decode()})
    query |= {"sign": sign, "sign_method": "hmac-sha256"}
    told = json.loads(sandbox._answer(Request("POST", "/token/create", query, {}, body)).body)
    assert told["sub_code"] == "isv.parameter-format-invalid"
    broken = json.loads(sandbox._answer(Request("POST", "/token/create", query | {"sign": "0" * 64}, {}, body)).body)
    assert broken["sub_code"] == "isv.signature-invalid"


def test_a_pushed_message_is_signed_over_app_key_body_and_secret() -> None:
    assert sign_douyin_message("7000", "s3cret", b'[{"tag":0}]') == hashlib.md5(b'7000[{"tag":0}]s3cret').hexdigest()
